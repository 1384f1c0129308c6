/* SPDX-License-Identifier: MIT */
/* unit.attachment: what a part's header may say of a file, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attachment.h"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

/* What begins with '-' is not taken. */
static void
check(const char *(*fault)(const char *, size_t), const char *const *texts)
{
	for (; *texts != NULL; texts++) {
		const char *text = **texts == '-' ? *texts + 1 : *texts;

		if ((fault(text, strlen(text)) != NULL) != (**texts == '-'))
			fail_msg("%s", *texts);
	}
}

static void
test_filename(void **state)
{
	static const char *const names[] = { "a.pdf",
		"Rechnung f\xc3\xbcr "
		"M\xc3\xa4rz.pdf",
		".profile", "a b", "a;b=\"c\"", "\xf0\x9f\x8e\x89", "...",
		LONG LONG LONG, "-", "-.", "-..", "-/etc/passwd", "-a/b",
		"-..\\a", "-a\nb", "-a\rb", "-a\x7f",
		"-a\xe2\x80\xae"
		"fdp.exe",
		"-\xff", "-" LONG LONG LONG LONG, NULL };

	(void)state;
	check(attachment_filename_fault, names);
	assert_non_null(attachment_filename_fault("a\0b", 3));
}

static void
test_type(void **state)
{
	static const char *const types[] = { "text/plain", "image/svg+xml",
		"text/csv; charset=utf-8", "a/b;c=d; e=\"f g\\\" h\"",
		"application/vnd.ms-excel", "-", "-text", "-text/", "-/plain",
		"-text/plain;", "-text/plain; charset",
		"-text/plain; a=", "-text/plain; a=\"b",
		"-text/plain charset=utf-8", "-text/plain\r\nX: y",
		"-text/plain; a=\"b\r\nX: y\"", "-multipart/mixed; boundary=a",
		"-Multipart/mixed", "-message/rfc822", "-a/\xc3\xa4",
		"-" LONG LONG "/" LONG LONG, NULL };

	(void)state;
	check(attachment_type_fault, types);
	assert_non_null(attachment_type_fault("a/b\0c", 5));
}

static void
test_id(void **state)
{
	static const char *const ids[] = { "logo", "logo@example.com",
		"part1.a_b-c@x", LONG LONG, "-", "-<logo>", "-a b", "-a\r\nb",
		"-\xc3\xa4", "-" LONG LONG "x", "-a@b@c", "-a@@b", "-@b", "-a@",
		"-@", NULL };

	(void)state;
	check(attachment_id_fault, ids);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filename),
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
