/* SPDX-License-Identifier: MIT */
/*
 * unit.json_scan: what is JSON for us, where the first fault is, and that
 * json-c's strict parser takes whatever we take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "buffer.h"
#include "json_scan.h"

static void
assert_json_c_takes(const char *text)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 2);
	json_object *value;

	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(tokener, text, (int)strlen(text) + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		fail_msg("json-c does not take: %s", text);
	json_object_put(value);
	json_tokener_free(tokener);
}

static void
test_good(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		" \t\r\n{ } ",
		"null",
		"\"\"",
		"{\"a\":1,\"b\":[true,false,null,\"x\"],\"c\":{\"a\":{}}}",
		"[0,-0,1.5,-1.5e+3,1E5,1e-400,9223372036854775807]",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u00fc\\uFFFF\"",
		"\"\\ud83d\\ude00 \xf0\x9f\x98\x80 \xc3\xbc \xe2\x82\xac\"",
		"\"\x7f\"",
		"[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
		"[{\"a\":1},{\"a\":1}]",
		"{\"a\":{\"a\":1}}",
		"{\"a\":1,\"A\":1,\"\":1,\" a\":1}",
	};
	struct json_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (json_scan(texts[i], strlen(texts[i]), &fault) == -1)
			fail_msg("%s: %s at byte %zu", texts[i], fault.what,
			    fault.at);
		assert_json_c_takes(texts[i]);
	}
}

static const struct {
	const char *text;
	size_t at;
	const char *what;
} bad[] = {
	{ "", 0, "end" },
	{ "   ", 3, "end" },
	{ "{", 1, "end" },
	{ "[1", 2, "end" },
	{ "\"abc", 4, "end" },
	{ "{\"a\":", 5, "end" },
	{ "{\"a\"}", 4, "':'" },
	{ "{a:1}", 1, "key" },
	{ "{'a':1}", 1, "key" },
	{ "{\"a\":1,}", 7, "key" },
	{ "[1,]", 3, "value" },
	{ "[,1]", 1, "value" },
	{ "[1 2]", 3, "','" },
	{ "{\"a\":1 \"b\":2}", 7, "','" },
	{ "[1}", 2, "']'" },
	{ "nul", 0, "value" },
	{ "nulll", 4, "behind" },
	{ "True", 0, "value" },
	{ "NaN", 0, "value" },
	{ "Infinity", 0, "value" },
	{ "-Infinity", 1, "digits" },
	{ "1e999", 0, "range" },
	{ "[1,-1e999]", 3, "range" },
	{ "9223372036854775808", 0, "range" },
	{ "01", 1, "behind" },
	{ "+1", 0, "value" },
	{ ".5", 0, "value" },
	{ "1.", 2, "end" },
	{ "1.x", 2, "digits" },
	{ "1ex", 2, "digits" },
	{ "-x", 1, "digits" },
	{ "0x10", 1, "behind" },
	{ "1111111111111111111111111111111111111111111111111111111111111111"
	  "1.0",
	    0, "64" },
	{ "{} {}", 3, "behind" },
	{ "{}x", 2, "behind" },
	{ "\xef\xbb\xbf{}", 0, "value" },
	{ "// c\n{}", 0, "value" },
	{ "\"\n\"", 1, "control" },
	{ "\"\t\"", 1, "control" },
	{ "\"\\x\"", 2, "escape" },
	{ "\"\\u12g4\"", 5, "hex" },
	{ "\"\\u\"", 3, "hex" },
	{ "\"a\\u0000\"", 2, "u0000" },
	{ "\"\\ud83d\"", 1, "surrogate" },
	{ "\"\\ud83dx\"", 1, "surrogate" },
	{ "\"\\ud83d\\u0041\"", 1, "surrogate" },
	{ "\"\\ude00\"", 1, "surrogate" },
	{ "\"\\ud83d\\ud83d\"", 1, "surrogate" },
	{ "\"\xff\"", 1, "UTF-8" },
	{ "\"\xc3\"", 1, "UTF-8" },
	{ "\"\xc0\xaf\"", 1, "UTF-8" },
	{ "\"\xed\xa0\x80\"", 1, "UTF-8" },
	{ "\"\xf4\x90\x80\x80\"", 1, "UTF-8" },
	{ "{\"a\":1,\"a\":2}", 7, "twice" },
	{ "{\"a\":1,\"\\u0061\":2}", 7, "twice" },
	{ "{\"\xc3\xbc\":1,\"\\u00FC\":2}", 8, "twice" },
	{ "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}", 10, "twice" },
	{ "{\"\xe2\x82\xac\":1,\"\\u20ac\":2}", 9, "twice" },
	{ "{\"x\":[{\"a/\":1,\"a\\/\":2}]}", 14, "twice" },
	{ "{\"a\":1,\"b\":{\"c\":1},\"a\":2}", 19, "twice" },
	{ "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", 16, "levels" },
};

static void
test_bad(void **state)
{
	struct json_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (json_scan(bad[i].text, strlen(bad[i].text), &fault) == 0)
			fail_msg("taken: %s", bad[i].text);
		if (fault.at != bad[i].at ||
		    strstr(fault.what, bad[i].what) == NULL)
			fail_msg("%s: %s at byte %zu", bad[i].text, fault.what,
			    fault.at);
	}
}

static void
test_nul(void **state)
{
	struct json_fault fault;

	(void)state;
	assert_int_equal(json_scan("\"a\0b\"", 5, &fault), -1);
	assert_int_equal(fault.at, 2);
	assert_int_equal(json_scan("{}\0", 3, &fault), -1);
	assert_int_equal(fault.at, 2);
	assert_int_equal(json_scan("\0", 1, &fault), -1);
}

/* Text of `n` members: {"0":0,"1":0,...}; the caller frees it. */
static char *
object_of(int n)
{
	struct buffer text = { 0 };
	int i;

	buffer_add_text(&text, "{");
	for (i = 0; i < n; i++)
		buffer_printf(&text, "%s\"%d\":0", i > 0 ? "," : "", i);
	buffer_add_text(&text, "}");
	return buffer_take(&text);
}

static void
test_many_keys(void **state)
{
	struct json_fault fault;
	char *text = object_of(JSON_KEYS_MAX);

	(void)state;
	assert_int_equal(json_scan(text, strlen(text), &fault), 0);
	free(text);
	text = object_of(JSON_KEYS_MAX + 1);
	assert_int_equal(json_scan(text, strlen(text), &fault), -1);
	assert_non_null(strstr(fault.what, "256"));
	free(text);
}

/* Every cut of a good text is bad, and no cut is read beyond. */
static void
test_cuts(void **state)
{
	static const char text[] = "{\"a\":[1.5e3,\"\\ud83d\\ude00\\n\","
				   "true,{\"\xc3\xbc\":null}],\"b\":\"x\"}";
	struct json_fault fault;
	size_t len;
	char *cut;

	(void)state;
	for (len = 0; len < strlen(text); len++) {
		cut = malloc(len + 1); /* exact, for the sanitizer */
		memcpy(cut, text, len);
		assert_int_equal(json_scan(cut, len, &fault), -1);
		assert_true(fault.at <= len);
		free(cut);
	}
	assert_int_equal(json_scan(text, strlen(text), &fault), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
