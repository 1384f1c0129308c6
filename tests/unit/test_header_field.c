/* SPDX-License-Identifier: MIT */
/*
 * unit.header_field: GMime reads back what was written, no line is too long,
 * and no value makes a second field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <gmime/gmime.h>

#include "header_field.h"

#define SMILE "\xf0\x9f\x98\x80"

/* Lines end with CR LF, are not too long, and all but the first are folded. */
static void
check_lines(const struct buffer *field, size_t most)
{
	const char *line = field->data, *end;

	while (*line != '\0') {
		end = strstr(line, "\r\n");
		assert_non_null(end);
		assert_in_range(end - line, 1, most);
		assert_null(memchr(line, '\n', (size_t)(end - line)));
		assert_null(memchr(line, '\r', (size_t)(end - line)));
		assert_true(strspn(line, " \t\r\n") <
		    (size_t)(end - line)); /* never a blank line */
		if (line != field->data)
			assert_int_equal(line[0], ' ');
		line = end + 2;
	}
}

static char *
unfold(const char *value)
{
	char *text = g_strdup(value), *to = text;

	for (; *value != '\0'; value++)
		if (*value != '\r' && *value != '\n')
			*to++ = *value;
	*to = '\0';
	return text;
}

static void
check_text(const char *text, size_t most)
{
	struct buffer field = { 0 };
	char *value, *back;

	assert_int_equal(header_add_text(&field, "Subject", text), 0);
	check_lines(&field, most);
	value = unfold(field.data + strlen("Subject: "));
	back = g_mime_utils_header_decode_text(NULL, value);
	assert_string_equal(back, text);
	g_free(back);
	g_free(value);
	buffer_free(&field);
}

static void
test_texts(void **state)
{
	static const char *const texts[] = { "Hello", "a  b   c",
		" space at both ends ", "tab\there",
		"=?utf-8?Q?trap?=", "a =?x",
		"Gr\xc3\xbc\xc3\x9f"
		"e aus Z\xc3\xbcrich",
		SMILE, "Re: " SMILE SMILE SMILE " party", "\x01\x7f",
		"\xe4\xb8\x96\xe7\x95\x8c\xe4\xbd\xa0\xe5\xa5\xbd", "trailing ",
		"question? equals= under_score", "\"quoted\" \\ ,;" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		check_text(texts[i], 76);
}

static void
test_lengths(void **state)
{
	static const char *const units[] = { "word ", "x", SMILE, "\xc3\xa9",
		"\xc3\xa9 plain ascii behind ", "a " SMILE,
		SMILE "\xe4\xb8\x96\xe7\x95\x8c" };
	struct buffer text = { 0 };
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		buffer_clear(&text);
		for (n = 0; text.len < 1200; n++) {
			buffer_add_text(&text, units[i]);
			/* One word of ASCII cannot be folded below 900. */
			check_text(text.data, i == 1 ? 998 : 76);
		}
	}
	buffer_free(&text);
}

/* Folding keeps a run of blanks together with the word behind it. */
static void
test_runs_of_blanks(void **state)
{
	char text[1200];
	size_t blanks;

	(void)state;
	for (blanks = 1; blanks < sizeof(text) - 4; blanks++) {
		memset(text, ' ', sizeof(text));
		text[0] = 'a';
		memcpy(text + 1 + blanks, "bc", sizeof("bc"));
		check_text(text, blanks + 2 > 76 && blanks < 900 ? 998 : 76);
	}
}

static void
test_plain_stays_readable(void **state)
{
	struct buffer field = { 0 };

	(void)state;
	assert_int_equal(header_add_text(&field, "Subject",
			     "The quick brown fox jumps over the lazy dog, "
			     "and over the next lazy dog too"),
	    0);
	assert_string_equal(field.data,
	    "Subject: The quick brown fox jumps over the lazy dog, and over "
	    "the next lazy\r\n dog too\r\n");
	buffer_free(&field);
}

static void
test_no_second_field(void **state)
{
	static const char *const texts[] = { "a\r\nBcc: x@y.z", "a\nb", "\r",
		"\n", "a\r\n b" };
	const struct mailbox bad[] = {
		{ "a\r\nBcc: x@y.z", "a@b.c" },
		{ NULL, "a@b.c\r\nX: y" },
		{ NULL, "a@b.c>, <d@e.f" },
		{ NULL, "" },
		{ NULL, "a b@c.d" },
	};
	struct buffer field = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(header_add_text(&field, "Subject", texts[i]),
		    -1);
	assert_int_equal(field.len, 0);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		buffer_clear(&field);
		header_begin_mailboxes(&field, "From");
		assert_int_equal(header_add_mailbox(&field, &bad[i]), -1);
	}
	buffer_free(&field);
}

static void
check_mailboxes(const struct mailbox *boxes, size_t len)
{
	struct buffer field = { 0 };
	InternetAddressList *list;
	InternetAddress *address;
	size_t i;

	header_begin_mailboxes(&field, "From");
	for (i = 0; i < len; i++)
		assert_int_equal(header_add_mailbox(&field, &boxes[i]), 0);
	header_end_mailboxes(&field);
	check_lines(&field, 998);
	list = internet_address_list_parse(NULL, field.data + strlen("From:"));
	assert_int_equal(internet_address_list_length(list), len);
	for (i = 0; i < len; i++) {
		address = internet_address_list_get_address(list, (int)i);
		assert_string_equal(internet_address_mailbox_get_addr(
					INTERNET_ADDRESS_MAILBOX(address)),
		    boxes[i].address);
		if (boxes[i].name != NULL && boxes[i].name[0] != '\0')
			assert_string_equal(internet_address_get_name(address),
			    boxes[i].name);
	}
	g_object_unref(list);
	buffer_free(&field);
}

static void
test_mailboxes(void **state)
{
	const struct mailbox boxes[] = {
		{ NULL, "a@b.c" },
		{ "", "a@b.c" },
		{ "Ann Lee", "a@b.c" },
		{ "Lee, Ann", "a@b.c" },
		{ "An \"x\" \\ Lee", "a@b.c" },
		{ "J\xc3\xbcrgen \xe4\xb8\x96", "a@b.c" },
		{ SMILE, "a@b.c" },
		{ "a.b", "a@b.c" },
		{ "<evil@x.y>", "a@b.c" },
		{ "=?utf-8?Q?x?=", "a@b.c" },
		{ "a name of many words that goes on and on and on and on "
		  "until it is too long for one line of a message",
		    "somebody.with.a.long.name@a.host.of.some.example.com" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(boxes) / sizeof(*boxes); i++)
		check_mailboxes(&boxes[i], 1);
	check_mailboxes(boxes, sizeof(boxes) / sizeof(*boxes));
}

/* RFC 2047 2: a line with an encoded word has 76 bytes, whoever else is there. */
static void
test_line_with_encoded_word(void **state)
{
	const struct mailbox boxes[] = {
		{ "Zo\xc3\xab \xc3\x9cnl\xc3\xbc", "to0@example.com" },
		{ "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		    "to1@example.com" },
	};
	struct buffer field = { 0 };

	(void)state;
	header_begin_mailboxes(&field, "To");
	assert_int_equal(header_add_mailbox(&field, &boxes[0]), 0);
	assert_int_equal(header_add_mailbox(&field, &boxes[1]), 0);
	header_end_mailboxes(&field);
	assert_string_equal(field.data,
	    "To: =?utf-8?B?Wm/DqyDDnG5sw7w=?= <to0@example.com>,\r\n "
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n "
	    "<to1@example.com>\r\n");
	buffer_free(&field);
}

static void
test_fifty_recipients(void **state)
{
	struct mailbox boxes[50];
	char addresses[50][40];
	size_t i;

	(void)state;
	for (i = 0; i < 50; i++) {
		(void)snprintf(addresses[i], sizeof(addresses[i]),
		    "recipient.number.%zu@example.com", i);
		boxes[i] = (struct mailbox){ NULL, addresses[i] };
	}
	check_mailboxes(boxes, 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_runs_of_blanks),
		cmocka_unit_test(test_plain_stays_readable),
		cmocka_unit_test(test_no_second_field),
		cmocka_unit_test(test_mailboxes),
		cmocka_unit_test(test_line_with_encoded_word),
		cmocka_unit_test(test_fifty_recipients),
	};
	int failed;

	g_mime_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_mime_shutdown();
	return failed;
}
