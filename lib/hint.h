/* SPDX-License-Identifier: MIT */
/*
 * The AMQP message: a hint that a job may be due. Any number of copies may
 * exist; the job in Redis decides. Its body:
 *
 *	{"version":1,"next_at":1751212337432,"published_at":..,
 *	 "expires_at":..,"results":[..],"content":PAYLOAD}
 *
 * `published_at` only when it is published again by the sweeper: it comes into
 * the queue behind others of that time. `results` only when a recipient is
 * settled. Without `content`'s other fields
 * (only job_id) it is a hint by id: the payload is in Redis alone. The older
 * raw shape (the payload itself, no `content`) is accepted.
 */
#ifndef POSTRIDER_HINT_H
#define POSTRIDER_HINT_H

#include "job.h"
#include "lane.h"

#define HINT_VERSION 1
/* A payload beyond this travels by id only (RabbitMQ 4 limits messages). */
#define HINT_CONTENT_MAX (256 * 1024)

/*
 * `payload` is the payload's JSON text; longer than HINT_CONTENT_MAX, or NULL,
 * makes a hint by id, and so does one with files. `results` is NULL or JSON
 * text of job_encode_results.
 */
struct hint_parts {
	const char *id;
	int64_t next_at; /* ms; when the job is due */
	int64_t published_at; /* ms; 0: not told */
	int64_t expires_at; /* ms; 0: never */
	const char *payload;
	size_t payload_len;
	const char *results;
	size_t results_len;
	const char
	    *traceparent; /* for the message's header; NULL or "": none */
	const char *tracestate; /* likewise */
	enum lane lane; /* whose queue it goes to: no part of the message */
};
void hint_encode(const struct hint_parts *, struct buffer *);

/* The zero value is empty; hint_clear frees and leaves it so. */
struct hint {
	struct job job; /* by id: only job.id counts */
	bool by_id;
	int64_t next_at; /* 0: the message told none */
	int64_t published_at, expires_at; /* 0: likewise */
};

/*
 * 0, or -1 for poison, with a constant text in `*why` ("not JSON", "no
 * job_id", "unknown version", ...) and `*hint` empty.
 */
int hint_decode(struct hint *, const void *body, size_t len, const char **why);
void hint_clear(struct hint *);

#endif
