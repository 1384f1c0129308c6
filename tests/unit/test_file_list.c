/* SPDX-License-Identifier: MIT */
/* unit.file_list: the field `attachments` in all its spellings, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "file_list.h"
#include "json_scan.h"

static struct extras *extras;
static struct faults faults;

static int
make_extras(void **state)
{
	(void)state;
	extras = extras_new();
	return 0;
}

static int
free_extras(void **state)
{
	(void)state;
	extras_free(extras);
	faults_free(&faults);
	return 0;
}

static void
read_list(const char *text)
{
	const struct json_value list = json_value_of(text, strlen(text));
	struct json_fault fault;

	if (json_scan(text, strlen(text), &fault) == -1)
		fail_msg("%s: %s", text, fault.what);
	file_list_read(extras, &list, &faults);
}

static void
test_spellings(void **state)
{
	static const char bytes[] = "a\xff\0b/";

	(void)state;
	read_list(
	    "[{\"content\":\"Yf8AYi8=\",\"filename\":\"a.pdf\","
	    "\"content_type\":\"application/pdf\"},"
	    "{\"content\":[97,255 , 0,\n98,47],\"content_id\":\"x\"},"
	    "{\"content\":{\"type\":\"Buffer\",\"data\":"
	    "[97,255,0,98,47]},\"content_type\":null},"
	    "{\"content\":{\"data\":[97,255,0,98,47],"
	    "\"type\":\"Buffer\"}},"
	    "{\"content\":\"Yf8\\u0041Yi\\u0038\\n=\"},"
	    "{\"filename\":\"empty\",\"content\":\"\"},"
	    "{\"content\":[],\"filename\":false,\"path\":null,"
	    "\"inline_content_id\":\"y\"},{\"content\":\"\\/\\/\\/\\/\"}]");
	assert_int_equal(faults.count, 0);
	assert_int_equal(extras->attachments_len, 8);
	assert_string_equal(extras->attachments[0].filename, "a.pdf");
	assert_string_equal(extras->attachments[0].content_type,
	    "application/pdf");
	assert_string_equal(extras->attachments[1].content_id, "x");
	assert_null(extras->attachments[2].content_type);
	assert_string_equal(extras->attachments[6].content_id, "y");
	assert_null(extras->attachments[6].filename);
	assert_int_equal(extras->attachments[5].size, 0);
	assert_int_equal(extras->attachments[6].size, 0);
	assert_int_equal(extras->files_len, 5 * 5 + 3);
	assert_memory_equal(extras->files, bytes, 5);
	assert_memory_equal(extras->files + 20, bytes, 5);
	assert_memory_equal(extras->files + 25, "\xff\xff\xff", 3);
}

static const struct {
	const char *text;
	size_t count;
	const char *first;
} bad[] = {
	{ "[1]", 1, "attachments[0] must be an object, not a number" },
	{ "[{}]", 1, "attachments[0] has no content" },
	{ "[{\"content\":\"x\"}]", 1,
	    "attachments[0].content is not base64 with its padding" },
	{ "[{\"content\":null}]", 1,
	    "attachments[0].content must be base64, a "
	    "list of numbers from 0 to 255" },
	{ "[{\"content\":[256]}]", 1, NULL },
	{ "[{\"content\":[-1]}]", 1, NULL },
	{ "[{\"content\":[1.5]}]", 1, NULL },
	{ "[{\"content\":[1e1]}]", 1, NULL },
	{ "[{\"content\":[1000]}]", 1, NULL },
	{ "[{\"content\":[\"1\"]}]", 1, NULL },
	{ "[{\"content\":[[1]]}]", 1, NULL },
	{ "[{\"content\":[true]}]", 1, NULL },
	{ "[{\"content\":{\"type\":\"Buffer\"}}]", 1, NULL },
	{ "[{\"content\":{\"data\":[1]}}]", 1, NULL },
	{ "[{\"content\":{\"type\":\"Buffer\",\"data\":[1],\"x\":1}}]", 1,
	    NULL },
	{ "[{\"content\":\"\",\"path\":\"/etc/passwd\"}]", 1,
	    "attachments[0].path is not taken: send the file's bytes" },
	{ "[{\"content\":\"\",\"file_name\":\"a\"}]", 1,
	    "attachments[0] has a field file_name, which is none: did you "
	    "mean filename?" },
	{ "[{\"content\":\"\",\"zzzzzz\":\"a\"}]", 1,
	    "attachments[0] has a field zzzzzz, which is none" },
	{ "[{\"content\":\"\",\"\":\"a\"}]", 1, NULL },
	{ "[{\"content\":\"\",\"content_id\":\"a\",\"inline_content_id\":"
	  "\"b\"}]",
	    1, "attachments[0].inline_content_id is given twice" },
	{ "[{\"content\":\"\",\"filename\":true}]", 1,
	    "attachments[0].filename must be a string, not a boolean" },
	{ "[{\"content\":\"\",\"filename\":7}]", 1,
	    "attachments[0].filename must be a string, not a number" },
	{ "[{\"content\":\"\",\"filename\":\"\"}]", 1, NULL },
	{ "[{\"content\":\"\",\"filename\":\"../a\"}]", 1,
	    "attachments[0].filename must be a name, not a path" },
	{ "[{\"content\":\"\"},{\"content\":\"?\",\"filename\":\"a/b\","
	  "\"content_type\":\"x\",\"content_id\":\"a b\"}]",
	    4, "attachments[1].content" },
};

static void
test_bad(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		free_extras(state);
		make_extras(state);
		read_list(bad[i].text);
		if (faults.count != bad[i].count ||
		    (bad[i].first != NULL &&
			strncmp(faults.summary.data, bad[i].first,
			    strlen(bad[i].first)) != 0))
			fail_msg("%s: %zu faults, %s", bad[i].text,
			    faults.count,
			    faults.count > 0 ? faults.summary.data : "");
	}
}

static void
test_many(void **state)
{
	struct buffer text = { 0 };
	int i;

	(void)state;
	for (i = 0; i <= ATTACHMENTS_MAX; i++)
		buffer_printf(&text, "%s{\"content\":\"\"}",
		    i == 0 ? "[" : ",");
	buffer_add_text(&text, "]");
	read_list(text.data);
	assert_string_equal(faults.summary.data,
	    "attachments has more than 100 items");
	buffer_free(&text);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_extras, free_extras)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_spellings),
		TEST(test_bad),
		TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
