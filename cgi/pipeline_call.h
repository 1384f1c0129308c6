/* SPDX-License-Identifier: MIT */
/* A command for Redis on its way through a pipeline, and lists of them. */
#ifndef POSTRIDER_PIPELINE_CALL_H
#define POSTRIDER_PIPELINE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

enum pipeline_result {
	PIPELINE_REPLIED, /* the reply may be an error; NOSCRIPT only twice */
	PIPELINE_UNAVAILABLE, /* not sent, or not to its end: not done */
	PIPELINE_NO_REPLY, /* sent, no reply in REDIS_TIMEOUT: may be done */
	PIPELINE_RESULT__MAX
};

/*
 * One command, in Redis' protocol (store_call_format), which is the pipeline's
 * to free unless `keep` is set. The struct is borrowed until `done`, which is
 * called exactly once: on the pipeline's thread, or on the caller's before
 * pipeline_send returns. It may free the struct; it must not keep the reply.
 */
struct pipeline_call {
	struct pipeline_call *next; /* the pipeline's own */
	char *command;
	size_t command_len;
	bool keep; /* `done` still reads the command, and frees it */
	/*
	 * monotonic ms: not sent when its reply might come later than
	 * CONFIG_ANSWER_GRACE after it.
	 */
	int64_t deadline;
	void (*done)(struct pipeline_call *, enum pipeline_result,
	    const redisReply *);
	bool resent; /* the pipeline's own */
};

/* Frees the command, unless it is to be kept, then calls `done`. */
void pipeline_call_end(struct pipeline_call *, enum pipeline_result,
    const redisReply *);

/* In order of arrival. */
struct pipeline_group {
	struct pipeline_call *first, **end;
};
void pipeline_group_reset(struct pipeline_group *); /* makes it empty */
void pipeline_group_add(struct pipeline_group *, struct pipeline_call *list);
struct pipeline_call *pipeline_group_pop(struct pipeline_group *); /* or NULL */
/* Ends all of them without a reply. */
void pipeline_group_end(struct pipeline_group *, enum pipeline_result);

#endif
