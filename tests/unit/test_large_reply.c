/* SPDX-License-Identifier: MIT */
/* Replies with large strings are what hiredis makes of them, wherever these
 * begin and whatever stands behind them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buffer.h"
#include "large_reply.h"

static void
add_string(struct buffer *resp, size_t len)
{
	size_t i;

	buffer_printf(resp, "$%zu\r\n", len);
	buffer_reserve(resp, len + 2);
	for (i = 0; i < len; i++)
		resp->data[resp->len++] = (char)(i * 7 + i / 251);
	buffer_add_text(resp, "\r\n");
}

static void
assert_string(const redisReply *reply, size_t len)
{
	size_t i;

	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	assert_int_equal(reply->len, len);
	for (i = 0; i < len; i++)
		if (reply->str[i] != (char)(i * 7 + i / 251))
			fail_msg("another byte at %zu of %zu", i, len);
	assert_int_equal(reply->str[len], '\0');
}

/* The bytes come `piece` at a time, as from a socket. */
static redisReply *
next_reply(redisReader *reader, struct buffer *resp, size_t piece)
{
	void *reply = NULL;
	size_t n;

	while (reply == NULL) {
		assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
		if (reply != NULL)
			break;
		n = resp->len < piece ? resp->len : piece;
		assert_true(n > 0);
		redisReaderFeed(reader, resp->data, n);
		buffer_drop(resp, n);
	}
	return reply;
}

/* A list, and behind it another reply; `before` moves where the string is. */
static void
check(size_t len, size_t before, size_t piece)
{
	redisReader *reader = redisReaderCreate();
	struct buffer resp = { 0 };
	redisReply *reply;

	large_reply_release(reader);
	buffer_add_text(&resp, "*2\r\n*3\r\n+claimed\r\n");
	add_string(&resp, before);
	add_string(&resp, len);
	add_string(&resp, 5);
	buffer_add_text(&resp, ":7\r\n");
	reply = next_reply(reader, &resp, piece);
	assert_int_equal(reply->elements, 2);
	assert_int_equal(reply->element[0]->elements, 3);
	assert_string_equal(reply->element[0]->element[0]->str, "claimed");
	assert_string(reply->element[0]->element[1], before);
	assert_string(reply->element[0]->element[2], len);
	assert_string(reply->element[1], 5);
	freeReplyObject(reply);
	reply = next_reply(reader, &resp, piece);
	assert_int_equal(reply->integer, 7);
	freeReplyObject(reply);
	redisReaderFree(reader);
	buffer_free(&resp);
}

static void
test_strings(void **state)
{
	static const size_t lens[] = { 0, 1, LARGE_REPLY - 1, LARGE_REPLY,
		LARGE_REPLY + 1, 3 * LARGE_REPLY + 4097 };
	size_t i, before;

	(void)state;
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		for (before = 0; before < 9000; before += 4001) {
			check(lens[i], before, 16384);
			check(lens[i], before, 64 * LARGE_REPLY);
		}
}

/* Only strings: of others hiredis makes what it makes. */
static void
test_others(void **state)
{
	redisReader *reader = redisReaderCreate();
	struct buffer resp = { 0 };
	redisReply *reply;

	(void)state;
	large_reply_release(reader);
	buffer_add_text(&resp, "-ERR ");
	buffer_reserve(&resp, LARGE_REPLY);
	memset(resp.data + resp.len, 'x', LARGE_REPLY);
	resp.len += LARGE_REPLY;
	buffer_add_text(&resp, "\r\n$-1\r\n");
	reply = next_reply(reader, &resp, 16384);
	assert_int_equal(reply->type, REDIS_REPLY_ERROR);
	assert_int_equal(reply->len, LARGE_REPLY + 4);
	assert_int_equal(reply->str[reply->len - 1], 'x');
	freeReplyObject(reply);
	reply = next_reply(reader, &resp, 16384);
	assert_int_equal(reply->type, REDIS_REPLY_NIL);
	freeReplyObject(reply);
	redisReaderFree(reader);
	buffer_free(&resp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
