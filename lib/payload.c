/* SPDX-License-Identifier: MIT */
/*
 * A payload in the form in which we write that of most mails: to, subject and
 * body, in order and without blanks.
 */
#include "payload.h"

#include <stdlib.h>
#include <string.h>

#include "characters.h"
#include "timestamp.h"

struct reader {
	const char *at, *end;
	struct buffer unescaped; /* of the last text that had escapes */
};

struct text {
	const char *bytes; /* good until the next text */
	size_t len;
};

static bool
skip(struct reader *r, const char *words)
{
	const size_t len = strlen(words);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, words, len) != 0)
		return false;
	r->at += len;
	return true;
}

/* -- texts ----------------------------------------------------------------- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What stands behind a backslash; how many bytes that is, 0: not ours. */
static size_t
unescape(struct buffer *out, const char *at, size_t len)
{
	static const char from[] = "\"\\bfnrt", to[] = "\"\\\b\f\n\r\t";
	const char *found;
	int high, low;
	char byte;

	if (len == 0 || *at == '\0')
		return 0;
	found = strchr(from, *at);
	if (found != NULL) {
		buffer_add(out, &to[found - from], 1);
		return 1;
	}
	if (len < 5 || memcmp(at, "u00", 3) != 0)
		return 0;
	high = hex_digit(at[3]);
	low = hex_digit(at[4]);
	if (high < 0 || high > 1 || low < 0 || high + low == 0)
		return 0;
	byte = (char)(16 * high + low);
	buffer_add(out, &byte, 1);
	return 5;
}

/* A text with escapes, from behind its first quote on. */
static bool
read_escaped(struct reader *r, struct text *text)
{
	const char *run;
	size_t n;

	buffer_clear(&r->unescaped);
	buffer_reserve(&r->unescaped, (size_t)(r->end - r->at));
	for (;;) {
		for (run = r->at;
		     r->at < r->end && *r->at != '"' && *r->at != '\\';)
			r->at++;
		buffer_add(&r->unescaped, run, (size_t)(r->at - run));
		if (r->at == r->end || *r->at == '"')
			break;
		r->at++;
		n = unescape(&r->unescaped, r->at, (size_t)(r->end - r->at));
		if (n == 0)
			return false;
		r->at += n;
	}
	text->bytes = r->unescaped.data;
	text->len = r->unescaped.len;
	return skip(r, "\"");
}

static bool
read_text(struct reader *r, struct text *text)
{
	const char *quote;
	size_t len;

	if (!skip(r, "\""))
		return false;
	quote = memchr(r->at, '"', (size_t)(r->end - r->at));
	if (quote == NULL)
		return false;
	len = (size_t)(quote - r->at);
	if (memchr(r->at, '\\', len) != NULL)
		return read_escaped(r, text);
	text->bytes = r->at;
	text->len = len;
	r->at = quote + 1;
	return true;
}

static char *
copy(const struct text *text)
{
	char *mine = malloc(text->len + 1);

	if (mine == NULL)
		abort();
	memcpy(mine, text->bytes, text->len);
	mine[text->len] = '\0';
	return mine;
}

/* -- members --------------------------------------------------------------- */

static bool
read_id(struct reader *r, struct job *job)
{
	struct text text;

	if (!skip(r, "{\"job_id\":") || !read_text(r, &text) ||
	    !id_is_valid(text.bytes, text.len))
		return false;
	memcpy(job->id, text.bytes, text.len);
	return true;
}

static bool
read_from(struct reader *r, struct job *job)
{
	struct text text;

	if (!skip(r, ",\"from\":"))
		return true;
	return read_text(r, &text) &&
	    mailbox_parse(&job->from, text.bytes, text.len) == ADDRESS_OK;
}

static bool
read_recipient(struct reader *r, struct job *job)
{
	struct mailbox box;
	struct text text;

	return read_text(r, &text) &&
	    mailbox_parse(&box, text.bytes, text.len) == ADDRESS_OK &&
	    job_add_mailbox(job, RECIPIENT_TO, &box) == 0;
}

static bool
read_to(struct reader *r, struct job *job)
{
	if (!skip(r, ",\"to\":["))
		return false;
	do {
		if (!read_recipient(r, job))
			return false;
	} while (skip(r, ","));
	return skip(r, "]");
}

static bool
read_texts(struct reader *r, struct job *job)
{
	struct text text;

	if (!skip(r, ",\"subject\":") || !read_text(r, &text) ||
	    text.len > JOB_SUBJECT_MAX ||
	    !characters_are(text.bytes, text.len, CHARACTERS_LINE))
		return false;
	job->subject = copy(&text);
	if (!skip(r, ",\"body\":") || !read_text(r, &text))
		return false;
	/* It may be large: what holds it already is not copied. */
	job->body = text.bytes == r->unescaped.data ?
	    buffer_take(&r->unescaped) :
	    copy(&text);
	job->body_len = text.len;
	return true;
}

static bool
read_time(struct reader *r, struct job *job)
{
	struct text text;

	return !skip(r, ",\"created_at\":") ||
	    (read_text(r, &text) &&
		timestamp_parse(text.bytes, text.len, &job->created_at) == 0);
}

static bool
read_trace(struct reader *r, struct job *job)
{
	char given[TRACEPARENT_SIZE] = "";
	struct text text;

	if (!skip(r, ",\"traceparent\":"))
		return true;
	if (!read_text(r, &text) || text.len >= sizeof(given))
		return false;
	memcpy(given, text.bytes, text.len);
	traceparent_read(job->traceparent, given);
	return true;
}

static bool
read_state(struct reader *r, struct job *job)
{
	struct text text;

	if (!skip(r, ",\"tracestate\":"))
		return true;
	if (!read_text(r, &text) || job->traceparent[0] == '\0')
		return false;
	job->tracestate = copy(&text);
	return tracestate_is_valid(job->tracestate);
}

bool
payload_read(struct job *job, const char *text, size_t len)
{
	struct reader r = { .at = text, .end = text + len };
	const bool fine = memchr(text, '\0', len) == NULL && read_id(&r, job) &&
	    read_from(&r, job) && read_to(&r, job) && read_texts(&r, job) &&
	    read_time(&r, job) && read_trace(&r, job) && read_state(&r, job) &&
	    skip(&r, "}") && r.at == r.end;

	buffer_free(&r.unescaped);
	if (!fine)
		job_clear(job);
	return fine;
}
