/* SPDX-License-Identifier: MIT */
#include "idempotency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_keys(void **state)
{
	char key[IDEMPOTENCY_KEY_MAX + 2];

	(void)state;
	assert_true(idempotency_key_is_valid("a"));
	assert_true(idempotency_key_is_valid("welcome user/123 ~"));
	assert_false(idempotency_key_is_valid(""));
	assert_false(idempotency_key_is_valid("a\tb"));
	assert_false(idempotency_key_is_valid("a\x7f"));
	assert_false(idempotency_key_is_valid("caf\xc3\xa9"));
	memset(key, 'k', sizeof(key));
	key[IDEMPOTENCY_KEY_MAX] = '\0';
	assert_true(idempotency_key_is_valid(key));
	key[IDEMPOTENCY_KEY_MAX] = 'k';
	key[IDEMPOTENCY_KEY_MAX + 1] = '\0';
	assert_false(idempotency_key_is_valid(key));
}

static struct idempotency
read(const char *client, const char *key, const char *body)
{
	struct idempotency idem;

	idempotency_read(&idem, client, key, body, strlen(body));
	return idem;
}

/* The first field of `a` that `b` does not have as it is; "" when all are. */
static const char *
difference(const char *a, const char *b)
{
	static struct idempotency x, y;
	size_t i;

	x = read("", "k", a);
	y = read("", "k", b);
	for (i = 0; i < x.fields_len; i++)
		if (i >= y.fields_len ||
		    strcmp(x.fields[i].name, y.fields[i].name) != 0 ||
		    strcmp(x.fields[i].digest, y.fields[i].digest) != 0)
			return x.fields[i].name;
	return x.fields_len == y.fields_len ? "" : "more";
}

static void
test_records(void **state)
{
	const struct idempotency one = read("", "k", "{}");

	(void)state;
	assert_string_equal(one.record, read("", "k", "{\"to\":1}").record);
	assert_string_not_equal(one.record, read("", "l", "{}").record);
	assert_string_not_equal(one.record, read("c", "k", "{}").record);
	assert_string_not_equal(read("ab", "c", "{}").record,
	    read("a", "bc", "{}").record);
}

static const struct {
	const char *a, *b, *differs;
} rows[] = {
	{ "{\"to\":\"a@b\",\"body\":\"x\"}",
	    " { \"text\" : \"\\u0078\" , \"to\" : [ \"a@b\" ] } ", "" },
	{ "{\"to\":\"a@b\"}", "{\"to\":\"a@c\"}", "to" },
	{ "{\"to\":[\"a@b\",\"c@d\"]}", "{\"to\":[\"a@bc@d\"]}", "to" },
	{ "{\"to\":[\"a@b\",\"c@d\"]}", "{\"to\":[\"c@d\",\"a@b\"]}", "to" },
	{ "{\"subject\":\"1\"}", "{\"subject\":\"2\"}", "subject" },
	{ "{\"to\":\"a\",\"body\":\"1\"}", "{\"body\":\"2\",\"to\":\"a\"}",
	    "body" },
	{ "{\"to\":\"a\",\"from\":\"b\"}", "{\"to\":\"a\"}", "from" },
	{ "{\"to\":\"a\"}", "{\"to\":\"a\",\"from\":\"b\"}", "more" },
	{ "{\"body\":\"2:ab\"}", "{\"body\":\"ab\"}", "body" },
};

static void
test_differences(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(difference(rows[i].a, rows[i].b),
		    rows[i].differs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_differences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
