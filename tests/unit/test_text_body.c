/* SPDX-License-Identifier: MIT */
/*
 * unit.text_body: which encoding a text gets, and that decoding gives the text
 * back with CR LF for its line ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <gmime/gmime.h>

#include "text_body.h"

/* What arrives: each LF or CR LF is CR LF, and the last line has one too. */
static void
add_expected(struct buffer *out, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\r' && i + 1 < len && text[i + 1] == '\n')
			continue;
		if (text[i] == '\n')
			buffer_add(out, "\r\n", 2);
		else
			buffer_add(out, text + i, 1);
	}
	if (len > 0 && text[len - 1] != '\n')
		buffer_add(out, "\r\n", 2);
}

/* Only CR LF, within `most` bytes a line, ASCII, no blank at a line's end. */
static void
check_wire(const struct buffer *body, enum text_encoding encoding)
{
	const size_t most = encoding == TEXT_7BIT ? 998 : 76;
	size_t i, column = 0;
	unsigned char c;

	for (i = 0; i < body->len; i++) {
		c = (unsigned char)body->data[i];
		if (c == '\r') {
			assert_int_equal(body->data[i + 1], '\n');
			assert_in_range(column, 0, most);
			column = 0;
			i++;
			continue;
		}
		assert_int_not_equal(c, '\n');
		assert_true(c == '\t' || (c >= ' ' && c <= '~'));
		if (column == 0 && i + 5 <= body->len)
			assert_memory_not_equal(body->data + i, "From ", 5);
		column++;
	}
	assert_int_equal(column, 0); /* it ends with CR LF */
}

static void
decode(struct buffer *out, const struct buffer *body,
    enum text_encoding encoding)
{
	static const GMimeContentEncoding names[TEXT_ENCODING__MAX] = {
		GMIME_CONTENT_ENCODING_7BIT,
		GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE,
		GMIME_CONTENT_ENCODING_BASE64,
	};
	GMimeEncoding state;

	g_mime_encoding_init_decode(&state, names[encoding]);
	buffer_reserve(out, g_mime_encoding_outlen(&state, body->len));
	out->len =
	    g_mime_encoding_flush(&state, body->data, body->len, out->data);
}

static void
check(const char *text, size_t len, enum text_encoding encoding)
{
	struct buffer body = { 0 }, back = { 0 }, expected = { 0 };

	add_expected(&expected, text, len);
	text_body_add(&body, text, len, encoding);
	if (len > 0) {
		check_wire(&body, encoding);
		decode(&back, &body, encoding);
		assert_int_equal(back.len, expected.len);
		assert_memory_equal(back.data, expected.data, back.len);
	} else {
		assert_int_equal(body.len, 0);
	}
	buffer_free(&body);
	buffer_free(&back);
	buffer_free(&expected);
}

#define TEXT(text) text, sizeof(text) - 1

static void
test_choice(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		enum text_encoding encoding;
	} cases[] = {
		{ TEXT(""), TEXT_7BIT },
		{ TEXT("Hello"), TEXT_7BIT },
		{ TEXT("Hello\nworld\n"), TEXT_7BIT },
		{ TEXT("Hello\r\nworld"), TEXT_7BIT },
		{ TEXT("\n\n\n"), TEXT_7BIT },
		{ TEXT(".\n..\n\n.\r\n.\n"), TEXT_7BIT },
		{ TEXT("tab\there \nblank\t\n"), TEXT_7BIT },
		{ TEXT("Fromage\nfrom me\n From x"), TEXT_7BIT },
		{ TEXT("From me\n"), TEXT_QUOTED_PRINTABLE },
		{ TEXT("Hi\nFrom me\n"), TEXT_QUOTED_PRINTABLE },
		{ TEXT("one\rtwo, three, four"), TEXT_QUOTED_PRINTABLE },
		{ TEXT("one, two\r\r\nthree, four"), TEXT_QUOTED_PRINTABLE },
		{ TEXT("at the end, a lone CR\r"), TEXT_QUOTED_PRINTABLE },
		{ TEXT("a NUL \0 in between"), TEXT_QUOTED_PRINTABLE },
		{ TEXT("a bell \a and an escape \x1b["),
		    TEXT_QUOTED_PRINTABLE },
		{ TEXT("caf\xc3\xa9 at ten o'clock? \n"),
		    TEXT_QUOTED_PRINTABLE },
		{ TEXT("\xe4\xb8\x96\xe7\x95\x8c"), TEXT_BASE64 },
		{ TEXT("\xf0\x9f\x98\x80"), TEXT_BASE64 },
		{ TEXT("\r"), TEXT_BASE64 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (text_body_choose(cases[i].text, cases[i].len) !=
		    cases[i].encoding)
			fail_msg("%s", cases[i].text);
		check(cases[i].text, cases[i].len, cases[i].encoding);
		/* These two can carry anything. */
		check(cases[i].text, cases[i].len, TEXT_QUOTED_PRINTABLE);
		check(cases[i].text, cases[i].len, TEXT_BASE64);
	}
}

/* A line of 998 bytes is the longest that goes as it is. */
static void
test_line_length(void **state)
{
	char text[2001];
	size_t len;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (len = 990; len < 1010; len++) {
		assert_int_equal(text_body_choose(text, len),
		    len <= 998 ? TEXT_7BIT : TEXT_QUOTED_PRINTABLE);
		check(text, len, text_body_choose(text, len));
	}
	text[1000] = '\n';
	assert_int_equal(text_body_choose(text, 2001), TEXT_QUOTED_PRINTABLE);
}

/* Around soft line breaks, with what must be encoded at each place. */
static void
test_soft_breaks(void **state)
{
	static const char *const odd[] = { "=", " ", "\t", "\r", "\xc3\xa9",
		"From ", "." };
	char text[256];
	size_t i, at, n;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		for (at = 60; at < 90; at++) {
			n = strlen(odd[i]);
			memset(text, 'x', sizeof(text));
			memcpy(text + at, odd[i], n);
			check(text, at + n, TEXT_QUOTED_PRINTABLE);
			check(text, sizeof(text), TEXT_QUOTED_PRINTABLE);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_line_length),
		cmocka_unit_test(test_soft_breaks),
	};
	int failed;

	g_mime_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_mime_shutdown();
	return failed;
}
