/* SPDX-License-Identifier: MIT */
/*
 * fuzz.reply: how a relay's bytes are cut into pieces makes no difference; what
 * is kept of them is text, and no more than the limits allow.
 */
#include <string.h>

#include "fuzz.h"
#include "reply.h"
#include "reply_class.h"
#include "utf8.h"

static void
check_text(const char *text, size_t len)
{
	uint32_t point;
	size_t at, n, lines = 1;

	for (at = 0; at < len; at += n) {
		n = utf8_next(text + at, len - at, &point);
		CHECK(n > 0);
		CHECK(point == '\n' ||
		    (point >= 0x20 && (point < 0x7f || point > 0x9f)));
		lines += point == '\n';
	}
	CHECK(lines <= REPLY_LINES_MAX);
}

static void
check_reply(const struct reply *reply)
{
	const struct reply_enhanced *enhanced = &reply->enhanced;
	enum reply_to to;

	CHECK(reply->code >= 200 && reply->code <= 599);
	CHECK(enhanced->severity == 0 || enhanced->severity == 2 ||
	    enhanced->severity == 4 || enhanced->severity == 5);
	CHECK(enhanced->subject >= 0 && enhanced->subject <= 999);
	CHECK(enhanced->detail >= 0 && enhanced->detail <= 999);
	CHECK(reply->text_len == strlen(reply->text));
	CHECK(reply->text_len <= REPLY_SIZE_MAX);
	check_text(reply->text, reply->text_len);
	for (to = REPLY_TO_CONNECT; to <= REPLY_TO_MESSAGE; to *= 2)
		CHECK(reply_classify(to, reply->code, enhanced) <
		    REPLY_CLASS__MAX);
}

static void
tell_reply(struct buffer *told, const struct reply *reply)
{
	buffer_printf(told, "%d %d.%d.%d [", reply->code,
	    reply->enhanced.severity, reply->enhanced.subject,
	    reply->enhanced.detail);
	buffer_add(told, reply->text, reply->text_len);
	buffer_add_text(told, "]\n");
}

/* One piece; appends what came of it. */
static void
feed(struct reply_reader *reader, struct buffer *told, const char *bytes,
    size_t len)
{
	enum reply_progress progress;
	size_t used;

	while (len > 0 && reader->fault == NULL) {
		progress = reply_read(reader, bytes, len, &used);
		CHECK(used <= len);
		CHECK(reader->line.len <= REPLY_LINE_MAX);
		CHECK((progress == REPLY_FAULTY) == (reader->fault != NULL));
		if (progress == REPLY_INCOMPLETE)
			CHECK(used == len);
		if (progress == REPLY_COMPLETE) {
			check_reply(&reader->reply);
			tell_reply(told, &reader->reply);
		}
		bytes += used;
		len -= used;
	}
}

/* All in pieces of `size` bytes, or, when it is 0, as the bytes say. */
static void
read_pieces(struct buffer *told, const uint8_t *data, size_t len, size_t size)
{
	struct reply_reader reader = { .fault = NULL };
	size_t at, n, used;

	for (at = 0; at < len; at += n) {
		n = size > 0 ? size : 1 + (size_t)data[at] % 8;
		if (n > len - at)
			n = len - at;
		feed(&reader, told, (const char *)data + at, n);
	}
	if (reader.fault != NULL) {
		buffer_printf(told, "fault: %s\n", reader.fault);
		CHECK(reply_read(&reader, "250 Ok\r\n", 8, &used) ==
		    REPLY_FAULTY);
	} else {
		buffer_printf(told, "partial: %d\n", reply_is_partial(&reader));
	}
	reply_reader_free(&reader);
}

/* What is safe stays as it is. */
static void
check_safe(const char *text, size_t len)
{
	struct buffer once = { 0 }, twice = { 0 };

	reply_add_safe(&once, text, len);
	reply_add_safe(&twice, once.data, once.len);
	CHECK(once.len == twice.len && once.len <= len);
	CHECK(memcmp(once.data, twice.data, once.len) == 0);
	CHECK(memchr(once.data, '\n', once.len) == NULL);
	check_text(once.data, once.len);
	buffer_free(&once);
	buffer_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t sizes[] = { 1, 0, 5 };
	struct buffer whole = { 0 }, pieces = { 0 };
	size_t i;

	if (size == 0)
		return 0;
	read_pieces(&whole, data, size, size);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		buffer_clear(&pieces);
		read_pieces(&pieces, data, size, sizes[i]);
		CHECK(pieces.len == whole.len);
		CHECK(memcmp(pieces.data, whole.data, whole.len) == 0);
	}
	check_safe((const char *)data, size);
	buffer_free(&whole);
	buffer_free(&pieces);
	return 0;
}
