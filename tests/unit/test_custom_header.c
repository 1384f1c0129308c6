/* SPDX-License-Identifier: MIT */
/* unit.custom_header: header fields that a sender may set, and others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "custom_header.h"

static void
test_names(void **state)
{
	static const char *const good[] = { "X-Entity-Ref-ID", "In-Reply-To",
		"References", "List-Unsubscribe", "Precedence", "x", "Top",
		"Dates", "Auto-Submitted", "Importance", "Mime" };
	static const char *const bad[] = { "", "From", "from", "Sender", "To",
		"CC", "Bcc", "Reply-To", "Subject", "DATE", "Message-ID",
		"message-id", "MIME-Version", "Mime-Anything", "Content-Type",
		"Content-Foo", "Received", "Return-Path", "DKIM-Signature",
		"dkim-foo", "ARC-Seal", "Authentication-Results", "Resent-From",
		"X:", "X Y", "X\r\nY", "X_Y", "\xc3\xa4",
		("01234567890123456789012345678901234567890123456789"
		 "012345678901234") };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (custom_header_name_fault(good[i], strlen(good[i])) != NULL)
			fail_msg("%s is good", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (custom_header_name_fault(bad[i], strlen(bad[i])) == NULL)
			fail_msg("%s is not", bad[i]);
}

static void
test_values(void **state)
{
	char text[CUSTOM_HEADER_VALUE_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_null(custom_header_value_fault("a\tb", 3));
	assert_null(custom_header_value_fault("\xc3\xa4", 2));
	assert_null(custom_header_value_fault(text, sizeof(text) - 1));
	assert_non_null(custom_header_value_fault(text, sizeof(text)));
	assert_non_null(custom_header_value_fault("", 0));
	assert_non_null(custom_header_value_fault("a\nb", 3));
	assert_non_null(custom_header_value_fault("a\rb", 3));
	assert_non_null(custom_header_value_fault("a\0b", 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
