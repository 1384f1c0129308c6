/* SPDX-License-Identifier: MIT */
/* unit.label: tags and metadata, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "label.h"

struct row {
	const char *json;
	const char *kept; /* as JSON; NULL: it is not taken */
	const char *fault; /* how the first one begins */
};

static void
check(const struct row *row,
    void (*read)(struct buffer *, const struct json_value *, struct faults *))
{
	const struct json_value value =
	    json_value_of(row->json, strlen(row->json));
	struct faults faults = { 0 };
	struct buffer out = { 0 };

	read(&out, &value, &faults);
	if ((faults.count == 0) != (row->kept != NULL))
		fail_msg("%s: %zu faults", row->json, faults.count);
	if (row->kept != NULL)
		assert_string_equal(out.data, row->kept);
	else if (strncmp(faults.summary.data, row->fault, strlen(row->fault)) !=
	    0)
		fail_msg("%s: %s", row->json, faults.summary.data);
	faults_free(&faults);
	buffer_free(&out);
}

#define SHAPE "must be {\"name\", \"value\"}, both strings"

static void
test_tags(void **state)
{
	static const struct row rows[] = {
		{ "[]", "[]", NULL },
		{ "[ {\"value\": \"B-1\", \"name\":\"a_\"} ]",
		    "[{\"name\":\"a_\",\"value\":\"B-1\"}]", NULL },
		{ "[{\"name\":\"a\",\"value\":\"b\"},{\"name\":\"a\","
		  "\"value\":\"c\"}]",
		    "[{\"name\":\"a\",\"value\":\"b\"},{\"name\":\"a\","
		    "\"value\":\"c\"}]",
		    NULL },
		{ "[1]", NULL, "tags[0] must be an object" },
		{ "[{\"name\":\"a\"}]", NULL, "tags[0] " SHAPE },
		{ "[{\"name\":\"a\",\"value\":1}]", NULL, "tags[0] " SHAPE },
		{ "[{\"name\":\"a\",\"value\":\"b\",\"x\":\"y\"}]", NULL,
		    "tags[0] " SHAPE },
		{ "[{\"name\":\"a b\",\"value\":\"b\"}]", NULL,
		    "tags[0] must have letters" },
		{ "[{\"name\":\"a\",\"value\":\"b\"},{\"name\":\"\","
		  "\"value\":\"b\"}]",
		    NULL, "tags[1] must have letters" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], label_read_tags);
}

static void
test_metadata(void **state)
{
	static const struct row rows[] = {
		{ "{}", "{}", NULL },
		{ "{ \"a\": \"\\u00fc\\n\", \"b\" : -1.5e3, \"c\":true }",
		    "{\"a\":\"\xc3\xbc\\n\",\"b\":-1.5e3,\"c\":true}", NULL },
		{ "{\"a\":\"\"}", "{\"a\":\"\"}", NULL },
		{ "{\"a\":null}", NULL,
		    "metadata.a must be a string, a number or a boolean" },
		{ "{\"a\":[]}", NULL, "metadata.a must be" },
		{ "{\"a\":{}}", NULL, "metadata.a must be" },
		{ "{\"\":1}", NULL, "metadata. has a key that is empty" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], label_read_metadata);
}

/* The most of each is taken, and one more is not. */
static void
test_limits(void **state)
{
	struct buffer json = { 0 };
	size_t i, more;

	(void)state;
	for (more = 0; more < 2; more++) {
		buffer_clear(&json);
		for (i = 0; i < LABEL_TAGS_MAX + more; i++)
			buffer_printf(&json,
			    "%s{\"name\":\"%0*d\",\"value\":\"v\"}",
			    i > 0 ? "," : "[", LABEL_TAG_MAX, 0);
		buffer_add_text(&json, "]");
		check(&(struct row){ json.data, more == 0 ? json.data : NULL,
			  "tags has more than 50 items" },
		    label_read_tags);
		buffer_clear(&json);
		for (i = 0; i < LABEL_PAIRS_MAX + more; i++)
			buffer_printf(&json, "%s\"%0*zu\":\"%0*d\"",
			    i > 0 ? "," : "{", LABEL_KEY_MAX, i,
			    LABEL_VALUE_MAX, 0);
		buffer_add_text(&json, "}");
		check(&(struct row){ json.data, more == 0 ? json.data : NULL,
			  "metadata has more than 50 keys" },
		    label_read_metadata);
	}
	buffer_clear(&json);
	buffer_printf(&json, "{\"%0*d\":1}", LABEL_KEY_MAX + 1, 0);
	check(&(struct row){ json.data, NULL, "metadata.0" },
	    label_read_metadata);
	buffer_clear(&json);
	buffer_printf(&json, "{\"a\":\"%0*d\"}", LABEL_VALUE_MAX + 1, 0);
	check(&(struct row){ json.data, NULL,
		  "metadata.a has more than 512 bytes" },
	    label_read_metadata);
	buffer_free(&json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
