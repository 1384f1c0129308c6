/* SPDX-License-Identifier: MIT */
/*
 * A job to its payload and its hint, and back: once in each program. What is too
 * large for a hint comes from Redis.
 */
#include <string.h>

#include "hint.h"
#include "job.h"
#include "mail.h"
#include "payload.h"

static void
by_id(const struct job *job, const struct buffer *payload)
{
	const size_t json = strlen(payload->data);
	struct job read = { 0 };

	cost_check(payload_read(&read, payload->data, json),
	    "our own payload is one");
	if (job_has_files(job))
		cost_check(extras_take_files(read.extras,
			       payload->data + json + 1,
			       payload->len - json - 1) == 0,
		    "its file is there");
	cost_check(read.body_len == job->body_len, "the body came back");
	job_clear(&read);
}

static void
there_and_back(const struct job *job)
{
	struct buffer payload = { 0 }, body = { 0 };
	struct hint_parts parts = { .id = job->id, .next_at = job->created_at };
	struct hint hint = { 0 };
	const char *why;

	job_encode(job, &payload);
	if (job_has_files(job) || payload.len > HINT_CONTENT_MAX) {
		by_id(job, &payload);
		buffer_free(&payload);
		return;
	}
	parts.payload = payload.data;
	parts.payload_len = payload.len;
	hint_encode(&parts, &body);
	cost_check(hint_decode(&hint, body.data, body.len, &why) == 0,
	    "our own hint is one");
	cost_check(hint.job.body_len == job->body_len, "the body came back");
	hint_clear(&hint);
	buffer_free(&payload);
	buffer_free(&body);
}

void
cost_run(size_t n)
{
	struct job job;

	cost_job(&job);
	while (n-- > 0)
		there_and_back(&job);
	job_clear(&job);
}
