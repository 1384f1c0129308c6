/* SPDX-License-Identifier: MIT */
/* unit.address: which addresses and domains are taken, and why others not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"

#define A60 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LABEL63 A60 "aaa"

static const struct {
	const char *text;
	enum address_fault fault;
} addresses[] = {
	{ "a@b.c", ADDRESS_OK },
	{ "a@b", ADDRESS_OK },
	{ "first.last+tag@mail.example.org", ADDRESS_OK },
	{ "#$&'*+-/=?^_`{|}~@example.org", ADDRESS_OK },
	{ "a@xn--bcher-kva.example", ADDRESS_OK },
	{ "A@EXAMPLE.Org", ADDRESS_OK },
	{ "1@1a.2b.3c", ADDRESS_OK },
	{ "a@123.com", ADDRESS_OK },
	{ A60 "aaaa@b.c", ADDRESS_OK },
	{ "", ADDRESS_EMPTY },
	{ "a", ADDRESS_NO_AT },
	{ "a.b.c", ADDRESS_NO_AT },
	{ "a@b@c", ADDRESS_BAD_LOCAL },
	{ "@x", ADDRESS_BAD_LOCAL },
	{ "@", ADDRESS_BAD_LOCAL },
	{ ".a@x", ADDRESS_BAD_LOCAL },
	{ "a.@x", ADDRESS_BAD_LOCAL },
	{ "a..b@x", ADDRESS_BAD_LOCAL },
	{ ".@x", ADDRESS_BAD_LOCAL },
	{ "\"x@y z\"@w", ADDRESS_BAD_LOCAL },
	{ "\"a\"@b", ADDRESS_BAD_LOCAL },
	{ "(c)a@b", ADDRESS_BAD_LOCAL },
	{ "a(c)@b", ADDRESS_BAD_LOCAL },
	{ "a%b@c", ADDRESS_BAD_LOCAL },
	{ "b!a@c", ADDRESS_BAD_LOCAL },
	{ "@relay.x:a@b.c", ADDRESS_BAD_LOCAL },
	{ "a b@c", ADDRESS_BAD_LOCAL },
	{ " a@c", ADDRESS_BAD_LOCAL },
	{ "<a@b.c", ADDRESS_BAD_LOCAL },
	{ "a\\b@c", ADDRESS_BAD_LOCAL },
	{ "a,b@c", ADDRESS_BAD_LOCAL },
	{ "a\rb@c", ADDRESS_BAD_LOCAL },
	{ "a\nb@c", ADDRESS_BAD_LOCAL },
	{ "a\x7f@c", ADDRESS_BAD_LOCAL },
	{ "=?utf-8?q?a?=@x.y", ADDRESS_BAD_LOCAL },
	{ "x <a@b>, <c@d>", ADDRESS_BAD_LOCAL },
	{ A60 "aaaaa@b.c", ADDRESS_LOCAL_TOO_LONG },
	{ "a@", ADDRESS_BAD_DOMAIN },
	{ "a@-x", ADDRESS_BAD_DOMAIN },
	{ "a@x-", ADDRESS_BAD_DOMAIN },
	{ "a@x.-y", ADDRESS_BAD_DOMAIN },
	{ "a@x..y", ADDRESS_BAD_DOMAIN },
	{ "a@.x", ADDRESS_BAD_DOMAIN },
	{ "a@x.", ADDRESS_BAD_DOMAIN },
	{ "a@.", ADDRESS_BAD_DOMAIN },
	{ "a@[127.0.0.1]", ADDRESS_BAD_DOMAIN },
	{ "a@[IPv6:::1]", ADDRESS_BAD_DOMAIN },
	{ "a@127.0.0.1", ADDRESS_BAD_DOMAIN },
	{ "a@x_y.z", ADDRESS_BAD_DOMAIN },
	{ "a@b c", ADDRESS_BAD_DOMAIN },
	{ "a@b.c ", ADDRESS_BAD_DOMAIN },
	{ "a@b.c>", ADDRESS_BAD_DOMAIN },
	{ "a@b\r\nRCPT TO:<c", ADDRESS_BAD_DOMAIN },
	{ "a@b.c\n", ADDRESS_BAD_DOMAIN },
	{ "a@b(c)", ADDRESS_BAD_DOMAIN },
	{ "a@" LABEL63 ".x", ADDRESS_OK },
	{ "a@" LABEL63 "a.x", ADDRESS_BAD_DOMAIN },
	{ "m\xc3\xbcller@x.y", ADDRESS_OK },
	{ "a@b\xc3\xbc"
	  "cher.example",
	    ADDRESS_OK },
	{ "\xe5\xb1\xb1\xe7\x94\xb0@x.y", ADDRESS_OK },
	{ "\xf0\x9f\x98\x80@x.y", ADDRESS_OK }, /* an emoji has a glyph */
	{ "a\xff@x.y", ADDRESS_NOT_UTF8 },
	{ "a@x.y\xff", ADDRESS_NOT_UTF8 },
	{ "a\xe2\x80\x8b@x.y", ADDRESS_INVISIBLE }, /* zero width space */
	{ "a\xe2\x80\x8d@x.y", ADDRESS_INVISIBLE }, /* joiner */
	{ "a\xe2\x80\xae@x.y", ADDRESS_INVISIBLE }, /* bidi override */
	{ "a\xe2\x80\x8f@x.y", ADDRESS_INVISIBLE }, /* right-to-left mark */
	{ "a\xc2\xad@x.y", ADDRESS_INVISIBLE }, /* soft hyphen */
	{ "a\xc2\xa0@x.y", ADDRESS_INVISIBLE }, /* no-break space */
	{ "a\xc2\x85@x.y", ADDRESS_INVISIBLE }, /* a control of C1 */
	{ "a\xe3\x85\xa4@x.y", ADDRESS_INVISIBLE }, /* Hangul filler */
	{ "a\xef\xb8\x8f@x.y", ADDRESS_INVISIBLE }, /* variation selector */
	{ "a\xee\x80\x80@x.y", ADDRESS_INVISIBLE }, /* private use */
	{ "a\xef\xbc\xa0x@x.y", ADDRESS_BAD_LOCAL }, /* full-width @ */
	{ "\xef\xac\x81@x.y", ADDRESS_BAD_LOCAL }, /* ligature fi */
	{ ".\xc3\xbc@x.y", ADDRESS_BAD_LOCAL },
	{ "\xc3\xbc b@x.y", ADDRESS_BAD_LOCAL },
	{ "x\xc3\xbc@y\xc3\xbc@z", ADDRESS_BAD_LOCAL },
	{ "a@p\xd0\xb0ypal.com", ADDRESS_MIXED_SCRIPTS }, /* Cyrillic a */
	{ "a@pay\xe2\x80\x8bpal.com", ADDRESS_INVISIBLE },
	{ "a@b\xc3\xbc..x", ADDRESS_BAD_DOMAIN },
};

static void
test_check(void **state)
{
	enum address_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		fault =
		    address_check(addresses[i].text, strlen(addresses[i].text));
		if (fault != addresses[i].fault)
			fail_msg("'%s' %s", addresses[i].text,
			    address_fault_texts[fault]);
	}
	assert_int_equal(address_check("a\0b@c", 5), ADDRESS_BAD_LOCAL);
	assert_int_equal(address_check("a@b\0c", 5), ADDRESS_BAD_DOMAIN);
	assert_int_equal(address_check("a@b.c\0", 6), ADDRESS_BAD_DOMAIN);
}

/* `len` bytes of a@aaa.aaa...: as long as asked, with labels that are fine. */
static void
make_address(char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		text[i] = i % 50 == 49 && i + 1 < len ? '.' : 'a';
	text[1] = '@';
}

static void
test_length(void **state)
{
	char text[300];

	(void)state;
	make_address(text, 254);
	assert_int_equal(address_check(text, 254), ADDRESS_OK);
	make_address(text, 255);
	assert_int_equal(address_check(text, 255), ADDRESS_TOO_LONG);
	assert_false(domain_is_valid(text + 1, 0));
	make_address(text, 256);
	assert_true(domain_is_valid(text + 2, 253));
	assert_false(domain_is_valid(text + 2, 254));
}

/* Bytes, not characters; of the normal form, not of what was written. */
static void
test_length_of_utf8(void **state)
{
	char text[ADDRESS_LOCAL_MAX + 5];
	size_t i;

	(void)state;
	for (i = 0; i < ADDRESS_LOCAL_MAX; i += 2)
		memcpy(text + i, "\xc3\xbc", 2);
	memcpy(text + i, "@b.c", 4);
	assert_int_equal(address_check(text, i + 4), ADDRESS_OK);
	memcpy(text + i, "a@b.c", 5);
	assert_int_equal(address_check(text, i + 5), ADDRESS_LOCAL_TOO_LONG);
}

static const struct {
	const char *text, *normal;
} normals[] = {
	{ "a@b.c", "a@b.c" }, { "A.B@EXAMPLE.Org", "A.B@example.org" },
	{ "a@B\xc3\x9c"
	  "CHER.example",
	    "a@xn--bcher-kva.example" },
	{ "a@XN--Bcher-KVA.example", "a@xn--bcher-kva.example" },
	{ "\xc3\xbc@x.y", "\xc3\xbc@x.y" },
	{ "u\xcc\x88@x.y", "\xc3\xbc@x.y" }, /* u, combining diaeresis */
	{ "\xc3\x9c@x.y", "\xc3\x9c@x.y" }, /* its letter case is its own */
};

static void
test_normal_form(void **state)
{
	char address[ADDRESS_MAX + 1], again[ADDRESS_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(normals) / sizeof(normals[0]); i++) {
		assert_int_equal(address_normalize(normals[i].text,
				     strlen(normals[i].text), address),
		    ADDRESS_OK);
		assert_string_equal(address, normals[i].normal);
		assert_int_equal(address_normalize(address, strlen(address),
				     again),
		    ADDRESS_OK);
		assert_string_equal(again, address);
	}
	assert_true(address_is_same("a@B.C", "a@b.c"));
	assert_false(address_is_same("A@b.c", "a@b.c"));
	assert_false(address_is_same("a@b.c", "a@b.cc"));
	assert_false(address_is_same("a@b.c", "aa@b.c"));
}

static void
test_check_stays_inside(void **state)
{
	size_t i, len;
	char *copy;

	(void)state;
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		for (len = 1; len <= strlen(addresses[i].text); len++) {
			copy = malloc(len);
			assert_non_null(copy);
			memcpy(copy, addresses[i].text, len);
			(void)address_check(copy, len);
			free(copy);
		}
}

static void
test_every_fault_has_a_text(void **state)
{
	enum address_fault fault;

	(void)state;
	for (fault = ADDRESS_OK; fault < ADDRESS_FAULT__MAX; fault++)
		assert_non_null(address_fault_texts[fault]);
}

static void
test_domain(void **state)
{
	(void)state;
	assert_string_equal(address_domain("a@b.c"), "b.c");
	assert_string_equal(address_domain("a@x@b.c"), "b.c");
	assert_string_equal(address_domain("a@"), "");
	assert_string_equal(address_domain("a"), "");
	assert_true(domain_is_valid("localhost", 9));
	assert_true(domain_is_valid("mx1.example.org", 15));
	assert_false(domain_is_valid("", 0));
	assert_false(domain_is_valid("a_b", 3));
	assert_false(domain_is_valid("10.0.0.1", 8));
	assert_true(address_is_ascii("a@b.c"));
	assert_false(address_is_ascii("\xc3\xbc@b.c"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_length_of_utf8),
		cmocka_unit_test(test_normal_form),
		cmocka_unit_test(test_check_stays_inside),
		cmocka_unit_test(test_every_fault_has_a_text),
		cmocka_unit_test(test_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
