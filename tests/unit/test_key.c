/* SPDX-License-Identifier: MIT */
/* unit.key: tokens, fields, and what a key may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "key.h"

static void
test_token(void **state)
{
	char token[KEY_TOKEN_SIZE], other[KEY_TOKEN_SIZE];
	struct key key, second;
	struct key_claim claim;

	(void)state;
	key_init(&key);
	key_init(&second);
	key_make(&key, token);
	key_make(&second, other);
	assert_int_equal(strlen(token), KEY_TOKEN_SIZE - 1);
	assert_memory_equal(token, "pr_", 3);
	assert_memory_equal(token + 3, key.id, KEY_ID_SIZE - 1);
	assert_string_not_equal(key.id, second.id);
	key_claim_read(&claim, token);
	assert_string_equal(claim.id, key.id);
	assert_true(key_is_right(&key, &claim));
	assert_false(key_is_right(&second, &claim));
	assert_false(key_is_right(NULL, &claim));
	key.digest[0] = '\0'; /* revoked */
	assert_false(key_is_right(&key, &claim));
	token[KEY_TOKEN_SIZE - 2] ^= 1;
	key_claim_read(&claim, token);
	assert_false(key_is_right(&key, &claim));
	key_free(&key);
	key_free(&second);
}

/* It is asked for as an id that no key has. */
static void
test_no_token(void **state)
{
	static const char *const texts[] = { "", "pr_", "secret",
		"pr_0123456789abcdef", "pr_0123456789abcdef_0123", "pr_*",
		"xx_0123456789abcdef_0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef",
		"pr_0123456789abcde*_0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef",
		"pr_0123456789abcdef_0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdeF",
		"pr_0123456789abcdef_0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0" };
	struct key_claim claim;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		key_claim_read(&claim, texts[i]);
		assert_string_equal(claim.id, "0");
		assert_false(key_is_right(NULL, &claim));
	}
}

static const struct field {
	const char *field, *text, *kept; /* NULL: wrong */
} fields[] = {
	{ "name", "A shop's site", "A shop's site" },
	{ "name", "", NULL },
	{ "name", "a\nb", NULL },
	{ "scopes", "admin,send", "send admin" },
	{ "scopes", "read", "read" },
	{ "scopes", "", NULL },
	{ "scopes", "write", NULL },
	{ "scopes", "sen", NULL },
	{ "domains", "Example.com", "example.com" },
	{ "domains", "a b", "a b" },
	{ "domains", "a@b", NULL },
	{ "networks", "10.0.0.0/8", "10.0.0.0/8" },
	{ "networks", "10.0.0.1/8", NULL },
	{ "rate", "10/s", "10/s" },
	{ "rate", "5000/d", "5000/d" },
	{ "rate", "10", NULL },
	{ "rate", "0/s", NULL },
	{ "rate", "10/w", NULL },
	{ "rate", "10/s ", NULL },
	{ "rate", "1000001/s", NULL },
	{ "rate", "99999999999999999999/s", NULL },
	{ "quota", "100", "100" },
	{ "quota", "-1", NULL },
	{ "quota", "1000000001", NULL },
	{ "expires_at", "2030-01-01T00:00:00Z", "1893456000000" },
	{ "expires_at", "1893456000000", "1893456000000" },
	{ "expires_at", "tomorrow", NULL },
	{ "colour", "red", NULL },
};

struct seen {
	const char *field, *text;
	bool found;
};

static void
look(void *arg, const char *field, const char *text)
{
	struct seen *seen = arg;

	if (strcmp(field, seen->field) != 0)
		return;
	assert_string_equal(text, seen->text);
	seen->found = true;
}

static void
test_fields(void **state)
{
	struct seen seen;
	struct key key;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		key_init(&key);
		if (fields[i].kept == NULL) {
			assert_non_null(
			    key_set(&key, fields[i].field, fields[i].text));
		} else {
			assert_null(
			    key_set(&key, fields[i].field, fields[i].text));
			seen = (struct seen){ fields[i].field, fields[i].kept,
				false };
			key_each(&key, look, &seen);
			assert_true(seen.found);
		}
		key_free(&key);
	}
}

static void
test_emptied(void **state)
{
	static const char *const names[] = { "domains", "networks", "rate",
		"quota", "expires_at" };
	static const char *const texts[] = { "a.b", "10.0.0.0/8", "1/s", "7",
		"2030-01-01T00:00:00Z" };
	struct key key;
	size_t i;

	(void)state;
	key_init(&key);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_null(key_set(&key, names[i], texts[i]));
		assert_null(key_set(&key, names[i], ""));
	}
	assert_string_equal(key.domains, "");
	assert_string_equal(key.networks, "");
	assert_int_equal(key.rate, 0);
	assert_int_equal(key.quota, 0);
	assert_int_equal(key.expires_at, 0);
	key_free(&key);
}

static void
test_may(void **state)
{
	struct key key;

	(void)state;
	key_init(&key);
	assert_null(key_set(&key, "scopes", "send"));
	assert_true(key_may(&key, KEY_SEND));
	assert_true(key_may(&key, 0));
	assert_false(key_may(&key, KEY_READ));
	assert_false(key_may(&key, KEY_SEND | KEY_READ));
	assert_null(key_set(&key, "scopes", "admin"));
	assert_true(key_may(&key, KEY_SEND | KEY_READ | KEY_ADMIN));
	assert_true(key_may_send_from(&key, "a@b.example"));
	assert_null(key_set(&key, "domains", "example.com"));
	assert_true(key_may_send_from(&key, "a@example.com"));
	assert_false(key_may_send_from(&key, "a@b.example"));
	assert_true(key_may_come_from(&key, NULL));
	assert_null(key_set(&key, "networks", "192.0.2.0/24"));
	assert_true(key_may_come_from(&key, "192.0.2.1"));
	assert_false(key_may_come_from(&key, "198.51.100.1"));
	assert_false(key_may_come_from(&key, NULL));
	key_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_no_token),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_emptied),
		cmocka_unit_test(test_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
