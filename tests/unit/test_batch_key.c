/* SPDX-License-Identifier: MIT */
#include "batch_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
add(struct batch_key *key, const char *mail, const char *id)
{
	const struct json_value value = json_value_of(mail, strlen(mail));

	batch_key_add(key, &value, id);
}

/* Argument `n` of what stands behind record and time; until the next call. */
static const char *
argument(const struct batch_key *key, size_t n)
{
	static char text[256];
	size_t len;
	const char *at = store_argument(key->more.args.data, n, &len);

	assert_true(len < sizeof(text));
	memcpy(text, at, len);
	text[len] = '\0';
	return text;
}

/* How the digests of a mail begin. */
static void
assert_begins(const char *text, const char *with)
{
	assert_memory_equal(text, with, strlen(with));
}

static void
test_arguments(void **state)
{
	struct batch_key key;
	const char *text;

	(void)state;
	batch_key_begin(&key, "", "word");
	add(&key, "{\"to\":\"a@b.c\",\"text\":\"x\"}", "id1");
	add(&key, "{\"bodi\":1}", NULL);
	add(&key, "7", NULL);
	add(&key, "{\"to\":\"a@b.c\"}", "id2");
	batch_key_end(&key);
	assert_int_equal(key.more.argc, 12);
	assert_string_equal(argument(&key, 0), "[0]");
	text = argument(&key, 1);
	assert_begins(text, "to=");
	assert_begins(strchr(text, ','), ",body=");
	assert_int_equal(strlen(text), strlen("to=,body=,") + 2 * 32);
	assert_string_equal(argument(&key, 2), "[1]");
	assert_begins(argument(&key, 3), "=");
	assert_begins(argument(&key, 5), "=");
	assert_string_equal(argument(&key, 6), "[3]");
	assert_string_equal(argument(&key, 8), ":ids");
	assert_string_equal(argument(&key, 9), "id1 id2");
	assert_string_equal(argument(&key, 10), ":left");
	assert_string_equal(argument(&key, 11), "2");
	batch_key_free(&key);
}

/* A mail that has faults is another one whatever changes about it. */
static void
test_faulty(void **state)
{
	struct batch_key key;
	char first[64];

	(void)state;
	batch_key_begin(&key, "", "word");
	add(&key, "{\"bodi\":1}", NULL);
	add(&key, "{ \"bodi\" : 1 }", NULL);
	add(&key, "{\"bodi\":2}", NULL);
	(void)snprintf(first, sizeof(first), "%s", argument(&key, 1));
	assert_string_equal(argument(&key, 3), first);
	assert_string_not_equal(argument(&key, 5), first);
	batch_key_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_faulty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
