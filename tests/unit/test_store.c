/* SPDX-License-Identifier: MIT */
/* Calls as Redis gets them, and what replies and errors mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store.h"

/* A reply as hiredis would make it, from RESP text. */
static redisReply *
reply_of(const char *resp)
{
	redisReader *reader = redisReaderCreate();
	void *reply = NULL;

	redisReaderFeed(reader, resp, strlen(resp));
	assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
	assert_non_null(reply);
	redisReaderFree(reader);
	return reply;
}

static void
test_call(void **state)
{
	struct store_call call;
	char expected[256], *command;
	size_t len;

	(void)state;
	store_call_begin(&call, STORE_PUBLISHED);
	store_call_text(&call, "id");
	store_call_number(&call, INT64_C(1751212337432));
	store_call_text(&call, NULL);
	store_call_bytes(&call, "a\0b", 3);
	command = store_call_format(&call, &len);
	snprintf(expected, sizeof(expected),
	    "*7\r\n$7\r\nEVALSHA\r\n$40\r\n%s\r\n$1\r\n0\r\n$2\r\nid\r\n"
	    "$13\r\n1751212337432\r\n$0\r\n\r\n$3\r\na",
	    store_script_sources[STORE_PUBLISHED].plain.sha1);
	assert_memory_equal(command, expected, strlen(expected));
	assert_memory_equal(command + len - 5, "a\0b\r\n", 5);
	redisFreeCommand(command);
}

/* Head and arguments make the same command. */
static void
test_call_in_parts(void **state)
{
	struct store_call call;
	char head[STORE_HEAD_SIZE], *command, *arguments;
	size_t len, head_len, arguments_len, size;

	(void)state;
	store_call_begin(&call, STORE_PUBLISHED);
	store_call_text(&call, "id");
	store_call_text(&call, NULL);
	store_call_bytes(&call, "a\0b", 3);
	command = store_call_format(&call, &len);
	head_len = store_head_format(head, STORE_PUBLISHED, 3);
	arguments = store_arguments_format(&call, &arguments_len);
	assert_int_equal(len, head_len + arguments_len);
	assert_memory_equal(command, head, head_len);
	assert_memory_equal(command + head_len, arguments, arguments_len);
	assert_memory_equal(store_argument(arguments, 0, &size), "id", 2);
	assert_int_equal(size, 2);
	(void)store_argument(arguments, 1, &size);
	assert_int_equal(size, 0);
	assert_ptr_equal(store_argument(arguments, 2, &size),
	    arguments + arguments_len - 5);
	assert_int_equal(size, 3);
	redisFreeCommand(command);
	free(arguments);
}

static void
test_group(void **state)
{
	struct store_group group = { .script = STORE_CLAIM };
	struct store_call call;
	char expected[256], *command;
	size_t len;
	int turn;

	(void)state;
	assert_true(store_takes_group(STORE_CLAIM));
	assert_false(store_takes_group(STORE_ACCEPT));
	snprintf(expected, sizeof(expected),
	    "*7\r\n$7\r\nEVALSHA\r\n$40\r\n%s\r\n$1\r\n0\r\n$1\r\na\r\n"
	    "$1\r\n1\r\n$1\r\nb\r\n$2\r\n22\r\n",
	    store_script_sources[STORE_CLAIM].plain.sha1);
	for (turn = 0; turn < 2; turn++) { /* it is empty again */
		store_call_begin(&call, STORE_CLAIM);
		store_call_text(&call, "a");
		store_call_number(&call, 1);
		store_group_add(&group, &call);
		store_call_begin(&call, STORE_CLAIM);
		store_call_text(&call, "b");
		store_call_number(&call, 22);
		store_group_add(&group, &call);
		assert_int_equal(group.calls, 2);
		command = store_group_format(&group, &len);
		assert_int_equal(len, strlen(expected));
		assert_memory_equal(command, expected, len);
		assert_int_equal(group.calls, 0);
		redisFreeCommand(command);
	}
	buffer_free(&group.args);
}

static void
assert_is_script(const struct store_script_text *text)
{
	assert_non_null(text->source);
	assert_memory_equal(text->source, "#!lua", 5);
	assert_int_equal(strlen(text->sha1), 40);
}

static void
test_every_script_is_embedded(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < STORE_SCRIPT__MAX; i++) {
		assert_is_script(&store_script_sources[i].plain);
		assert_is_script(&store_script_sources[i].recorded);
	}
}

static void
test_errors(void **state)
{
	static const struct {
		const char *resp;
		enum store_error error;
	} rows[] = {
		{ "+OK\r\n", STORE_OK },
		{ ":1\r\n", STORE_OK },
		{ "-NOSCRIPT No matching script\r\n", STORE_NO_SCRIPT },
		{ "-OOM command not allowed\r\n", STORE_REFUSED },
		{ "-READONLY You can't write\r\n", STORE_REFUSED },
		{ "-LOADING Redis is loading\r\n", STORE_REFUSED },
		{ "-MISCONF Errors writing\r\n", STORE_REFUSED },
		{ "-WRONGTYPE Operation\r\n", STORE_FAULT },
		{ "-ERR unknown\r\n", STORE_FAULT },
	};
	redisReply *reply;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reply = reply_of(rows[i].resp);
		assert_int_equal(store_error_of(reply), rows[i].error);
		freeReplyObject(reply);
	}
	assert_int_equal(store_error_of(NULL), STORE_NO_REPLY);
}

static void
test_claim(void **state)
{
	struct store_claim_reply claim;
	redisReply *reply;

	(void)state;
	reply = reply_of("*7\r\n$7\r\nclaimed\r\n:5\r\n:2\r\n:0\r\n:1\r\n"
			 "$2\r\n[]\r\n$3\r\nabc\r\n");
	assert_int_equal(store_claim_read(&claim, reply), 0);
	assert_int_equal(claim.answer, STORE_CLAIMED);
	assert_int_equal(claim.claim_seq, 5);
	assert_int_equal(claim.attempt, 2);
	assert_int_equal(claim.retry_count, 1);
	assert_string_equal(claim.payload, "abc");
	freeReplyObject(reply);
	reply = reply_of("*3\r\n$5\r\nearly\r\n:1751212337432\r\n:0\r\n");
	assert_int_equal(store_claim_read(&claim, reply), 0);
	assert_int_equal(claim.answer, STORE_CLAIM_EARLY);
	assert_int_equal(claim.next_at, INT64_C(1751212337432));
	freeReplyObject(reply);
	reply = reply_of("*1\r\n$5\r\nwhat?\r\n");
	assert_int_equal(store_claim_read(&claim, reply), -1);
	freeReplyObject(reply);
	reply = reply_of("-ERR no\r\n");
	assert_int_equal(store_claim_read(&claim, reply), -1);
	freeReplyObject(reply);
}

static void
test_settle(void **state)
{
	struct store_settle_reply settle;
	redisReply *reply;

	(void)state;
	reply = reply_of("*3\r\n$7\r\nsettled\r\n$8\r\nretrying\r\n:42\r\n");
	assert_int_equal(store_settle_read(&settle, reply), 0);
	assert_int_equal(settle.answer, STORE_SETTLED);
	assert_string_equal(settle.status, "retrying");
	assert_int_equal(settle.next_at, 42);
	freeReplyObject(reply);
	reply = reply_of("*3\r\n$4\r\nlost\r\n$0\r\n\r\n:0\r\n");
	assert_int_equal(store_settle_read(&settle, reply), 0);
	assert_int_equal(settle.answer, STORE_SETTLE_LOST);
	freeReplyObject(reply);
}

static void
test_durability(void **state)
{
	static const struct {
		const char *resp;
		enum store_durability durability;
		const char *advice;
	} rows[] = {
		{ "*6\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n$11\r\nappendfsync"
		  "\r\n$6\r\nalways\r\n$16\r\nmaxmemory-policy\r\n$10\r\n"
		  "noeviction\r\n",
		    STORE_DURABLE, "" },
		{ "*6\r\n$10\r\nappendonly\r\n$2\r\nno\r\n$11\r\nappendfsync"
		  "\r\n$8\r\neverysec\r\n$16\r\nmaxmemory-policy\r\n$10\r\n"
		  "noeviction\r\n",
		    STORE_NOT_DURABLE, "appendonly yes; appendfsync always" },
		{ "*0\r\n", STORE_DURABILITY_UNKNOWN, "" },
		{ "-ERR unknown command\r\n", STORE_DURABILITY_UNKNOWN, "" },
	};
	char advice[128];
	redisReply *reply;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reply = reply_of(rows[i].resp);
		assert_int_equal(store_durability_of(reply, advice,
				     sizeof(advice)),
		    rows[i].durability);
		assert_string_equal(advice, rows[i].advice);
		freeReplyObject(reply);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_call_in_parts),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_every_script_is_embedded),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_claim),
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_durability),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
