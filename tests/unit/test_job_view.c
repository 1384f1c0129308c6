/* SPDX-License-Identifier: MIT */
/* unit.job_view: Redis' replies, as they come over the wire, as API objects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "job_view.h"

/* The caller frees it. */
static redisReply *
reply_of(const char *wire)
{
	redisReader *reader = redisReaderCreate();
	void *reply = NULL;

	redisReaderFeed(reader, wire, strlen(wire));
	assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
	assert_non_null(reply);
	redisReaderFree(reader);
	return reply;
}

static const char waiting[] =
    "*2\r\n*14\r\n$2\r\nid\r\n$3\r\nx-1\r\n$6\r\nstatus\r\n$6\r\nqueued\r\n"
    "$2\r\nto\r\n$9\r\n[\"a@b.c\"]\r\n$7\r\nsubject\r\n$3\r\na\"b\r\n"
    "$10\r\ncreated_at\r\n$13\r\n1751212337432\r\n"
    "$7\r\nnext_at\r\n$13\r\n1751212337432\r\n$4\r\nfrom\r\n$0\r\n\r\n"
    "*2\r\n$9\r\n{\"seq\":1}\r\n$9\r\n{\"seq\":2}\r\n";

static void
test_waiting(void **state)
{
	redisReply *reply = reply_of(waiting);
	struct buffer out = { 0 };
	struct snapshot job;
	struct cursor cursor;

	(void)state;
	assert_int_equal(snapshot_read(&job, reply), 0);
	job_view_write(&out, &job);
	assert_string_equal(out.data,
	    "{\"object\":\"email\",\"id\":\"x-1\",\"job_id\":\"x-1\","
	    "\"status\":\"queued\",\"reason\":null,\"from\":null,"
	    "\"to\":[\"a@b.c\"],\"cc\":null,\"bcc\":null,"
	    "\"reply_to\":null,\"subject\":\"a\\\"b\","
	    "\"html\":null,\"text\":null,\"message_id\":null,"
	    "\"last_event\":\"queued\",\"scheduled_at\":null,"
	    "\"created_at\":\"2025-06-29T15:52:17.432Z\",\"updated_at\":null,"
	    "\"attempts\":0,\"retry_count\":0,\"last_error\":null,"
	    "\"last_code\":null,\"next_at\":\"2025-06-29T15:52:17.432Z\","
	    "\"history\":[{\"seq\":1},{\"seq\":2}]}");
	job_view_cursor(&cursor, &job);
	assert_string_equal(cursor.id, "x-1");
	assert_int_equal(cursor.created_at, 1751212337432);
	snapshot_free(&job);
	buffer_free(&out);
	freeReplyObject(reply);
}

static void
test_over(void **state)
{
	redisReply *reply = reply_of(
	    "*2\r\n*12\r\n$2\r\nid\r\n$1\r\nx\r\n$6\r\nstatus\r\n$9\r\n"
	    "completed\r\n$7\r\nnext_at\r\n$1\r\n1\r\n$7\r\nattempt\r\n$1\r\n3"
	    "\r\n$9\r\nlast_code\r\n$3\r\n250\r\n$10\r\nrecipients\r\n"
	    "$2\r\n[]\r\n*0\r\n");
	struct buffer out = { 0 };
	struct snapshot job;

	(void)state;
	assert_int_equal(snapshot_read(&job, reply), 0);
	job_view_write(&out, &job);
	assert_non_null(strstr(out.data, "\"next_at\":null,"));
	assert_non_null(strstr(out.data, "\"attempts\":3,"));
	assert_non_null(strstr(out.data, "\"last_code\":250,"));
	assert_non_null(strstr(out.data, "\"recipients\":[],\"history\":[]}"));
	snapshot_free(&job);
	buffer_free(&out);
	freeReplyObject(reply);
}

static void
test_extras(void **state)
{
	redisReply *reply = reply_of(
	    "*2\r\n*12\r\n$2\r\nid\r\n$1\r\nx\r\n"
	    "$2\r\ncc\r\n$5\r\n[\"c\"]\r\n$3\r\nbcc\r\n$5\r\n[\"b\"]\r\n"
	    "$8\r\nreply_to\r\n$5\r\n[\"r\"]\r\n$4\r\ntags\r\n$2\r\n[]\r\n"
	    "$8\r\nmetadata\r\n$7\r\n{\"a\":1}\r\n*0\r\n");
	struct buffer out = { 0 };
	struct snapshot job;

	(void)state;
	assert_int_equal(snapshot_read(&job, reply), 0);
	job_view_write(&out, &job);
	assert_non_null(strstr(out.data,
	    ",\"cc\":[\"c\"],\"bcc\":[\"b\"],\"reply_to\":[\"r\"],"));
	assert_non_null(strstr(out.data,
	    ",\"tags\":[],\"metadata\":{\"a\":1},\"history\""));
	snapshot_free(&job);
	buffer_free(&out);
	freeReplyObject(reply);
}

static void
test_other_shapes(void **state)
{
	static const char *const wires[] = { "$-1\r\n", ":1\r\n", "*0\r\n",
		"*2\r\n$1\r\na\r\n*0\r\n", "*2\r\n*0\r\n$1\r\na\r\n",
		"*1\r\n*0\r\n" };
	struct snapshot job;
	redisReply *reply;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
		reply = reply_of(wires[i]);
		assert_int_equal(snapshot_read(&job, reply), -1);
		snapshot_free(&job);
		freeReplyObject(reply);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_extras),
		cmocka_unit_test(test_other_shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
