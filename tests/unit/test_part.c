/* SPDX-License-Identifier: MIT */
/* unit.part: the fields and the body of a text and of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../flatten.h"
#include "part.h"

static void
assert_flat(struct composed *part, const char *expected)
{
	struct buffer flat = { 0 };

	flatten(part, &flat);
	assert_string_equal(flat.data, expected);
	buffer_free(&flat);
	composed_free(part);
}

static void
test_texts(void **state)
{
	struct composed part = { 0 };

	(void)state;
	part_add_text(&part, "text/plain", "a\n.", 3);
	assert_flat(&part,
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n\r\na\r\n.\r\n");
	part_add_text(&part, "text/html", "<p>\xc3\xa9</p> a=b and more", 22);
	assert_flat(&part,
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "<p>=C3=A9</p> a=3Db and more\r\n");
	part_add_text(&part, "text/plain", "", 0);
	assert_flat(&part,
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n\r\n");
}

#define OCTETS "Content-Type: application/octet-stream"
#define BASE64 "Content-Transfer-Encoding: base64\r\n"
#define TO_KEEP "Content-Disposition: attachment"

static void
test_files(void **state)
{
	static const struct {
		struct attachment file;
		const char *expected;
		bool shown;
	} rows[] = {
		{ { NULL, NULL, NULL, 0 },
		    OCTETS "\r\n" BASE64 TO_KEEP "\r\n\r\n", false },
		{ { "a.pdf", "application/pdf", NULL, 3 },
		    "Content-Type: application/pdf;\r\n name=\"a.pdf\"\r\n" BASE64
			TO_KEEP ";\r\n filename=\"a.pdf\"\r\n\r\nYWJj\r\n",
		    false },
		{ { "a.png", "image/png; name=x", "i@x", 1 },
		    "Content-Type: image/png; name=x\r\n" BASE64
		    "Content-Disposition: inline;\r\n filename=\"a.png\"\r\n"
		    "Content-ID: <i@x>\r\n\r\nYQ==\r\n",
		    true },
		/* A quote and a backslash are escaped; blanks stay. */
		{ { "a \"b\" \\.x", NULL, NULL, 0 },
		    OCTETS
		    ";\r\n name=\"a \\\"b\\\" \\\\.x\"\r\n" BASE64 TO_KEEP
		    ";\r\n filename=\"a \\\"b\\\" \\\\.x\"\r\n\r\n",
		    false },
		/* RFC 2231, and ASCII for who does not know that. */
		{ { "\xc3\xbc b.x", NULL, NULL, 0 },
		    OCTETS ";\r\n name=\"_ b.x\"\r\n" BASE64 TO_KEEP
			   ";\r\n filename*=utf-8''%C3%BC%20b.x\r\n\r\n",
		    false },
		/* Some readers would decode it, or drop the blank. */
		{ { "=?utf-8?q?a?=", NULL, NULL, 0 },
		    OCTETS ";\r\n name=\"=_utf-8?q?a?=\"\r\n" BASE64 TO_KEEP
			   ";\r\n filename*=utf-8''%3D%3Futf-8%3Fq%3Fa%3F%3D"
			   "\r\n\r\n",
		    false },
		{ { "a.x ", NULL, NULL, 0 },
		    OCTETS ";\r\n name=\"a.x \"\r\n" BASE64 TO_KEEP
			   ";\r\n filename*=utf-8''a.x%20\r\n\r\n",
		    false },
	};
	struct composed part = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		part_add_file(&part, &rows[i].file, rows[i].shown, "abc");
		assert_flat(&part, rows[i].expected);
	}
}

/* Sections of a long name end between characters, in lines of 78 bytes. */
static void
test_long_name(void **state)
{
	char name[3 * 80 + 1] = "";
	struct attachment file = { .filename = name };
	struct composed part = { 0 };
	const char *at, *line;
	size_t i, n, escaped = 0;
	char begin[40];

	(void)state;
	for (i = 0; i < 80; i++)
		memcpy(name + 3 * i, "\xe4\xb8\x96", 4);
	part_add_file(&part, &file, false, "");
	at = strstr(part.text.data, " filename*0*=utf-8''");
	for (n = 0; at != NULL; n++) {
		line = at;
		at = strpbrk(at, ";\r");
		assert_in_range(at - line, 1, 77);
		(void)snprintf(begin, sizeof(begin), " filename*%zu*=%s", n,
		    n == 0 ? "utf-8''" : "");
		assert_memory_equal(line, begin, strlen(begin));
		escaped += (size_t)(at - line) - strlen(begin);
		assert_int_equal(escaped % strlen("%E4%B8%96"), 0);
		at = *at == ';' ? at + 3 : NULL;
	}
	assert_int_equal(escaped, 80 * strlen("%E4%B8%96"));
	composed_free(&part);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
