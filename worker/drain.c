/* SPDX-License-Identifier: MIT */
/* One group of hints from the outbox. */
#include "drain.h"

#include <stdio.h>
#include <stdlib.h>

#include "hint.h"
#include "outbound.h"
#include "store_client.h"
#include "worker.h"

#define ROW 6
#define STRUCK (STORE_CALL_ARGS / 2) /* entries struck by one call */

struct drain {
	struct worker *worker;
	size_t unanswered;
	bool all;
	struct store_call struck;
	size_t struck_len;
	struct leaving *leaving; /* one a row */
	void (*done)(void *arg, bool confirmed);
	void *arg;
};

struct leaving {
	struct drain *drain;
	char id[ID_MAX + 1];
	int64_t next_at;
};

/* Nobody waits: an outbox entry left behind is published once more. */
static void
strike(struct drain *drain)
{
	if (drain->struck_len > 0)
		store_client_call(drain->worker->store, &drain->struck, NULL,
		    NULL);
	store_call_begin(&drain->struck, STORE_PUBLISHED);
	drain->struck_len = 0;
}

static void
on_published(void *arg, enum publish_result result)
{
	struct leaving *leaving = arg;
	struct drain *drain = leaving->drain;

	if (result == PUBLISH_CONFIRMED) {
		store_call_text(&drain->struck, leaving->id);
		store_call_number(&drain->struck, leaving->next_at);
		if (++drain->struck_len == STRUCK)
			strike(drain);
	}
	drain->all = drain->all && result == PUBLISH_CONFIRMED;
	if (--drain->unanswered > 0)
		return;
	strike(drain);
	drain->done(drain->arg, drain->all);
	free(drain->leaving);
	free(drain);
}

static void
publish(struct drain *drain, redisReply *const *row, int64_t published_at,
    struct leaving *leaving)
{
	const struct hint_parts parts = {
		.id = row[0]->str,
		.next_at = row[1]->integer,
		.published_at = published_at,
		.payload = row[2]->str,
		.payload_len = (size_t)row[2]->len,
		.results = row[3]->str,
		.results_len = (size_t)row[3]->len,
		.lane = lane_read(row[4]->str, (size_t)row[4]->len),
		.expires_at = row[5]->integer,
	};

	leaving->drain = drain;
	leaving->next_at = parts.next_at;
	snprintf(leaving->id, sizeof(leaving->id), "%s", parts.id);
	outbound_hint(drain->worker->outbound, &parts, on_published, leaving);
}

void
drain_start(struct worker *worker, const redisReply *rows, int64_t published_at,
    void (*done)(void *arg, bool confirmed), void *arg)
{
	struct drain *drain = calloc(1, sizeof(*drain));
	const size_t n = rows->elements / ROW;
	size_t i;

	if (drain == NULL)
		abort();
	drain->worker = worker;
	drain->unanswered = n;
	drain->all = true;
	drain->done = done;
	drain->arg = arg;
	drain->leaving = calloc(n, sizeof(*drain->leaving));
	if (drain->leaving == NULL)
		abort();
	store_call_begin(&drain->struck, STORE_PUBLISHED);
	for (i = 0; i < n; i++)
		publish(drain, &rows->element[ROW * i], published_at,
		    &drain->leaving[i]);
}
