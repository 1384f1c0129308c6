/* SPDX-License-Identifier: MIT */
/* unit.event: what is told of a job, also when it has moved on or is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "event.h"

#define NIL                             \
	{                               \
		.type = REDIS_REPLY_NIL \
	}

/* A reply of texts; NULL is nil. At most 16. */
struct list {
	redisReply reply, items[16], *pointers[16];
};

static redisReply *
list(struct list *list, const char *const *texts, size_t count)
{
	size_t i;

	memset(list, 0, sizeof(*list));
	list->reply.type = REDIS_REPLY_ARRAY;
	list->reply.elements = count;
	list->reply.element = list->pointers;
	for (i = 0; i < count; i++) {
		list->pointers[i] = &list->items[i];
		list->items[i].type =
		    texts[i] != NULL ? REDIS_REPLY_STRING : REDIS_REPLY_NIL;
		list->items[i].str = (char *)texts[i];
		list->items[i].len = texts[i] != NULL ? strlen(texts[i]) : 0;
	}
	return &list->reply;
}

static struct event *
event_of(const char *id, const char *json)
{
	const char *const fields[] = { "event", json };
	struct list inner;
	redisReply *fields_reply = list(&inner, fields, 2), id_reply = { 0 },
		   *both[] = { &id_reply, fields_reply }, entry = { 0 };

	id_reply.type = REDIS_REPLY_STRING;
	id_reply.str = (char *)id;
	id_reply.len = strlen(id);
	entry.type = REDIS_REPLY_ARRAY;
	entry.elements = 2;
	entry.element = both;
	return event_new(&entry);
}

#define RETRYING                                                         \
	"{\"job_id\":\"j\",\"last_error\":\"450 no\",\"seq\":3,"         \
	"\"status\":\"retrying\",\"timestamp\":\"T3\",\"message\":\"\"," \
	"\"code\":450,\"error\":\"450 no\"}"
#define QUEUED "{\"seq\":1,\"status\":\"queued\",\"timestamp\":\"T1\"}"
#define CLAIMED "{\"seq\":2,\"status\":\"processing\",\"timestamp\":\"T2\"}"
#define DEFERRED                                                   \
	"{\"seq\":3,\"status\":\"retrying\",\"timestamp\":\"T3\"," \
	"\"message\":\"\",\"code\":450,\"error\":\"450 no\"}"
#define DATA(CREATED, TO, SUBJECT, HISTORY, RETRIES)                      \
	"{\"event_id\":\"5-1\",\"job_id\":\"j\",\"status\":\"retrying\"," \
	"\"seq\":3,\"timestamp\":\"T3\",\"updated_at\":\"T3\","           \
	"\"created_at\":" CREATED ",\"to\":" TO ",\"subject\":" SUBJECT   \
	",\"last_error\":\"450 no\",\"history\":[" HISTORY "],"           \
	"\"retry_count\":" RETRIES "}"

static void
check(const char *const *job, size_t count, const char *expected)
{
	struct event *event = event_of("5-1", RETRYING);
	struct list reply;

	assert_non_null(event);
	event_complete(event, list(&reply, job, count));
	assert_string_equal(event->data.data, expected);
	event_free(event);
}

static void
test_what_is_asked_for(void **state)
{
	static const char many[] = "{\"job_id\":\"j\",\"seq\":53,"
				   "\"status\":\"queued\",\"timestamp\":\"T\"}";
	struct buffer command = { 0 };
	struct event *event = event_of("5-1", RETRYING);

	(void)state;
	event_add_command(event, &command);
	assert_string_equal(command.data,
	    "HMGET job:j to subject retry_count seq created_at h1 h2 h3");
	event_free(event);
	buffer_clear(&command);
	event = event_of("5-1", many); /* the first 5 and the last 45 */
	event_add_command(event, &command);
	assert_non_null(strstr(command.data, " h4 h5 h9 h10 "));
	assert_non_null(strstr(command.data, " h52 h53"));
	event_free(event);
	buffer_free(&command);
}

static void
test_a_job_as_it_was(void **state)
{
	static const char *const now[] = { "[\"a@b.c\"]", "Sub\"ject", "4", "3",
		"1751212337432", QUEUED, CLAIMED, DEFERRED };
	static const char *const later[] = { "[\"a@b.c\"]", "S", "4", "9",
		"1751212337432", QUEUED, CLAIMED, DEFERRED };

	(void)state;
	check(now, 8,
	    DATA("\"2025-06-29T15:52:17.432Z\"", "[\"a@b.c\"]",
		"\"Sub\\\"ject\"", QUEUED "," CLAIMED "," DEFERRED, "4"));
	check(later, 8,
	    DATA("\"2025-06-29T15:52:17.432Z\"", "[\"a@b.c\"]", "\"S\"",
		QUEUED "," CLAIMED "," DEFERRED, "1"));
}

static void
test_a_job_that_is_gone(void **state)
{
	static const char *const none[8] = { NULL };
	static const redisReply error = { .type = REDIS_REPLY_ERROR };
	struct event *event = event_of("5-1", RETRYING);

	(void)state;
	check(none, 8, DATA("null", "null", "null", DEFERRED, "1"));
	event_complete(event, &error);
	assert_string_equal(event->data.data,
	    DATA("null", "null", "null", DEFERRED, "1"));
	event_free(event);
}

static void
test_what_is_no_event(void **state)
{
	static const char *const texts[] = { "", "[]", "{}", "7",
		"{\"job_id\":\"a b\",\"seq\":1,\"status\":\"queued\","
		"\"timestamp\":\"T\"}",
		"{\"job_id\":\"j\",\"seq\":0,\"status\":\"queued\","
		"\"timestamp\":\"T\"}",
		"{\"job_id\":\"j\",\"seq\":1,\"status\":\"done\","
		"\"timestamp\":\"T\"}",
		"{\"job_id\":\"j\",\"seq\":1,\"status\":\"queued\"}" };
	static const redisReply nil = NIL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_null(event_of("5-1", texts[i]));
	assert_null(event_of("5", RETRYING));
	assert_null(event_new(&nil));
}

static void
check_starts(const struct chunk *chunk, size_t at, const char *text)
{
	assert_true(at + strlen(text) <= chunk->len);
	assert_memory_equal(chunk->data + at, text, strlen(text));
}

static void
test_its_forms(void **state)
{
	static const char *const none[8] = { NULL };
	struct event *event = event_of("5-1", RETRYING);
	struct list reply;
	struct chunk *chunk;

	(void)state;
	event_complete(event, list(&reply, none, 8));
	chunk = event_form(event, FORM_SSE, NULL);
	assert_ptr_equal(event_form(event, FORM_SSE, NULL), chunk);
	check_starts(chunk, 0,
	    "id: 5-1\nevent: job_status_update\ndata: {\"event_id\":");
	check_starts(chunk, chunk->len - 3, "}\n\n");
	chunk = event_form(event, FORM_FRAME, NULL);
	check_starts(chunk, 4, "{\"type\":\"job_status_update\",\"data\":{");
	event_free(event);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_asked_for),
		cmocka_unit_test(test_a_job_as_it_was),
		cmocka_unit_test(test_a_job_that_is_gone),
		cmocka_unit_test(test_what_is_no_event),
		cmocka_unit_test(test_its_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
