/* SPDX-License-Identifier: MIT */
/* unit.timestamp: both ways of writing, and every way of reading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "timestamp.h"

static void
test_format(void **state)
{
	static const struct {
		int64_t ms;
		const char *text, *mail;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z",
		    "Thu, 01 Jan 1970 00:00:00 +0000" },
		{ 1751212337432, "2025-06-29T15:52:17.432Z",
		    "Sun, 29 Jun 2025 15:52:17 +0000" },
		{ 951782400000, "2000-02-29T00:00:00.000Z",
		    "Tue, 29 Feb 2000 00:00:00 +0000" },
		{ 1709251199999, "2024-02-29T23:59:59.999Z",
		    "Thu, 29 Feb 2024 23:59:59 +0000" },
		{ 4107542400000, "2100-03-01T00:00:00.000Z",
		    "Mon, 01 Mar 2100 00:00:00 +0000" },
		{ -1, "1970-01-01T00:00:00.000Z",
		    "Thu, 01 Jan 1970 00:00:00 +0000" },
		{ TIMESTAMP_MAX, "9999-12-31T23:59:59.999Z",
		    "Fri, 31 Dec 9999 23:59:59 +0000" },
		{ INT64_MAX, "9999-12-31T23:59:59.999Z",
		    "Fri, 31 Dec 9999 23:59:59 +0000" },
	};
	char text[TIMESTAMP_SIZE], mail[TIMESTAMP_MAIL_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		timestamp_format(text, rows[i].ms);
		assert_string_equal(text, rows[i].text);
		timestamp_format_mail(mail, rows[i].ms);
		assert_string_equal(mail, rows[i].mail);
	}
}

/* Every day for 800 years agrees with libc and reads back as itself. */
static void
test_every_day(void **state)
{
	char text[TIMESTAMP_SIZE], mail[TIMESTAMP_MAIL_SIZE];
	char libc[TIMESTAMP_MAIL_SIZE];
	int64_t day, ms, back;
	struct tm tm;
	time_t second;

	(void)state;
	for (day = 0; day < 365 * 800; day++) {
		ms = day * 86400000 + day % 86400000;
		second = (time_t)(ms / 1000);
		timestamp_format(text, ms);
		assert_int_equal(timestamp_parse(text, strlen(text), &back), 0);
		assert_int_equal(back, ms);
		if (day % 13 != 0) /* libc is the slow part */
			continue;
		assert_non_null(gmtime_r(&second, &tm));
		assert_int_not_equal(strftime(libc, sizeof(libc),
					 "%a, %d %b %Y %T +0000", &tm),
		    0);
		timestamp_format_mail(mail, ms);
		assert_string_equal(mail, libc);
	}
}

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "2025-06-29T15:52:17.432Z", 1751212337432 },
		{ "2025-06-29T15:52:17Z", 1751212337000 },
		{ "2025-06-29t15:52:17z", 1751212337000 },
		{ "2025-06-29T15:52:17", 1751212337000 },
		{ "2025-06-29T15:52:17.4", 1751212337400 },
		{ "2025-06-29T15:52:17.43Z", 1751212337430 },
		{ "2025-06-29T15:52:17.4321Z", 1751212337432 },
		{ "2025-06-29T15:52:17.43299Z", 1751212337432 },
		{ "2025-06-29T15:52:17.432999Z", 1751212337432 },
		{ "2025-06-29T15:52:17.4329999Z", 1751212337432 },
		{ "2025-06-29T15:52:17.43299999Z", 1751212337432 },
		{ "2025-06-29T15:52:17.432999999Z", 1751212337432 },
		{ "2025-06-29T17:52:17.432+02:00", 1751212337432 },
		{ "2025-06-29T10:22:17.432-05:30", 1751212337432 },
		{ "2025-06-29T15:52:17.432+00:00", 1751212337432 },
		{ "2025-06-29T15:52:17.432-00:00", 1751212337432 },
		{ "2025-06-29T00:00:00+23:59", 1751068860000 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1969-12-31T23:00:00-01:00", 0 },
		{ "2000-02-29T00:00:00Z", 951782400000 },
		{ "2024-02-29T00:00:00Z", 1709164800000 },
		{ "9999-12-31T23:59:59.999Z", TIMESTAMP_MAX },
		{ "2016-12-31T23:59:60Z", 1483228800000 }, /* leap second */
		{ "2017-01-01T00:59:60+01:00", 1483228800000 },
	};
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ms = -7;
		if (timestamp_parse(rows[i].text, strlen(rows[i].text), &ms) <
		    0)
			fail_msg("%s is refused", rows[i].text);
		assert_int_equal(ms, rows[i].ms);
	}
}

static void
test_parse_refuses(void **state)
{
	static const char *const rows[] = { "", "2025", "2025-06-29",
		"2025-06-29T", "2025-06-29T15:52", "2025-06-29T15:52:17.",
		"2025-06-29T15:52:17.Z", "2025-06-29T15:52:17.4x",
		"2025-06-29 15:52:17Z", "2025-06-29T15:52:17 Z",
		" 2025-06-29T15:52:17Z", "2025-06-29T15:52:17Z ",
		"2025-6-29T15:52:17Z", "25-06-29T15:52:17Z",
		"12025-06-29T15:52:17Z", "+2025-06-29T15:52:17Z",
		"2025-00-29T15:52:17Z", "2025-13-29T15:52:17Z",
		"2025-06-00T15:52:17Z", "2025-06-31T15:52:17Z",
		"2025-02-29T15:52:17Z", "2100-02-29T15:52:17Z",
		"1900-02-29T15:52:17Z", "2025-06-29T24:00:00Z",
		"2025-06-29T15:60:17Z", "2025-06-29T15:52:61Z",
		"2025-06-29T15:52:60Z", "2025-06-29T23:59:60+01:00",
		"2025-06-29T15:52:17+02", "2025-06-29T15:52:17+0200",
		"2025-06-29T15:52:17+24:00", "2025-06-29T15:52:17+02:60",
		"2025-06-29T15:52:17+02:00Z", "2025-06-29T15:52:17ZZ",
		"2025/06/29T15:52:17Z", "2025-06-29T15-52-17Z",
		"1969-12-31T23:59:59Z", "1970-01-01T00:30:00+01:00",
		"9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00Z",
		"1751212337432", "-025-06-29T15:52:17Z",
		"2025-06-29T15:52:17\xc3\xa9" };
	int64_t ms = -7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (timestamp_parse(rows[i], strlen(rows[i]), &ms) == 0)
			fail_msg("'%s' is taken", rows[i]);
	assert_int_equal(timestamp_parse("2025-06-29T15:52:17\0Z", 21, &ms),
	    -1);
	assert_int_equal(timestamp_parse("2025-06-29T\0"
					 "5:52:17Z",
			     20, &ms),
	    -1);
	assert_int_equal(ms, -7);
}

/* No byte behind `len` is read: every prefix is copied to its exact size. */
static void
test_parse_stays_inside(void **state)
{
	static const char text[] = "2025-06-29T15:52:17.432+02:00";
	int64_t ms;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(text); len++) {
		char *copy = malloc(len == 0 ? 1 : len);

		assert_non_null(copy);
		memcpy(copy, text, len);
		(void)timestamp_parse(copy, len, &ms);
		free(copy);
	}
}

static void
test_clocks(void **state)
{
	int64_t now = timestamp_now(), monotonic = timestamp_monotonic();

	(void)state;
	assert_in_range(now, (int64_t)time(NULL) * 1000 - 2000,
	    (int64_t)time(NULL) * 1000 + 2000);
	assert_in_range(timestamp_monotonic(), monotonic, monotonic + 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_parse_stays_inside),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
