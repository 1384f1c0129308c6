/* SPDX-License-Identifier: MIT */
/*
 * One change of a job: an entry of the stream job_events, and what of the job
 * itself a client is told with it. The job may have moved on by the time it is
 * read: what is told is how it was at this event.
 */
#ifndef POSTRIDER_EVENT_H
#define POSTRIDER_EVENT_H

#include <hiredis/hiredis.h>
#include <json-c/json.h>
#include <stdint.h>

#include "buffer.h"
#include "form.h"
#include "id.h"
#include "job.h"
#include "position.h"

struct event {
	struct position at;
	char job_id[ID_MAX + 1];
	enum job_status status;
	int64_t seq; /* 1: the job was created */
	json_object *entry; /* as the stream has it */
	struct buffer data; /* JSON, once the job is read */
	struct chunk *forms[FORM__MAX]; /* those that were asked for */
};

/* The position of an entry of XREAD or XRANGE; -1: the reply is no entry. */
int event_position(const redisReply *entry, struct position *);

/* NULL: it is no event of ours. */
struct event *event_new(const redisReply *entry);
void event_free(struct event *); /* NULL: nothing */

/* Appends the Redis command, without any `%`, that reads what is needed. */
void event_add_command(const struct event *, struct buffer *);
/* Takes its reply, whatever that is: a job may be gone. Once. */
void event_complete(struct event *, const redisReply *);

/* Its bytes in that form: the event's own, hold them to keep them. */
struct chunk *event_form(struct event *, enum form, struct permessage *);

#endif
