/* SPDX-License-Identifier: MIT */
/* What a job, or a batch of them, asks of the `accept` script. */
#include "commit_job.h"

#include <stdio.h>
#include <string.h>

#include "accept_call.h"
#include "api_metrics.h"

const char *const commit_result_errors[COMMIT_RESULT__MAX] = {
	[COMMIT_UNAVAILABLE] = "unavailable",
	[COMMIT_REFUSED] = "refused",
	[COMMIT_UNKNOWN] = "no_reply",
	[COMMIT_FAULT] = "fault",
};

void
commit_job_end_spans(struct commit_job *one, const char *error)
{
	size_t i;

	span_end(&one->keeping, error, NULL);
	for (i = 0; i < one->len; i++)
		span_end(&one->mails[i].sending, error, NULL);
}

static char *
copy(const char *text)
{
	return text != NULL ? strdup(text) : NULL;
}

static void
begin_mail(struct commit_mail *mail, struct commit_job *one,
    const struct job *job)
{
	struct span *sending = mail->sending;

	memset(mail, 0, sizeof(*mail));
	mail->sending = sending;
	memcpy(mail->id, job->id, sizeof(mail->id));
	memcpy(mail->traceparent, job->traceparent, sizeof(mail->traceparent));
	mail->expires_at = job->expires_at;
	mail->lane = job->lane;
	mail->job = one;
}

void
commit_job_fill(struct commit_job *one, const struct job *job,
    const struct idempotency *key, int64_t key_ttl)
{
	struct accept_call script;

	memcpy(one->id, job->id, sizeof(one->id));
	one->mails = &one->one;
	one->len = 1;
	begin_mail(&one->one, one, job);
	one->tracestate = copy(job->tracestate);
	accept_call_make(&script, job, key, key_ttl);
	pipeline_call_set(&one->call, &script.call);
	accept_call_free(&script);
}

/* One call: so Redis has all of them, or none. */
static void
add_mail(struct commit_job *one, struct store_group *all,
    const struct commit_batch *batch, int64_t key_ttl, size_t i)
{
	const struct batch_key *key = batch->key;
	struct accept_call script;

	begin_mail(&one->mails[i], one, &batch->jobs[i]);
	one->mails[i].arguments_at = all->args.len;
	accept_call_make_batched(&script, &batch->jobs[i], key, key_ttl,
	    i == 0);
	store_group_add(all, &script.call);
	accept_call_free(&script);
	if (i > 0 || key == NULL)
		return;
	buffer_add(&all->args, key->more.args.data, key->more.args.len);
	all->argc += key->more.argc;
}

void
commit_job_fill_batch(struct commit_job *one, const struct commit_batch *batch,
    int64_t key_ttl)
{
	struct store_group all = { .script = STORE_ACCEPT };
	size_t i;

	memcpy(one->id, batch->jobs[0].id, sizeof(one->id));
	/* Their request's. */
	one->tracestate = copy(batch->jobs[0].tracestate);
	one->mails = batch->mails;
	one->len = batch->len;
	for (i = 0; i < batch->len; i++) {
		add_mail(one, &all, batch, key_ttl, i);
		job_clear(&batch->jobs[i]); /* large ones: in hand once */
	}
	pipeline_call_take(&one->call, &all);
}

/* A call that joins gets its own part of a reply. */
static const redisReply *
reply_at(const struct commit_job *one, const redisReply *reply, size_t i)
{
	if (one->call.joins)
		return reply;
	return reply->type == REDIS_REPLY_ARRAY && reply->elements == one->len ?
	    reply->element[i] :
	    NULL;
}

/* `told` is the mail's status, a blank and a JSON list; or "". */
static void
note_suppressed(struct commit_job *one, size_t i, const char *told)
{
	const size_t status = strcspn(told, " ");
	const char *list = told + status + (told[status] == ' ' ? 1 : 0);

	if (*list == '\0')
		return;
	if (one->call.joins) {
		one->failed =
		    strncmp(told, job_status_names[JOB_FAILED], status) == 0;
		buffer_add_text(&one->suppressed, list);
		return;
	}
	buffer_printf(&one->suppressed,
	    "%s{\"id\":\"%s\",\"status\":\"%.*s\",\"recipients\":",
	    one->suppressed.len > 0 ? "," : "", one->mails[i].id, (int)status,
	    told);
	buffer_add_text(&one->suppressed, list);
	buffer_add_text(&one->suppressed, "}");
}

int
commit_job_read(struct commit_job *one, const redisReply *reply,
    struct store_accept_reply *accept)
{
	const redisReply *part;
	size_t i;

	for (i = 0; i < one->len; i++) {
		part = reply_at(one, reply, i);
		accept->answer = STORE_ACCEPT__MAX;
		if (part == NULL || store_accept_read(accept, part) == -1 ||
		    accept->answer != STORE_ACCEPTED)
			return -1;
		one->mails[i].next_at = accept->next_at;
		one->mails[i].delay = accept->delay;
		if (accept->suppressed[0] == '\0')
			continue;
		note_suppressed(one, i, accept->suppressed);
		metrics_add(&metric_suppressed, accept->next_at == 0, 1);
	}
	return 0;
}

static void
take_ids(struct commit_job *one, const char *ids)
{
	size_t i, len;

	for (i = 0; i < one->len && *ids != '\0'; i++) {
		len = strcspn(ids, " ");
		snprintf(one->mails[i].id, sizeof(one->mails[i].id), "%.*s",
		    (int)len, ids);
		ids += len + (ids[len] == ' ' ? 1 : 0);
	}
	one->len = i;
}

void
commit_job_repeat(struct commit_job *one, const struct store_accept_reply *had)
{
	const redisReply *each = had->each_suppressed;
	size_t i;

	if (!one->call.joins)
		take_ids(one, had->ids);
	for (i = 0; each != NULL && i < one->len && i < each->elements; i++)
		if (each->element[i]->type == REDIS_REPLY_STRING)
			note_suppressed(one, i, each->element[i]->str);
}

void
commit_job_free(struct commit_job *one)
{
	buffer_free(&one->suppressed);
	one->failed = false;
}
