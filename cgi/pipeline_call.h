/* SPDX-License-Identifier: MIT */
/* A command for Redis on its way through a pipeline, and lists of them. */
#ifndef POSTRIDER_PIPELINE_CALL_H
#define POSTRIDER_PIPELINE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "store.h"

enum pipeline_result {
	PIPELINE_REPLIED, /* the reply may be an error; NOSCRIPT only twice */
	PIPELINE_UNAVAILABLE, /* not sent, or not to its end: not done */
	PIPELINE_NO_REPLY, /* sent, no reply in REDIS_TIMEOUT: may be done */
	PIPELINE_RESULT__MAX
};

/*
 * One call of a script. The struct is borrowed until `done`, which is called
 * exactly once: on the pipeline's thread, or on the caller's before
 * pipeline_send returns. It may free the struct; it must not keep the reply.
 */
struct pipeline_call {
	struct pipeline_call *next; /* the pipeline's own */
	enum store_script script;
	size_t args;
	/*
	 * In Redis' protocol (store_arguments_format); the pipeline's to free
	 * unless `keep` is set: then `done` still reads them, and frees them.
	 */
	char *arguments;
	size_t arguments_len;
	bool keep;
	/*
	 * The script takes any number of these, one after the other, and its
	 * reply lists one for each: what waits together becomes one command. An
	 * error of the whole is everyone's.
	 */
	bool joins;
	/*
	 * monotonic ms: not sent when its reply might come later than
	 * CONFIG_ANSWER_GRACE after it.
	 */
	int64_t deadline;
	void (*done)(struct pipeline_call *, enum pipeline_result,
	    const redisReply *);
	/* the pipeline's own */
	bool resent;
	char head[STORE_HEAD_SIZE]; /* of the command that begins here */
	size_t head_len; /* 0: it goes with the one before */
};

void pipeline_call_set(struct pipeline_call *, const struct store_call *);
/* Takes its arguments, as those of one call. */
void pipeline_call_take(struct pipeline_call *, struct store_group *);
void pipeline_call_drop(struct pipeline_call *); /* frees the arguments */
/* Frees the arguments, unless they are to be kept, then calls `done`. */
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
