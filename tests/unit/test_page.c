/* SPDX-License-Identifier: MIT */
/* unit.page: which page a query asks for, and what is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "label.h"
#include "page.h"

static void
test_good(void **state)
{
	struct faults faults = { 0 };
	struct page page;

	(void)state;
	assert_int_equal(page_read(&page, PAGE_HISTORY, "", &faults), 0);
	assert_int_equal(page.limit, PAGE_LIMIT);
	assert_int_equal(page.status, JOB_STATUS__MAX);
	assert_string_equal(page.from.id, "");
	assert_int_equal(page_read(&page, PAGE_HISTORY,
			     "status=failed&limit=500&cursor=MTI6YQ", &faults),
	    0);
	assert_int_equal(page.limit, 500);
	assert_int_equal(page.status, JOB_FAILED);
	assert_string_equal(page.from.id, "a");
	assert_int_equal(page.from.created_at, 12);
}

static void
test_tags(void **state)
{
	static const struct {
		const char *text, *term; /* NULL: a fault */
	} rows[] = {
		{ "tag=plan", "plan:" },
		{ "tag=plan:free", "plan:free" },
		{ "tag=plan%3Afree-1_A", "plan:free-1_A" },
		{ "tag=", NULL },
		{ "tag=:free", NULL },
		{ "tag=plan:", NULL },
		{ "tag=plan:free:x", NULL },
		{ "tag=a+b", NULL },
	};
	struct faults faults;
	struct page page;
	size_t i;
	int result;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&faults, 0, sizeof(faults));
		result = page_read(&page, PAGE_EMAILS, rows[i].text, &faults);
		assert_int_equal(result, rows[i].term != NULL ? 0 : -1);
		if (result == 0) {
			assert_string_equal(page.terms[0], rows[i].term);
			assert_string_equal(page.filter, "tag");
		}
		faults_free(&faults);
	}
}

/* The longest tag that a mail can have is found by. */
static void
test_longest_tag(void **state)
{
	char text[4 + 2 * LABEL_TAG_MAX + 2] = "tag=";
	struct faults faults = { 0 };
	struct page page;

	(void)state;
	memset(text + 4, 'x', sizeof(text) - 5);
	text[4 + LABEL_TAG_MAX] = ':';
	assert_int_equal(page_read(&page, PAGE_HISTORY, text, &faults), 0);
	assert_string_equal(page.terms[0], text + 4);
}

static void
test_bad(void **state)
{
	static const struct {
		const char *text, *first;
		size_t count;
	} rows[] = {
		{ "limit=0", "limit must be a number from 1 to 500", 1 },
		{ "limit=501", "limit must be a number from 1 to 500", 1 },
		{ "limit=-1", "limit must be a number from 1 to 500", 1 },
		{ "limit=1x", "limit must be a number from 1 to 500", 1 },
		{ "limit=", "limit must be a number from 1 to 500", 1 },
		{ "limit=99999999999999999999",
		    "limit must be a number from 1"
		    " to 500",
		    1 },
		{ "limit=5&limit=5", "limit is given twice", 1 },
		{ "cursor=!",
		    "cursor is not a next_cursor or prev_cursor of "
		    "this API",
		    1 },
		{ "status=done&cursor=x",
		    "status must be one of queued, "
		    "scheduled, processing, retrying, "
		    "completed, failed, cancelled, "
		    "unknown",
		    2 },
		{ "Limit=5",
		    "Limit is not a parameter: did you mean "
		    "limit?",
		    1 },
		{ "zzz", "zzz is not a parameter", 1 },
	};
	struct faults faults;
	struct page page;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&faults, 0, sizeof(faults));
		assert_int_equal(page_read(&page, PAGE_HISTORY, rows[i].text,
				     &faults),
		    -1);
		assert_memory_equal(faults.summary.data, rows[i].first,
		    strlen(rows[i].first));
		assert_int_equal(faults.count, rows[i].count);
		faults_free(&faults);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_longest_tag),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
