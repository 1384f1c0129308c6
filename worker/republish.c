/* SPDX-License-Identifier: MIT */
/* Hints from the outbox. */
#include "republish.h"

#include <stdio.h>
#include <stdlib.h>

#include "outbound.h"
#include "store_client.h"
#include "worker.h"

struct republish {
	struct worker *worker;
	char id[ID_MAX + 1];
	int64_t next_at;
};

void
republish_confirmed(struct worker *worker, const char *id, int64_t next_at)
{
	struct store_call call;

	store_call_begin(&call, STORE_PUBLISHED);
	store_call_text(&call, id);
	store_call_number(&call, next_at);
	/* Nobody waits: an outbox entry left behind is published once more. */
	store_client_call(worker->store, &call, NULL, NULL);
}

static void
on_published(void *arg, enum publish_result result)
{
	struct republish *republish = arg;

	if (result == PUBLISH_CONFIRMED)
		republish_confirmed(republish->worker, republish->id,
		    republish->next_at);
	free(republish);
}

void
republish_hint(struct worker *worker, const struct hint_parts *parts)
{
	struct republish *republish = calloc(1, sizeof(*republish));

	if (republish == NULL)
		abort();
	republish->worker = worker;
	republish->next_at = parts->next_at;
	snprintf(republish->id, sizeof(republish->id), "%s", parts->id);
	outbound_hint(worker->outbound, parts, on_published, republish);
}
