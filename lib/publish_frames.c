/* SPDX-License-Identifier: MIT */
/*
 * Sections are those of the AMQP 0-9-1 specification: 2.3.5 and 4.2.3 frames,
 * 4.2.5 numbers, strings and tables, 4.2.6 content.
 */
#include "publish_frames.h"

#include <string.h>

#include "traceparent.h"

#define FRAME_METHOD 1
#define FRAME_HEADER 2
#define FRAME_BODY 3
#define FRAME_END 0xce
#define FRAME_OVERHEAD 8 /* type, channel, size; end */

#define CLASS_BASIC 60
#define METHOD_PUBLISH 40
#define PUBLISH_MANDATORY 1 /* bit 0; bit 1 is immediate */

/* 1.8.1: in this order they follow the flags. */
#define HAS_CONTENT_TYPE (1U << 15)
#define HAS_HEADERS (1U << 13)
#define HAS_DELIVERY_MODE (1U << 12)
#define HAS_MESSAGE_ID (1U << 7)
#define PERSISTENT 2

#define SHORT_MAX 255 /* bytes of a short string */
#define STATE_HEADER 16 /* bytes of its name and lengths */
#define FIXED 192 /* bytes, at most: all but names, body and its frames */

static void
put(struct buffer *out, uint64_t number, size_t bytes)
{
	unsigned char big_endian[8];
	size_t i;

	for (i = bytes; i-- > 0; number >>= 8)
		big_endian[i] = (unsigned char)number;
	buffer_add(out, big_endian, bytes);
}

static void
put_short_string(struct buffer *out, const char *text)
{
	const size_t len = strnlen(text, SHORT_MAX);

	put(out, len, 1);
	buffer_add(out, text, len);
}

/* Where the frame begins, for frame_end(). */
static size_t
frame_begin(const struct publish_frames *frames, struct buffer *out, int type)
{
	const size_t at = out->len;

	put(out, (uint64_t)type, 1);
	put(out, frames->channel, 2);
	put(out, 0, 4);
	return at;
}

static void
frame_end(struct buffer *out, size_t at)
{
	const size_t size = out->len - at - (FRAME_OVERHEAD - 1);
	size_t i;

	for (i = 0; i < 4; i++)
		out->data[at + 3 + i] = (char)(size >> (24 - 8 * i));
	put(out, FRAME_END, 1);
}

static void
add_method(const struct publish_frames *frames, const struct publish *p,
    struct buffer *out)
{
	const size_t at = frame_begin(frames, out, FRAME_METHOD);

	put(out, CLASS_BASIC, 2);
	put(out, METHOD_PUBLISH, 2);
	put(out, 0, 2); /* reserved */
	put_short_string(out, p->exchange);
	put_short_string(out, p->routing_key);
	put(out, PUBLISH_MANDATORY, 1);
	frame_end(out, at);
}

struct header {
	const char *name, *value; /* value NULL: it is left out */
};

#define HEADERS_MAX 3

static void
list_headers(struct header headers[HEADERS_MAX], const struct publish *p)
{
	headers[0] = (struct header){ "x-reason", p->reason };
	headers[1] = (struct header){ "traceparent", p->traceparent };
	headers[2] = (struct header){ "tracestate", p->tracestate };
}

/* A table of long strings: each with a short name, 'S' and its length. */
static void
put_headers(struct buffer *out, const struct publish *p)
{
	struct header headers[HEADERS_MAX];
	size_t i, len = 0;

	list_headers(headers, p);
	for (i = 0; i < HEADERS_MAX; i++)
		if (headers[i].value != NULL)
			len += 1 + strlen(headers[i].name) + 1 + 4 +
			    strlen(headers[i].value);
	put(out, len, 4);
	for (i = 0; i < HEADERS_MAX; i++) {
		if (headers[i].value == NULL)
			continue;
		put_short_string(out, headers[i].name);
		buffer_add(out, "S", 1);
		put(out, strlen(headers[i].value), 4);
		buffer_add_text(out, headers[i].value);
	}
}

static void
add_header(const struct publish_frames *frames, const struct publish *p,
    struct buffer *out)
{
	const size_t at = frame_begin(frames, out, FRAME_HEADER);
	unsigned flags = HAS_CONTENT_TYPE | HAS_DELIVERY_MODE | HAS_MESSAGE_ID;

	if (p->reason != NULL || p->traceparent != NULL ||
	    p->tracestate != NULL)
		flags |= HAS_HEADERS;
	put(out, CLASS_BASIC, 2);
	put(out, 0, 2); /* weight */
	put(out, p->body_len, 8);
	put(out, flags, 2);
	put_short_string(out, "application/json");
	if ((flags & HAS_HEADERS) != 0)
		put_headers(out, p);
	put(out, PERSISTENT, 1);
	put_short_string(out, p->message_id);
	frame_end(out, at);
}

static size_t
piece_max(const struct publish_frames *frames)
{
	return frames->frame_max - FRAME_OVERHEAD;
}

/* An empty body has no frame. */
static void
add_body(const struct publish_frames *frames, const struct publish *p,
    struct buffer *out)
{
	const char *body = p->body;
	size_t done, n, at;

	for (done = 0; done < p->body_len; done += n) {
		n = p->body_len - done;
		if (n > piece_max(frames))
			n = piece_max(frames);
		at = frame_begin(frames, out, FRAME_BODY);
		buffer_add(out, body + done, n);
		frame_end(out, at);
	}
}

void
publish_frames_add(const struct publish_frames *frames, const struct publish *p,
    struct buffer *out)
{
	add_method(frames, p, out);
	add_header(frames, p, out);
	add_body(frames, p, out);
}

size_t
publish_frames_size(const struct publish_frames *frames,
    const struct publish *p)
{
	const size_t pieces = p->body_len / piece_max(frames) + 1;
	const size_t reason = p->reason != NULL ? strlen(p->reason) : 0;
	const size_t trace = (p->traceparent != NULL ? TRACEPARENT_SIZE : 0) +
	    (p->tracestate != NULL ? STATE_HEADER + strlen(p->tracestate) : 0);

	return FIXED + strnlen(p->exchange, SHORT_MAX) +
	    strnlen(p->routing_key, SHORT_MAX) +
	    strnlen(p->message_id, SHORT_MAX) + reason + trace + p->body_len +
	    pieces * FRAME_OVERHEAD;
}
