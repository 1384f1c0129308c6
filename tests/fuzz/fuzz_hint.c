/* SPDX-License-Identifier: MIT */
/*
 * fuzz.hint: the body of an AMQP message is a job or has a reason why not; what
 * is written of that job is read as the same job.
 */
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "hint.h"
#include "utf8.h"

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
check_job(const struct job *job)
{
	const char *address;
	size_t i;

	CHECK(job->recipients_len > 0);
	CHECK(job->recipients_len <= JOB_RECIPIENTS_MAX);
	for (i = 0; i < job->recipients_len; i++) {
		address = job->recipients[i].address;
		CHECK(address_check(address, strlen(address)) == ADDRESS_OK);
		CHECK(job->recipients[i].state < RECIPIENT_STATE__MAX);
	}
	if (job->from.address != NULL)
		CHECK(address_check(job->from.address,
			  strlen(job->from.address)) == ADDRESS_OK);
	CHECK(strlen(job->subject) <= JOB_SUBJECT_MAX);
	CHECK(strpbrk(job->subject, "\r\n") == NULL);
	CHECK(utf8_is_valid(job->subject, strlen(job->subject)));
	CHECK(utf8_is_valid(job->body, job->body_len));
	CHECK(job->created_at >= 0);
}

static void
check_same(const struct job *a, const struct job *b)
{
	const struct recipient *one, *two;
	size_t i;

	CHECK(same_text(a->id, b->id));
	CHECK(same_text(a->from.name, b->from.name));
	CHECK(same_text(a->from.address, b->from.address));
	CHECK(a->recipients_len == b->recipients_len);
	for (i = 0; i < a->recipients_len; i++) {
		one = &a->recipients[i];
		two = &b->recipients[i];
		CHECK(same_text(one->address, two->address));
		CHECK(one->state == two->state && one->code == two->code);
		CHECK(same_text(one->reply, two->reply));
	}
	CHECK(same_text(a->subject, b->subject));
	CHECK(a->body_len == b->body_len);
	CHECK(a->body_len == 0 || memcmp(a->body, b->body, a->body_len) == 0);
	CHECK(a->created_at == b->created_at);
}

static void
encode(const struct hint *hint, struct buffer *out)
{
	struct buffer payload = { 0 }, results = { 0 };

	if (!hint->by_id) {
		job_encode(&hint->job, &payload);
		job_encode_results(&hint->job, &results);
	}
	hint_encode(&(struct hint_parts){ .id = hint->job.id,
			.next_at = hint->next_at,
			.published_at = hint->published_at,
			.expires_at = hint->expires_at,
			.payload = payload.data,
			.payload_len = payload.len,
			.results = results.data,
			.results_len = results.len },
	    out);
	buffer_free(&payload);
	buffer_free(&results);
}

static void
check_both_ways(const struct hint *hint)
{
	struct buffer body = { 0 }, twice = { 0 };
	struct hint again;
	const char *why;

	encode(hint, &body);
	CHECK(hint_decode(&again, body.data, body.len, &why) == 0);
	CHECK(again.by_id == hint->by_id && again.next_at == hint->next_at);
	CHECK(again.published_at ==
	    (hint->published_at > 0 ? hint->published_at : 0));
	check_same(&hint->job, &again.job);
	encode(&again, &twice);
	CHECK(body.len == twice.len);
	CHECK(memcmp(body.data, twice.data, body.len) == 0);
	hint_clear(&again);
	buffer_free(&body);
	buffer_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hint nothing;
	const char *why = NULL;
	struct hint hint;

	if (hint_decode(&hint, data, size, &why) == -1) {
		CHECK(why != NULL && why[0] != '\0');
		CHECK(memcmp(&hint, &nothing, sizeof(hint)) == 0);
		return 0;
	}
	CHECK(id_is_valid(hint.job.id, strlen(hint.job.id)));
	if (!hint.by_id)
		check_job(&hint.job);
	check_both_ways(&hint);
	hint_clear(&hint);
	return 0;
}
