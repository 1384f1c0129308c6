/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes points in time. The calendar is computed here (Gregorian,
 * UTC), so neither locale nor time zone can change what is written.
 */
#include "timestamp.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#define DAY_SECONDS 86400
#define ERA_DAYS 146097 /* 400 years, after which the calendar repeats */
#define ERA_OFFSET 719468 /* days from 0000-03-01 to 1970-01-01 */

struct moment {
	int64_t days; /* since 1970-01-01 */
	int year, month, day, hour, minute, second, ms;
};

static int64_t
timestamp_clock(clockid_t clock)
{
	struct timespec now;

	/* Fails only for a clock that the kernel does not have. */
	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
timestamp_now(void)
{
	return timestamp_clock(CLOCK_REALTIME);
}

int64_t
timestamp_monotonic(void)
{
	return timestamp_clock(CLOCK_BOOTTIME);
}

/*
 * Both ways count years from March, so that the leap day is the last of its
 * year: http://howardhinnant.github.io/date_algorithms.html
 */
static int64_t
days_from_date(int64_t year, int month, int day)
{
	int64_t of_year, of_era;

	if (month <= 2)
		year--;
	of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	of_era = year % 400 * 365 + year % 400 / 4 - year % 400 / 100 + of_year;
	return year / 400 * ERA_DAYS + of_era - ERA_OFFSET;
}

static void
date_from_days(struct moment *at)
{
	const int64_t days = at->days + ERA_OFFSET;
	const int64_t of_era = days % ERA_DAYS;
	const int64_t year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	const int64_t month = (5 * of_year + 2) / 153; /* 0 is March */

	at->day = (int)(of_year - (153 * month + 2) / 5 + 1);
	at->month = (int)(month < 10 ? month + 3 : month - 9);
	at->year = (int)(year + days / ERA_DAYS * 400 + (at->month <= 2));
}

static struct moment
moment_of(int64_t ms)
{
	struct moment at;
	int64_t second;

	if (ms < 0)
		ms = 0;
	if (ms > TIMESTAMP_MAX)
		ms = TIMESTAMP_MAX;
	at.days = ms / 1000 / DAY_SECONDS;
	second = ms / 1000 % DAY_SECONDS;
	at.hour = (int)(second / 3600);
	at.minute = (int)(second / 60 % 60);
	at.second = (int)(second % 60);
	at.ms = (int)(ms % 1000);
	date_from_days(&at);
	return at;
}

/* `number` as `width` digits; returns what follows them. */
static char *
put_digits(char *at, int number, int width)
{
	int i;

	for (i = width - 1; i >= 0; i--, number /= 10)
		at[i] = (char)('0' + number % 10);
	return at + width;
}

static char *
put_time(char *text, const struct moment *at)
{
	text = put_digits(text, at->hour, 2);
	*text++ = ':';
	text = put_digits(text, at->minute, 2);
	*text++ = ':';
	return put_digits(text, at->second, 2);
}

void
timestamp_format(char text[TIMESTAMP_SIZE], int64_t ms)
{
	const struct moment at = moment_of(ms);

	text = put_digits(text, at.year, 4);
	*text++ = '-';
	text = put_digits(text, at.month, 2);
	*text++ = '-';
	text = put_digits(text, at.day, 2);
	*text++ = 'T';
	text = put_time(text, &at);
	*text++ = '.';
	text = put_digits(text, at.ms, 3);
	*text++ = 'Z';
	*text = '\0';
}

void
timestamp_format_mail(char text[TIMESTAMP_MAIL_SIZE], int64_t ms)
{
	static const char days[7][4] = { "Thu", "Fri", "Sat", "Sun", "Mon",
		"Tue", "Wed" }; /* 1970-01-01 was a Thursday */
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	const struct moment at = moment_of(ms);

	memcpy(text, days[at.days % 7], 3);
	memcpy(text + 3, ", ", 2);
	text = put_digits(text + 5, at.day, 2);
	*text++ = ' ';
	memcpy(text, months[at.month - 1], 3);
	text[3] = ' ';
	text = put_digits(text + 4, at.year, 4);
	*text++ = ' ';
	text = put_time(text, &at);
	memcpy(text, " +0000", sizeof(" +0000"));
}

/* What is left to read. */
struct cursor {
	const char *at, *end;
};

static bool
is_digit(const struct cursor *in)
{
	return in->at < in->end && *in->at >= '0' && *in->at <= '9';
}

/* Exactly `width` digits, `min` to `max`. */
static bool
read_digits(struct cursor *in, int width, int min, int max, int *number)
{
	int value = 0;

	for (; width > 0; width--, in->at++) {
		if (!is_digit(in))
			return false;
		value = value * 10 + (*in->at - '0');
	}
	*number = value;
	return value >= min && value <= max;
}

/* One byte out of `any`. */
static bool
read_one(struct cursor *in, const char *any)
{
	if (in->at == in->end || *in->at == '\0' ||
	    strchr(any, *in->at) == NULL)
		return false;
	in->at++;
	return true;
}

static int
month_days(int year, int month)
{
	static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool
read_date(struct cursor *in, struct moment *at)
{
	return read_digits(in, 4, 0, 9999, &at->year) && read_one(in, "-") &&
	    read_digits(in, 2, 1, 12, &at->month) && read_one(in, "-") &&
	    read_digits(in, 2, 1, month_days(at->year, at->month), &at->day);
}

static bool
read_time(struct cursor *in, struct moment *at)
{
	int unit = 100;

	if (!read_digits(in, 2, 0, 23, &at->hour) || !read_one(in, ":") ||
	    !read_digits(in, 2, 0, 59, &at->minute) || !read_one(in, ":") ||
	    !read_digits(in, 2, 0, 60, &at->second))
		return false;
	at->ms = 0;
	if (!read_one(in, "."))
		return true;
	if (!is_digit(in))
		return false;
	for (; is_digit(in); in->at++, unit /= 10)
		at->ms += (*in->at - '0') * unit; /* 0 from the fourth on */
	return true;
}

/* Minutes east of UTC; without an offset it is UTC. */
static bool
read_offset(struct cursor *in, int *minutes)
{
	int hour, minute, sign;

	*minutes = 0;
	if (in->at == in->end || read_one(in, "Zz"))
		return true;
	sign = *in->at == '-' ? -1 : 1;
	if (!read_one(in, "+-") || !read_digits(in, 2, 0, 23, &hour) ||
	    !read_one(in, ":") || !read_digits(in, 2, 0, 59, &minute))
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

int
timestamp_parse(const char *text, size_t len, int64_t *ms)
{
	struct cursor in = { text, text + len };
	struct moment at;
	int64_t seconds, result;
	int offset;

	if (!read_date(&in, &at) || !read_one(&in, "Tt") ||
	    !read_time(&in, &at) || !read_offset(&in, &offset) ||
	    in.at != in.end)
		return -1;
	seconds = days_from_date(at.year, at.month, at.day) * DAY_SECONDS +
	    at.hour * 3600 + at.minute * 60 + at.second - offset * 60;
	/* A leap second (RFC 3339 5.7) ends a day of UTC: then it is midnight. */
	if (at.second == 60 && seconds % DAY_SECONDS != 0)
		return -1;
	result = seconds * 1000 + at.ms;
	if (result < 0 || result > TIMESTAMP_MAX)
		return -1;
	*ms = result;
	return 0;
}
