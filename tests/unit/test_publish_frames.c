/* SPDX-License-Identifier: MIT */
/* unit.publish_frames: the bytes, and what a reader of the protocol finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "publish_frames.h"

static const struct publish_frames wide = { 1, 128 * 1024 };

/* What is not read yet. */
struct reader {
	const unsigned char *at;
	size_t len;
};

static uint64_t
take(struct reader *reader, size_t bytes)
{
	uint64_t number = 0;

	assert_true(reader->len >= bytes);
	reader->len -= bytes;
	while (bytes-- > 0)
		number = number << 8 | *reader->at++;
	return number;
}

static struct reader
take_bytes(struct reader *reader, size_t len)
{
	struct reader part = { reader->at, len };

	assert_true(reader->len >= len);
	reader->at += len;
	reader->len -= len;
	return part;
}

static struct reader
take_frame(struct reader *reader, unsigned type, unsigned channel)
{
	struct reader payload;

	assert_int_equal(take(reader, 1), type);
	assert_int_equal(take(reader, 2), channel);
	payload = take_bytes(reader, (size_t)take(reader, 4));
	assert_int_equal(take(reader, 1), 0xce);
	return payload;
}

static void
assert_text(struct reader *reader, size_t length_bytes, const char *text)
{
	struct reader part =
	    take_bytes(reader, (size_t)take(reader, length_bytes));

	assert_int_equal(part.len, strlen(text));
	assert_memory_equal(part.at, text, part.len);
}

static void
assert_method(struct reader *reader, const struct publish *p, unsigned channel)
{
	struct reader method = take_frame(reader, 1, channel);

	assert_int_equal(take(&method, 2), 60);
	assert_int_equal(take(&method, 2), 40);
	assert_int_equal(take(&method, 2), 0);
	assert_text(&method, 1, p->exchange);
	assert_text(&method, 1, p->routing_key);
	assert_int_equal(take(&method, 1), 1);
	assert_int_equal(method.len, 0);
}

/* `value` NULL: it does not. */
static void
assert_table_has(struct reader *table, const char *name, const char *value)
{
	if (value == NULL)
		return;
	assert_text(table, 1, name);
	assert_int_equal(take(table, 1), 'S');
	assert_text(table, 4, value);
}

static void
assert_header(struct reader *reader, const struct publish *p, unsigned channel)
{
	struct reader header = take_frame(reader, 2, channel), table;
	const bool has_headers = p->reason != NULL || p->traceparent != NULL;

	assert_int_equal(take(&header, 2), 60);
	assert_int_equal(take(&header, 2), 0);
	assert_int_equal(take(&header, 8), p->body_len);
	assert_int_equal(take(&header, 2), has_headers ? 0xb080 : 0x9080);
	assert_text(&header, 1, "application/json");
	if (has_headers) {
		table = take_bytes(&header, (size_t)take(&header, 4));
		assert_table_has(&table, "x-reason", p->reason);
		assert_table_has(&table, "traceparent", p->traceparent);
		assert_table_has(&table, "tracestate", p->tracestate);
		assert_int_equal(table.len, 0);
	}
	assert_int_equal(take(&header, 1), 2);
	assert_text(&header, 1, p->message_id);
	assert_int_equal(header.len, 0);
}

/* In as few frames as there can be. */
static void
assert_body(struct reader *reader, const struct publish *p,
    const struct publish_frames *frames)
{
	const unsigned char *body = p->body;
	size_t left = p->body_len;
	struct reader piece;

	while (left > 0) {
		piece = take_frame(reader, 3, frames->channel);
		assert_true(
		    piece.len == left || piece.len == frames->frame_max - 8);
		assert_memory_equal(piece.at, body, piece.len);
		body += piece.len;
		left -= piece.len;
	}
}

static void
assert_message(struct reader *reader, const struct publish *p,
    const struct publish_frames *frames)
{
	const size_t before = reader->len;

	assert_method(reader, p, frames->channel);
	assert_header(reader, p, frames->channel);
	assert_body(reader, p, frames);
	assert_true(before - reader->len <= publish_frames_size(frames, p));
}

static void
test_bytes(void **state)
{
	static const unsigned char expected[] =
	    /* method frame of channel 1, 17 bytes */
	    "\1\0\1\0\0\0\x11"
	    "\0\x3c\0\x28\0\0\1e\7to here\1\xce"
	    /* header frame, 35 bytes */
	    "\2\0\1\0\0\0\x23"
	    "\0\x3c\0\0\0\0\0\0\0\0\0\2\x90\x80"
	    "\x10"
	    "application/json\2\2id\xce"
	    /* body frame */
	    "\3\0\1\0\0\0\2{}\xce";
	struct publish p = { .exchange = "e",
		.routing_key = "to here",
		.message_id = "id",
		.body = "{}",
		.body_len = 2 };
	struct buffer out = { 0 };

	(void)state;
	publish_frames_add(&wide, &p, &out);
	assert_int_equal(out.len, sizeof(expected) - 1);
	assert_memory_equal(out.data, expected, out.len);
	buffer_free(&out);
}

#define TRACE "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

static void
test_group(void **state)
{
	struct publish list[] = {
		{ .exchange = "",
		    .routing_key = "email_tasks",
		    .message_id = "one",
		    .body = "{\"a\":1}",
		    .body_len = 7 },
		{ .exchange = "email_delay.v2.3",
		    .routing_key = "1.0.q",
		    .message_id = "two",
		    .reason = "relay answered 451",
		    .body = "",
		    .body_len = 0 },
		{ .exchange = "",
		    .routing_key = "email_dead",
		    .message_id = "three",
		    .reason = "",
		    .body = "x",
		    .body_len = 1 },
		{ .exchange = "",
		    .routing_key = "email_tasks",
		    .message_id = "four",
		    .traceparent = TRACE,
		    .body = "x",
		    .body_len = 1 },
		{ .exchange = "",
		    .routing_key = "email_tasks_failed",
		    .message_id = "five",
		    .reason = "rejected",
		    .traceparent = TRACE,
		    .tracestate = "a=1,b=2",
		    .body = "x",
		    .body_len = 1 },
	};
	struct buffer out = { 0 };
	struct reader reader;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		publish_frames_add(&wide, &list[i], &out);
	reader = (struct reader){ (unsigned char *)out.data, out.len };
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		assert_message(&reader, &list[i], &wide);
	assert_int_equal(reader.len, 0);
	buffer_free(&out);
}

static void
test_body_in_pieces(void **state)
{
	static const size_t lengths[] = { 4087, 4088, 4089, 8176, 8177, 20000 };
	const struct publish_frames narrow = { 0x1234, 4096 };
	struct publish p = { .exchange = "",
		.routing_key = "q",
		.message_id = "id" };
	struct buffer out = { 0 };
	struct reader reader;
	char *body = malloc(20000);
	size_t i;

	(void)state;
	assert_non_null(body);
	for (i = 0; i < 20000; i++)
		body[i] = (char)(i * 7 / 3);
	p.body = body;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		buffer_clear(&out);
		p.body_len = lengths[i];
		publish_frames_add(&narrow, &p, &out);
		reader = (struct reader){ (unsigned char *)out.data, out.len };
		assert_message(&reader, &p, &narrow);
		assert_int_equal(reader.len, 0);
	}
	buffer_free(&out);
	free(body);
}

/* A name that is too long is cut: its frames stay frames. */
static void
test_long_name(void **state)
{
	char name[301], cut[256];
	struct publish p = { .exchange = "",
		.routing_key = name,
		.message_id = name,
		.body = "{}",
		.body_len = 2 };
	struct buffer out = { 0 };
	struct reader reader;

	(void)state;
	memset(name, 'n', 300);
	name[300] = '\0';
	memset(cut, 'n', 255);
	cut[255] = '\0';
	publish_frames_add(&wide, &p, &out);
	p.routing_key = p.message_id = cut;
	reader = (struct reader){ (unsigned char *)out.data, out.len };
	assert_message(&reader, &p, &wide);
	assert_int_equal(reader.len, 0);
	buffer_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_body_in_pieces),
		cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
