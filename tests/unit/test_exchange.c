/* SPDX-License-Identifier: MIT */
/*
 * unit.exchange: a group of calls against a peer that speaks Redis' protocol
 * from a prepared text: replies in order, lost scripts, an early end, silence.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "buffer.h"
#include "exchange.h"
#include "store.h"

#define CALLS 3
#define SILENCE 300 /* ms that are sat out */
#define PATIENCE 10000 /* ms for what comes at once, on a busy machine */

struct told {
	struct pipeline_call call;
	int times;
	enum pipeline_result result;
	char reply[64];
};

static struct told calls[CALLS];
static struct pipeline_group group;
static redisContext *redis;
static int peer;

static void
done(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct told *told = (void *)call; /* its first member */

	told->times++;
	told->result = result;
	snprintf(told->reply, sizeof(told->reply), "%s",
	    reply != NULL && reply->str != NULL ? reply->str : "");
}

/* A call of one argument. */
static void
set_argument(struct pipeline_call *call, const void *bytes, size_t len)
{
	struct store_call script;

	pipeline_call_drop(call);
	store_call_begin(&script, STORE_SHOW);
	store_call_bytes(&script, bytes, len);
	pipeline_call_set(call, &script);
}

static int
set_up(void **state)
{
	int fds[2], i;
	char digit;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	peer = fds[1];
	redis = redisConnectFd(fds[0]);
	pipeline_group_reset(&group);
	memset(calls, 0, sizeof(calls));
	for (i = 0; i < CALLS; i++) {
		calls[i].call.done = done;
		digit = (char)('0' + i);
		set_argument(&calls[i].call, &digit, 1);
		pipeline_group_add(&group, &calls[i].call);
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	redisFree(redis);
	if (peer != -1)
		close(peer);
	return 0;
}

static void
peer_says(const char *text)
{
	assert_int_equal(write(peer, text, strlen(text)), strlen(text));
}

/* All that we wrote to the peer, in `text`. */
static void
peer_heard(struct buffer *text)
{
	char piece[4096];
	ssize_t n;

	while ((n = recv(peer, piece, sizeof(piece), MSG_DONTWAIT)) > 0)
		buffer_add(text, piece, (size_t)n);
	buffer_reserve(text, 0);
}

static void
assert_told(int i, enum pipeline_result result, const char *reply)
{
	assert_int_equal(calls[i].times, 1);
	assert_int_equal(calls[i].result, result);
	assert_string_equal(calls[i].reply, reply);
	assert_null(calls[i].call.arguments);
}

/* A command of `args` arguments comes next; it is taken away. */
static void
assert_heard(struct buffer *heard, size_t args, const char *arguments)
{
	char head[STORE_HEAD_SIZE];
	const size_t len = store_head_format(head, STORE_SHOW, args);

	assert_memory_equal(heard->data, head, len);
	assert_memory_equal(heard->data + len, arguments, strlen(arguments));
	buffer_drop(heard, len + strlen(arguments));
}

static void
test_in_order(void **state)
{
	struct buffer heard = { 0 };
	const char *why;

	(void)state;
	peer_says("+a\r\n-OOM b\r\n$1\r\nc\r\n");
	assert_int_equal(exchange_run(redis, &group, PATIENCE, &why), 0);
	assert_told(0, PIPELINE_REPLIED, "a");
	assert_told(1, PIPELINE_REPLIED, "OOM b");
	assert_told(2, PIPELINE_REPLIED, "c");
	peer_heard(&heard);
	assert_heard(&heard, 1, "$1\r\n0\r\n");
	assert_heard(&heard, 1, "$1\r\n1\r\n");
	assert_heard(&heard, 1, "$1\r\n2\r\n");
	assert_int_equal(heard.len, 0);
	buffer_free(&heard);
}

static void
join_all(void)
{
	int i;

	for (i = 0; i < CALLS; i++)
		calls[i].call.joins = true;
}

static void
test_joined(void **state)
{
	struct buffer heard = { 0 };
	const char *why;

	(void)state;
	join_all();
	peer_says("*3\r\n$1\r\na\r\n-WRONGTYPE b\r\n$1\r\nc\r\n");
	assert_int_equal(exchange_run(redis, &group, PATIENCE, &why), 0);
	assert_told(0, PIPELINE_REPLIED, "a");
	assert_told(1, PIPELINE_REPLIED, "WRONGTYPE b");
	assert_told(2, PIPELINE_REPLIED, "c");
	peer_heard(&heard);
	assert_heard(&heard, 3, "$1\r\n0\r\n$1\r\n1\r\n$1\r\n2\r\n");
	assert_int_equal(heard.len, 0);
	buffer_free(&heard);
}

/* Only neighbours, of one script, which both want it. */
static void
test_not_joined(void **state)
{
	const char *why;

	(void)state;
	join_all();
	calls[1].call.script = STORE_ACCEPT;
	calls[2].call.script = STORE_ACCEPT;
	calls[2].call.joins = false;
	peer_says("*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n$1\r\nc\r\n");
	assert_int_equal(exchange_run(redis, &group, PATIENCE, &why), 0);
	assert_told(0, PIPELINE_REPLIED, "a");
	assert_told(1, PIPELINE_REPLIED, "b");
	assert_told(2, PIPELINE_REPLIED, "c");
}

static void
test_joined_refused(void **state)
{
	const char *why;

	(void)state;
	join_all();
	peer_says("-OOM all\r\n");
	assert_int_equal(exchange_run(redis, &group, PATIENCE, &why), 0);
	assert_told(0, PIPELINE_REPLIED, "OOM all");
	assert_told(2, PIPELINE_REPLIED, "OOM all");
}

static void
says_loaded(void)
{
	int i;

	for (i = 0; i < STORE_SCRIPT__MAX; i++)
		peer_says("$1\r\nx\r\n");
}

static void
test_scripts_lost(void **state)
{
	struct buffer heard = { 0 };
	const char *why;

	(void)state;
	peer_says("-NOSCRIPT x\r\n+b\r\n-NOSCRIPT x\r\n");
	says_loaded();
	peer_says("+a\r\n-NOSCRIPT again\r\n");
	assert_int_equal(exchange_run(redis, &group, PATIENCE, &why), 0);
	assert_told(0, PIPELINE_REPLIED, "a");
	assert_told(1, PIPELINE_REPLIED, "b");
	assert_told(2, PIPELINE_REPLIED, "NOSCRIPT again");
	peer_heard(&heard);
	assert_non_null(strstr(heard.data, "$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n"));
	buffer_free(&heard);
}

static void
test_scripts_lost_joined(void **state)
{
	const char *why;

	(void)state;
	join_all();
	peer_says("-NOSCRIPT x\r\n");
	says_loaded();
	peer_says("*3\r\n+a\r\n+b\r\n+c\r\n");
	assert_int_equal(exchange_run(redis, &group, PATIENCE, &why), 0);
	assert_told(0, PIPELINE_REPLIED, "a");
	assert_told(2, PIPELINE_REPLIED, "c");
}

static void
test_early_end(void **state)
{
	const char *why;

	(void)state;
	peer_says("+a\r\n-NOSCRIPT x\r\n");
	assert_int_equal(shutdown(peer, SHUT_WR), 0);
	assert_int_equal(exchange_run(redis, &group, PATIENCE, &why), -1);
	assert_told(0, PIPELINE_REPLIED, "a");
	assert_told(1, PIPELINE_UNAVAILABLE, ""); /* surely not done */
	assert_told(2, PIPELINE_NO_REPLY, "");
	assert_non_null(strstr(why, "closed"));
}

static void
test_silence(void **state)
{
	const char *why;

	(void)state;
	peer_says("+a\r\n+b");
	assert_int_equal(exchange_run(redis, &group, SILENCE, &why), -1);
	assert_told(0, PIPELINE_REPLIED, "a");
	assert_told(1, PIPELINE_NO_REPLY, "");
	assert_told(2, PIPELINE_NO_REPLY, "");
	assert_string_equal(why, "no reply in time");
}

static void
test_silence_after_loading(void **state)
{
	const char *why;

	(void)state;
	peer_says("-NOSCRIPT x\r\n+b\r\n+c\r\n");
	says_loaded();
	assert_int_equal(exchange_run(redis, &group, SILENCE, &why), -1);
	assert_told(0, PIPELINE_NO_REPLY, ""); /* sent again: may be done */
	assert_told(1, PIPELINE_REPLIED, "b");
	assert_told(2, PIPELINE_REPLIED, "c");
}

static void
test_nonsense(void **state)
{
	const char *why;

	(void)state;
	peer_says("HTTP/1.1 400 Bad Request\r\n\r\n");
	assert_int_equal(exchange_run(redis, &group, PATIENCE, &why), -1);
	assert_told(0, PIPELINE_NO_REPLY, "");
	assert_told(2, PIPELINE_NO_REPLY, "");
	assert_non_null(strstr(why, "Protocol error"));
}

static void
test_peer_gone(void **state)
{
	const char *why;

	(void)state;
	close(peer);
	peer = -1;
	assert_int_equal(exchange_run(redis, &group, PATIENCE, &why), -1);
	assert_told(0, PIPELINE_UNAVAILABLE, ""); /* nothing was written */
	assert_told(2, PIPELINE_UNAVAILABLE, "");
}

/* The peer does not read: what was not written to its end was not done. */
static void
test_half_written(void **state)
{
	static char large[4 << 20];
	const char *why;

	(void)state;
	set_argument(&calls[1].call, large, sizeof(large));
	assert_int_equal(exchange_run(redis, &group, SILENCE, &why), -1);
	assert_told(0, PIPELINE_NO_REPLY, ""); /* may be done */
	assert_told(1, PIPELINE_UNAVAILABLE, "");
	assert_told(2, PIPELINE_UNAVAILABLE, "");
}

/* Calls of one command share its fate; a large one is a command of its own. */
static void
test_half_written_joined(void **state)
{
	static char large[4 << 20];
	const char *why;

	(void)state;
	join_all();
	set_argument(&calls[2].call, large, sizeof(large));
	assert_int_equal(exchange_run(redis, &group, SILENCE, &why), -1);
	assert_told(0, PIPELINE_NO_REPLY, "");
	assert_told(1, PIPELINE_NO_REPLY, "");
	assert_told(2, PIPELINE_UNAVAILABLE, "");
}

#define WITH_PEER(TEST) cmocka_unit_test_setup_teardown(TEST, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PEER(test_in_order),
		WITH_PEER(test_joined),
		WITH_PEER(test_not_joined),
		WITH_PEER(test_joined_refused),
		WITH_PEER(test_scripts_lost),
		WITH_PEER(test_scripts_lost_joined),
		WITH_PEER(test_early_end),
		WITH_PEER(test_silence),
		WITH_PEER(test_silence_after_loading),
		WITH_PEER(test_nonsense),
		WITH_PEER(test_peer_gone),
		WITH_PEER(test_half_written),
		WITH_PEER(test_half_written_joined),
	};

	signal(SIGPIPE, SIG_IGN); /* as every program does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
