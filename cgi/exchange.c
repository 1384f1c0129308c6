/* SPDX-License-Identifier: MIT */
/* hiredis' blocking calls, with a deadline for all of them together. */
#include "exchange.h"

#include <hiredis/sds.h>
#include <poll.h>
#include <stdlib.h>

#include "store.h"
#include "timestamp.h"

struct exchange {
	redisContext *redis;
	int64_t deadline; /* monotonic ms */
};

static void
append(struct exchange *exchange, const char *command, size_t len)
{
	if (redisAppendFormattedCommand(exchange->redis, command, len) !=
	    REDIS_OK)
		abort(); /* out of memory: it does nothing else */
}

/* 0, or -1 when not all was written in time. */
static int
flush(struct exchange *exchange)
{
	int done = 0;

	while (!done)
		if (timestamp_monotonic() > exchange->deadline ||
		    redisBufferWrite(exchange->redis, &done) != REDIS_OK)
			return -1;
	return 0;
}

/*
 * What was not written to its last byte was surely not done; of the rest nobody
 * knows. hiredis' buffer holds what is unwritten.
 */
static void
end_unwritten(const struct exchange *exchange, struct pipeline_group *group)
{
	const struct pipeline_call *call;
	size_t left = 0, unwritten = sdslen(exchange->redis->obuf);
	bool written;

	for (call = group->first; call != NULL; call = call->next)
		left += call->command_len;
	while (group->first != NULL) {
		left -= group->first->command_len; /* what follows it */
		written = left >= unwritten;
		pipeline_call_end(pipeline_group_pop(group),
		    written ? PIPELINE_NO_REPLY : PIPELINE_UNAVAILABLE, NULL);
	}
}

/* The caller frees it. NULL: it did not come. */
static redisReply *
next_reply(struct exchange *exchange)
{
	struct pollfd fd = { exchange->redis->fd, POLLIN, 0 };
	int64_t left;
	void *reply;

	for (;;) {
		if (redisGetReplyFromReader(exchange->redis, &reply) !=
		    REDIS_OK)
			return NULL;
		if (reply != NULL)
			return reply;
		left = exchange->deadline - timestamp_monotonic();
		if (left <= 0 || poll(&fd, 1, (int)left) == 0)
			return NULL;
		if (redisBufferRead(exchange->redis) != REDIS_OK)
			return NULL;
	}
}

/* Redis lost its scripts: SCRIPT FLUSH, or a restart behind a proxy. */
static int
load_scripts(struct exchange *exchange)
{
	redisReply *reply;
	char *command;
	size_t len;
	int i;

	for (i = 0; i < STORE_SCRIPT__MAX; i++) {
		command = store_load_format((enum store_script)i, &len);
		append(exchange, command, len);
		redisFreeCommand(command);
	}
	if (flush(exchange) == -1)
		return -1;
	for (i = 0; i < STORE_SCRIPT__MAX; i++) {
		reply = next_reply(exchange);
		if (reply == NULL)
			return -1;
		freeReplyObject(reply); /* an error shows in the next call */
	}
	return 0;
}

/* The first call's reply; NOSCRIPT for the first time puts it in `again`. */
static int
read_reply(struct exchange *exchange, struct pipeline_group *group,
    struct pipeline_group *again)
{
	redisReply *reply = next_reply(exchange);
	struct pipeline_call *call;

	if (reply == NULL)
		return -1;
	call = pipeline_group_pop(group);
	if (store_error_of(reply) == STORE_NO_SCRIPT && !call->resent) {
		call->resent = true;
		pipeline_group_add(again, call);
	} else {
		pipeline_call_end(call, PIPELINE_REPLIED, reply);
	}
	freeReplyObject(reply);
	return 0;
}

/* What needs its script first is in `again` after that. */
static int
send_group(struct exchange *exchange, struct pipeline_group *group,
    struct pipeline_group *again)
{
	const struct pipeline_call *call;

	for (call = group->first; call != NULL; call = call->next)
		append(exchange, call->command, call->command_len);
	if (flush(exchange) == -1) {
		end_unwritten(exchange, group);
		return -1;
	}
	while (group->first != NULL)
		if (read_reply(exchange, group, again) == -1)
			return -1;
	return 0;
}

int
exchange_run(redisContext *redis, struct pipeline_group *group, int64_t timeout,
    const char **why)
{
	struct exchange exchange = { redis, timestamp_monotonic() + timeout };
	struct pipeline_group again;

	while (group->first != NULL) {
		pipeline_group_reset(&again);
		if (send_group(&exchange, group, &again) == -1 ||
		    (again.first != NULL && load_scripts(&exchange) == -1))
			goto out;
		pipeline_group_add(group, again.first);
	}
	return 0;
out:
	*why = redis->err != 0 ? redis->errstr : "no reply in time";
	pipeline_group_end(group, PIPELINE_NO_REPLY);
	/* These were refused, for want of their script: nothing was done. */
	pipeline_group_end(&again, PIPELINE_UNAVAILABLE);
	return -1;
}
