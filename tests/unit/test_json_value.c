/* SPDX-License-Identifier: MIT */
/* unit.json_value: values found and strings decoded, as json-c reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "json_value.h"

static void
test_walk_object(void **state)
{
	static const char text[] = " { \"a\" : [1, {\"}\":\"]\"}] ,\"b\\\"\":"
				   "\"x,}\\\\\",\"c\":-1.5e3 , \"d\":null} ";
	static const struct {
		const char *key, *value;
		enum json_kind kind;
	} members[] = {
		{ "\"a\"", "[1, {\"}\":\"]\"}]", JSON_LIST },
		{ "\"b\\\"\"", "\"x,}\\\\\"", JSON_STRING },
		{ "\"c\"", "-1.5e3", JSON_NUMBER },
		{ "\"d\"", "null", JSON_NULL },
	};
	struct json_value root = json_value_of(text, strlen(text));
	struct json_walk walk = json_walk_begin(&root);
	struct json_value key, value;
	size_t i;

	(void)state;
	assert_int_equal(root.kind, JSON_OBJECT);
	assert_int_equal(json_value_count(&root), 4);
	for (i = 0; json_walk_next(&walk, &key, &value); i++) {
		assert_int_equal(key.kind, JSON_STRING);
		assert_int_equal(key.len, strlen(members[i].key));
		assert_memory_equal(key.text, members[i].key, key.len);
		assert_int_equal(value.kind, members[i].kind);
		assert_int_equal(value.len, strlen(members[i].value));
		assert_memory_equal(value.text, members[i].value, value.len);
	}
	assert_int_equal(i, 4);
}

static void
test_count(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} rows[] = {
		{ "[]", 0 },
		{ "{}", 0 },
		{ "[ ]", 0 },
		{ "[[],[[]],{}]", 3 },
		{ "[true,false,null,0]", 4 },
		{ "[\"a,b\",\"]\"]", 2 },
	};
	struct json_value value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		value = json_value_of(rows[i].text, strlen(rows[i].text));
		assert_int_equal(json_value_count(&value), rows[i].count);
	}
}

static void
test_decode(void **state)
{
	static const char *const texts[] = {
		"\"\"",
		"\"plain\"",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
		"\"\\u0041\\u007f\\u0080\\u07ff\\u0800\\uffff\\u00FC\"",
		"\"\\ud83d\\ude00\\ud800\\udc00\\udbff\\udfff\"",
		"\"x\\n\xf0\x9f\x98\x80y\\\\n\"",
	};
	struct json_value value;
	struct buffer out;
	json_object *other;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		memset(&out, 0, sizeof(out));
		value = json_value_of(texts[i], strlen(texts[i]));
		json_value_decode(&value, &out);
		other = json_tokener_parse(texts[i]);
		assert_string_equal(out.data, json_object_get_string(other));
		json_object_put(other);
		buffer_free(&out);
	}
}

/* Minutes long, were the end of the text looked for after each escape. */
static void
test_long_text(void **state)
{
	size_t i, len = 4 << 20;
	char *text = malloc(len);
	struct json_value root, key, value;
	struct json_walk walk;

	(void)state;
	assert_non_null(text);
	memcpy(text, "{\"a\":\"", 6);
	for (i = 6; i < len - 2; i += 2)
		memcpy(text + i, "\\n", 2);
	memcpy(text + len - 2, "\"}", 2);
	root = json_value_of(text, len);
	assert_int_equal(root.len, len);
	walk = json_walk_begin(&root);
	assert_true(json_walk_next(&walk, &key, &value));
	assert_int_equal(value.len, len - 6);
	assert_false(json_walk_next(&walk, &key, &value));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk_object),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
