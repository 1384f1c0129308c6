/* SPDX-License-Identifier: MIT */
/* unit.mailbox: names and addresses out of what people write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"

static const struct {
	const char *text;
	const char *name; /* NULL: none */
	const char *address;
} good[] = {
	{ "a@b.c", NULL, "a@b.c" }, { " \ta@b.c \t", NULL, "a@b.c" },
	{ "<a@b.c>", NULL, "a@b.c" }, { "\"\" <a@b.c>", NULL, "a@b.c" },
	{ "Name <a@b.c>", "Name", "a@b.c" }, { "Name<a@b.c>", "Name", "a@b.c" },
	{ "  Two  Words  <a@b.c> ", "Two  Words", "a@b.c" },
	{ "John Q. Public <a@b.c>", "John Q. Public", "a@b.c" },
	{ "O'Neil & Co <a@b.c>", "O'Neil & Co", "a@b.c" },
	{ "\"Na, me\" <a@b.c>", "Na, me", "a@b.c" },
	{ "\"Na, me\"<a@b.c>", "Na, me", "a@b.c" },
	{ "\"say \\\"hi\\\" \\\\o/\" <a@b.c>", "say \"hi\" \\o/", "a@b.c" },
	{ "\"<x@y.z>\" <a@b.c>", "<x@y.z>", "a@b.c" },
	{ "\"Acme (EU)\" <a@b.c>", "Acme (EU)", "a@b.c" },
	{ "J\xc3\xbcrgen <a@b.c>", "J\xc3\xbcrgen", "a@b.c" },
	{ "\xe5\xb1\xb1\xe7\x94\xb0 <a@b.c>", "\xe5\xb1\xb1\xe7\x94\xb0",
	    "a@b.c" },
	/* The name stays as it is, also in NFD; the address is normalized. */
	{ "Bu\xcc\x88 <u\xcc\x88@B\xc3\x9c.C>", "Bu\xcc\x88",
	    "\xc3\xbc@xn--b-eha.c" },
	{ "\xe2\x98\x80\xef\xb8\x8f <a@b.c>", "\xe2\x98\x80\xef\xb8\x8f",
	    "a@b.c" }, /* an emoji with its variation selector */
	{ "\xd9\x85\xe2\x80\x8c\xd8\xae <a@b.c>",
	    "\xd9\x85\xe2\x80\x8c\xd8\xae", "a@b.c" }, /* non-joiner */
};

static const struct {
	const char *text;
	enum address_fault fault;
} bad[] = {
	{ "", ADDRESS_EMPTY },
	{ " \t ", ADDRESS_EMPTY },
	{ "Name", ADDRESS_NO_AT },
	{ "Name <>", ADDRESS_EMPTY },
	{ "<a>", ADDRESS_NO_AT },
	{ "< a@b.c>", ADDRESS_BAD_LOCAL },
	{ "<a@b@c>", ADDRESS_BAD_LOCAL },
	{ "<a@x..y>", ADDRESS_BAD_DOMAIN },
	{ "<<a@b.c>>", ADDRESS_BAD_NAME },
	{ "\"x@y z\"@w", ADDRESS_BAD_LOCAL },
	{ "Name a@b.c", ADDRESS_BAD_LOCAL },
	{ "(c) a@b.c", ADDRESS_BAD_LOCAL },
	{ "x <a@b>, <c@d>", ADDRESS_SEVERAL },
	{ "a@b.c, c@d.e", ADDRESS_SEVERAL },
	{ "a@b.c;c@d.e", ADDRESS_SEVERAL },
	{ "a@b.c,", ADDRESS_SEVERAL },
	{ "a@b.c, X <c@d.e>", ADDRESS_SEVERAL },
	{ "<a@b.c> <c@d.e>", ADDRESS_SEVERAL },
	{ "<a@b.c> c@d.e", ADDRESS_SEVERAL },
	{ "Name <a@b.c", ADDRESS_BAD_NAME },
	{ "Name <a@b.c> x", ADDRESS_BAD_NAME },
	{ "\"Name <a@b.c>", ADDRESS_BAD_NAME },
	{ "\"Name\\", ADDRESS_BAD_NAME },
	{ "\"", ADDRESS_BAD_NAME },
	{ "Na\"me <a@b.c>", ADDRESS_BAD_NAME },
	{ "x@y.z <a@b.c>", ADDRESS_BAD_NAME }, /* a look-alike address */
	{ "Acme (EU) <a@b.c>", ADDRESS_BAD_NAME },
	{ "group: <a@b.c>", ADDRESS_BAD_NAME },
	{ "=?utf-8?q?a?= <a@b.c>", ADDRESS_BAD_NAME },
	{ "\"=?utf-8?q?a?=\" <a@b.c>", ADDRESS_BAD_NAME },
	{ "Na\rme <a@b.c>", ADDRESS_BAD_NAME },
	{ "Name\r\nBcc: x <a@b.c>", ADDRESS_BAD_NAME },
	{ "\"Na\\\nme\" <a@b.c>", ADDRESS_BAD_NAME },
	{ "Na\x1bme <a@b.c>", ADDRESS_BAD_NAME },
	{ "Na\xc2\x85me <a@b.c>", ADDRESS_BAD_NAME },
	{ "Na\xffme <a@b.c>", ADDRESS_BAD_NAME },
	{ "Na\xe2\x80\x8bme <a@b.c>", ADDRESS_BAD_NAME }, /* zero width */
	{ "Na\xe2\x80\xaeme <a@b.c>", ADDRESS_BAD_NAME }, /* bidi */
	{ "Na\xe2\x81\xa6me <a@b.c>", ADDRESS_BAD_NAME },
	{ "Na\xe2\x80\x8fme <a@b.c>", ADDRESS_BAD_NAME }, /* direction */
	{ "Na\xc2\xadme <a@b.c>", ADDRESS_BAD_NAME }, /* soft hyphen */
	{ "Na\xe3\x85\xa4me <a@b.c>", ADDRESS_BAD_NAME }, /* a filler */
	{ "Na\xe2\x80\xa8me <a@b.c>", ADDRESS_BAD_NAME }, /* U+2028 */
	{ "Name <a\xe2\x80\x8b@b.c>", ADDRESS_INVISIBLE },
	{ "Name <a@p\xd0\xb0ypal.com>", ADDRESS_MIXED_SCRIPTS },
	{ "a@b.c\r\n", ADDRESS_BAD_DOMAIN },
};

static void
test_takes(void **state)
{
	struct mailbox box;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		enum address_fault fault =
		    mailbox_parse(&box, good[i].text, strlen(good[i].text));

		if (fault != ADDRESS_OK)
			fail_msg("%s: %s", good[i].text,
			    address_fault_texts[fault]);
		assert_string_equal(box.address, good[i].address);
		if (good[i].name == NULL)
			assert_null(box.name);
		else
			assert_string_equal(box.name, good[i].name);
		mailbox_free(&box);
		assert_null(box.address);
		assert_null(box.name);
	}
}

static void
test_refuses(void **state)
{
	struct mailbox box;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum address_fault fault;

		memset(&box, 0xff, sizeof(box));
		fault = mailbox_parse(&box, bad[i].text, strlen(bad[i].text));
		if (fault != bad[i].fault)
			fail_msg("'%s' %s", bad[i].text,
			    address_fault_texts[fault]);
		assert_null(box.address);
		assert_null(box.name);
	}
	assert_int_equal(mailbox_parse(&box, "N\0 <a@b.c>", 10),
	    ADDRESS_BAD_NAME);
	assert_int_equal(mailbox_parse(&box, "\"N\0\" <a@b.c>", 12),
	    ADDRESS_BAD_NAME);
}

static void
test_name_length(void **state)
{
	char text[ADDRESS_NAME_MAX + 20];
	struct mailbox box;

	(void)state;
	memset(text, 'n', sizeof(text));
	memcpy(text + ADDRESS_NAME_MAX, "<a@b.c>", 7);
	assert_int_equal(mailbox_parse(&box, text, ADDRESS_NAME_MAX + 7),
	    ADDRESS_OK);
	assert_int_equal(strlen(box.name), ADDRESS_NAME_MAX);
	mailbox_free(&box);
	memcpy(text + ADDRESS_NAME_MAX, "n<a@b.c>", 8);
	assert_int_equal(mailbox_parse(&box, text, ADDRESS_NAME_MAX + 8),
	    ADDRESS_BAD_NAME);
}

/* Every prefix of every row, in memory of just its size. */
static void
test_stays_inside(void **state)
{
	struct mailbox box;
	size_t i, len;
	char *copy;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		for (len = 1; len <= strlen(good[i].text); len++) {
			copy = malloc(len);
			assert_non_null(copy);
			memcpy(copy, good[i].text, len);
			(void)mailbox_parse(&box, copy, len);
			mailbox_free(&box);
			free(copy);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_name_length),
		cmocka_unit_test(test_stays_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
