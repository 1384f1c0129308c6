/* SPDX-License-Identifier: MIT */
/*
 * A payload in the form in which we write it: its members in order and without
 * blanks. What can be large is read here, the rest as JSON.
 */
#include "payload.h"

#include <limits.h>
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
read_recipient(struct reader *r, struct job *job, enum recipient_role role)
{
	struct mailbox box;
	struct text text;

	return read_text(r, &text) &&
	    mailbox_parse(&box, text.bytes, text.len) == ADDRESS_OK &&
	    job_add_mailbox(job, role, &box) == 0;
}

/* Of to there is one at least. */
static bool
read_role(struct reader *r, struct job *job, enum recipient_role role)
{
	static const char *const begins[RECIPIENT_ROLE__MAX] = {
		[RECIPIENT_TO] = ",\"to\":[",
		[RECIPIENT_CC] = ",\"cc\":[",
		[RECIPIENT_BCC] = ",\"bcc\":[",
	};

	if (!skip(r, begins[role]))
		return role != RECIPIENT_TO;
	do {
		if (!read_recipient(r, job, role))
			return false;
	} while (skip(r, ","));
	return skip(r, "]");
}

static bool
read_recipients(struct reader *r, struct job *job)
{
	return read_role(r, job, RECIPIENT_TO) &&
	    read_role(r, job, RECIPIENT_CC) && read_role(r, job, RECIPIENT_BCC);
}

static bool
read_subject(struct reader *r, struct job *job)
{
	struct text text;

	if (!skip(r, ",\"subject\":") || !read_text(r, &text) ||
	    text.len > JOB_SUBJECT_MAX ||
	    !characters_are(text.bytes, text.len, CHARACTERS_LINE))
		return false;
	job->subject = copy(&text);
	return true;
}

/* It may be large: what holds it already is not copied. */
static char *
take(struct reader *r, const struct text *text)
{
	return text->bytes == r->unescaped.data ? buffer_take(&r->unescaped) :
						  copy(text);
}

static bool
read_body(struct reader *r, struct job *job)
{
	struct text text;

	if (!skip(r, ",\"body\":"))
		return true;
	if (!read_text(r, &text))
		return false;
	job->body = take(r, &text);
	job->body_len = text.len;
	return true;
}

static bool
read_html(struct reader *r, struct job *job)
{
	struct text text;

	if (!skip(r, ",\"html\":"))
		return true;
	if (!read_text(r, &text))
		return false;
	job->extras = extras_new();
	job->extras->html = take(r, &text);
	job->extras->html_len = text.len;
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

/*
 * The other members, which are short: as JSON. One of those above, or that is
 * not ours, is none of our form.
 */
static bool
read_rest(struct reader *r, struct job *job)
{
	struct json_tokener *tokener;
	json_object *rest;
	bool fine;

	if (skip(r, "}"))
		return r->at == r->end;
	if (!skip(r, ","))
		return false;
	tokener = json_tokener_new();
	(void)json_tokener_parse_ex(tokener, "{", 1); /* it goes on */
	rest = json_tokener_parse_ex(tokener, r->at, (int)(r->end - r->at));
	fine = json_tokener_get_error(tokener) == json_tokener_success &&
	    r->at + json_tokener_get_parse_end(tokener) == r->end &&
	    extras_are_rest(rest) && extras_decode(&job->extras, rest) == NULL;
	json_object_put(rest);
	json_tokener_free(tokener);
	return fine;
}

bool
payload_read(struct job *job, const char *text, size_t len)
{
	struct reader r = { .at = text, .end = text + len };
	const bool fine = len <= INT_MAX && memchr(text, '\0', len) == NULL &&
	    read_id(&r, job) && read_from(&r, job) &&
	    read_recipients(&r, job) && read_subject(&r, job) &&
	    read_body(&r, job) && read_time(&r, job) && read_trace(&r, job) &&
	    read_state(&r, job) && read_html(&r, job) && read_rest(&r, job) &&
	    (job->body != NULL || (job->extras != NULL && job->extras->html));

	buffer_free(&r.unescaped);
	if (!fine)
		job_clear(job);
	return fine;
}
