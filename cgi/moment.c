/* SPDX-License-Identifier: MIT */
/* Times in the words of RFC 3339, and a few of English. */
#include "moment.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "literal.h"
#include "timestamp.h"

#define NUMBER_MAX 100000000 /* of whatever unit */
#define DAY INT64_C(86400000) /* ms */

static const struct {
	const char *name;
	int64_t ms;
} units[] = {
	{ "s", 1000 },
	{ "sec", 1000 },
	{ "secs", 1000 },
	{ "second", 1000 },
	{ "seconds", 1000 },
	{ "m", 60000 },
	{ "min", 60000 },
	{ "mins", 60000 },
	{ "minute", 60000 },
	{ "minutes", 60000 },
	{ "h", 3600000 },
	{ "hr", 3600000 },
	{ "hrs", 3600000 },
	{ "hour", 3600000 },
	{ "hours", 3600000 },
	{ "d", DAY },
	{ "day", DAY },
	{ "days", DAY },
	{ "week", 7 * DAY },
	{ "weeks", 7 * DAY },
};

/* What is left to read. */
struct words {
	const char *at, *end;
};

static void
skip_blanks(struct words *in)
{
	while (in->at < in->end && *in->at == ' ')
		in->at++;
}

/* The letters that come next, and the blanks behind them. */
static size_t
take_letters(struct words *in, const char **word)
{
	size_t len;

	*word = in->at;
	while (in->at < in->end &&
	    ((*in->at >= 'a' && *in->at <= 'z') ||
		(*in->at >= 'A' && *in->at <= 'Z')))
		in->at++;
	len = (size_t)(in->at - *word);
	skip_blanks(in);
	return len;
}

static bool
is_word(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(word, name, len) == 0;
}

/* Digits, or "a" or "an". */
static bool
take_number(struct words *in, int64_t *number)
{
	const char *word;
	size_t len;

	if (in->at == in->end || *in->at < '0' || *in->at > '9') {
		*number = 1;
		len = take_letters(in, &word);
		return is_word(word, len, "a") || is_word(word, len, "an");
	}
	for (*number = 0; in->at < in->end && *in->at >= '0' && *in->at <= '9';
	     in->at++) {
		*number = 10 * *number + (*in->at - '0');
		if (*number > NUMBER_MAX)
			return false;
	}
	skip_blanks(in);
	return true;
}

static bool
take_unit(struct words *in, int64_t *ms)
{
	const char *word;
	size_t i, len = take_letters(in, &word);

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (is_word(word, len, units[i].name)) {
			*ms = units[i].ms;
			return true;
		}
	return false;
}

int
moment_parse(const char *text, size_t len, int64_t now, int64_t *ms)
{
	struct words in = { text, text + len };
	int64_t number, unit;
	const char *word;

	if (timestamp_parse(text, len, ms) == 0)
		return 0;
	skip_blanks(&in);
	if (!is_word(word, take_letters(&in, &word), "in") ||
	    !take_number(&in, &number) || !take_unit(&in, &unit) ||
	    in.at != in.end || number > (TIMESTAMP_MAX - now) / unit)
		return -1;
	*ms = now + number * unit;
	return 0;
}

const char *
moment_schedule_fault(int64_t at, int64_t now)
{
	if (at < now - MOMENT_PAST)
		return "is in the past";
	if (at > now + MOMENT_SCHEDULE_DAYS * DAY)
		return "is more than " LITERAL(
		    MOMENT_SCHEDULE_DAYS) " days ahead";
	return NULL;
}

const char *
moment_expiry_fault(int64_t at, int64_t now, int64_t scheduled_at)
{
	if (at <= now)
		return "is in the past";
	if (at <= scheduled_at)
		return "must be after scheduled_at";
	return NULL;
}
