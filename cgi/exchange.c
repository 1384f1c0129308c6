/* SPDX-License-Identifier: MIT */
/*
 * Commands are written by us, from where their arguments are; replies are read
 * with hiredis. One deadline holds for all of it.
 */
#include "exchange.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "redis_tls.h"
#include "store.h"
#include "timestamp.h"

#define PIECES 128 /* of one sendmsg(2) */
/* A command's calls: others of Redis' clients wait until it has done them. */
#define JOINED_MAX 64
#define JOINED_BYTES (256 * 1024) /* one call may be larger */

struct exchange {
	redisContext *redis;
	int64_t deadline; /* monotonic ms */
	const char *why; /* what failed, when hiredis does not know */
};

/* 0, or -1 when it is not ready in time. */
static int
wait_for(struct exchange *exchange, short event)
{
	struct pollfd fd = { exchange->redis->fd, event, 0 };
	const int64_t left = exchange->deadline - timestamp_monotonic();

	return left > 0 && poll(&fd, 1, (int)left) != 0 ? 0 : -1;
}

/* -- commands -------------------------------------------------------------- */

static void
begin_command(struct pipeline_call *first, size_t args)
{
	first->head_len = store_head_format(first->head, first->script, args);
}

/* Calls that follow each other and join become one command. */
static void
make_commands(struct pipeline_group *group)
{
	struct pipeline_call *first = NULL, *call;
	size_t n = 0, args = 0, bytes = 0;

	for (call = group->first; call != NULL; call = call->next) {
		call->head_len = 0;
		if (first != NULL && first->joins && call->joins &&
		    first->script == call->script && n < JOINED_MAX &&
		    bytes + call->arguments_len <= JOINED_BYTES) {
			args += call->args;
		} else {
			if (first != NULL)
				begin_command(first, args);
			first = call;
			args = call->args;
			n = bytes = 0;
		}
		bytes += call->arguments_len;
		n++;
	}
	if (first != NULL)
		begin_command(first, args);
}

static bool
is_of_command(const struct pipeline_call *call)
{
	return call != NULL && call->head_len == 0;
}

static size_t
command_len(const struct pipeline_call *call)
{
	size_t len = 0;

	do {
		len += call->head_len + call->arguments_len;
		call = call->next;
	} while (is_of_command(call));
	return len;
}

/* -- writing --------------------------------------------------------------- */

static void
add_piece(struct msghdr *message, char *bytes, size_t len, size_t *skip)
{
	struct iovec *piece = &message->msg_iov[message->msg_iovlen];

	if (*skip >= len) {
		*skip -= len;
		return;
	}
	piece->iov_base = bytes + *skip;
	piece->iov_len = len - *skip;
	*skip = 0;
	message->msg_iovlen++;
}

/* What follows the first `skip` bytes, or the beginning of that. */
static void
gather(const struct pipeline_group *group, size_t skip, struct msghdr *message)
{
	struct pipeline_call *call;

	message->msg_iovlen = 0;
	for (call = group->first;
	     call != NULL && message->msg_iovlen + 2 <= PIECES;
	     call = call->next) {
		add_piece(message, call->head, call->head_len, &skip);
		add_piece(message, call->arguments, call->arguments_len, &skip);
	}
}

/*
 * By hiredis, which has TLS. Of a write that fails nobody knows how far it came:
 * all may be there.
 */
static int
write_by_tls(struct exchange *exchange, const struct pipeline_group *group,
    size_t *written)
{
	struct pipeline_call *call;
	int done = 0;

	*written = SIZE_MAX;
	for (call = group->first; call != NULL; call = call->next)
		if (redisAppendFormattedCommand(exchange->redis, call->head,
			call->head_len) != REDIS_OK ||
		    redisAppendFormattedCommand(exchange->redis,
			call->arguments, call->arguments_len) != REDIS_OK)
			abort(); /* out of memory: it does nothing else */
	while (!done)
		if (timestamp_monotonic() > exchange->deadline ||
		    redisBufferWrite(exchange->redis, &done) != REDIS_OK)
			return -1;
	return 0;
}

/* 0, or -1 when only `*written` bytes were. */
static int
write_group(struct exchange *exchange, const struct pipeline_group *group,
    size_t *written)
{
	struct iovec pieces[PIECES];
	struct msghdr message = { .msg_iov = pieces };
	ssize_t n;

	if (redis_tls_is_on(exchange->redis))
		return write_by_tls(exchange, group, written);
	for (*written = 0;;) {
		gather(group, *written, &message);
		if (message.msg_iovlen == 0)
			return 0;
		n = sendmsg(exchange->redis->fd, &message,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0) {
			*written += (size_t)n;
		} else if (errno == EAGAIN) {
			if (wait_for(exchange, POLLOUT) == -1)
				return -1;
		} else if (errno != EINTR) {
			exchange->why = strerror(errno);
			return -1;
		}
	}
}

/*
 * A command that was not written to its last byte was surely not done; of the
 * rest nobody knows.
 */
static void
end_unwritten(struct pipeline_group *group, size_t written)
{
	enum pipeline_result result = PIPELINE_UNAVAILABLE;
	size_t end = 0;

	while (group->first != NULL) {
		if (!is_of_command(group->first)) {
			end += command_len(group->first);
			result = end <= written ? PIPELINE_NO_REPLY :
						  PIPELINE_UNAVAILABLE;
		}
		pipeline_call_end(pipeline_group_pop(group), result, NULL);
	}
}

/* -- replies --------------------------------------------------------------- */

/* The caller frees it. NULL: it did not come. */
static redisReply *
next_reply(struct exchange *exchange)
{
	void *reply;

	for (;;) {
		if (redisGetReplyFromReader(exchange->redis, &reply) !=
		    REDIS_OK)
			return NULL;
		if (reply != NULL)
			return reply;
		if (wait_for(exchange, POLLIN) == -1 ||
		    redisBufferRead(exchange->redis) != REDIS_OK)
			return NULL;
	}
}

/* What the `i`th call of a command gets of its reply. */
static const redisReply *
part_of(const redisReply *reply, const struct pipeline_call *call, size_t i)
{
	return call->joins && reply->type == REDIS_REPLY_ARRAY &&
		i < reply->elements ?
	    reply->element[i] :
	    reply;
}

/* The first command's reply; NOSCRIPT for the first time puts it in `again`. */
static int
read_reply(struct exchange *exchange, struct pipeline_group *group,
    struct pipeline_group *again)
{
	redisReply *reply = next_reply(exchange);
	struct pipeline_call *call;
	size_t i = 0;

	if (reply == NULL)
		return -1;
	do {
		call = pipeline_group_pop(group);
		if (store_error_of(reply) == STORE_NO_SCRIPT && !call->resent) {
			call->resent = true;
			pipeline_group_add(again, call);
		} else {
			pipeline_call_end(call, PIPELINE_REPLIED,
			    part_of(reply, call, i++));
		}
	} while (is_of_command(group->first));
	freeReplyObject(reply);
	return 0;
}

/* Redis lost its scripts: SCRIPT FLUSH, or a restart behind a proxy. */
static int
load_scripts(struct exchange *exchange)
{
	redisReply *reply;
	char *command;
	size_t len;
	int i, done = 0;

	for (i = 0; i < STORE_SCRIPT__MAX; i++) {
		command = store_load_format((enum store_script)i, &len);
		if (redisAppendFormattedCommand(exchange->redis, command,
			len) != REDIS_OK)
			abort(); /* out of memory: it does nothing else */
		redisFreeCommand(command);
	}
	while (!done)
		if (timestamp_monotonic() > exchange->deadline ||
		    redisBufferWrite(exchange->redis, &done) != REDIS_OK)
			return -1;
	for (i = 0; i < STORE_SCRIPT__MAX; i++) {
		reply = next_reply(exchange);
		if (reply == NULL)
			return -1;
		freeReplyObject(reply); /* an error shows in the next call */
	}
	return 0;
}

/* What needs its script first is in `again` after that. */
static int
send_group(struct exchange *exchange, struct pipeline_group *group,
    struct pipeline_group *again)
{
	size_t written;

	make_commands(group);
	if (write_group(exchange, group, &written) == -1) {
		end_unwritten(group, written);
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
	struct exchange exchange = {
		.redis = redis,
		.deadline = timestamp_monotonic() + timeout,
		.why = "no reply in time",
	};
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
	*why = redis->err != 0 ? redis->errstr : exchange.why;
	pipeline_group_end(group, PIPELINE_NO_REPLY);
	/* These were refused, for want of their script: nothing was done. */
	pipeline_group_end(&again, PIPELINE_UNAVAILABLE);
	return -1;
}
