/* SPDX-License-Identifier: MIT */
/* One call after the other, while there is more. */
#include "redriver.h"

#include <stdbool.h>
#include <stdlib.h>

#include "known_store.h"
#include "log.h"
#include "store_client.h"
#include "worker.h"

#define STEP 100 /* jobs looked at in one call: some 10 ms of Redis */

struct redriver {
	struct worker *worker;
	bool asking;
};

static void
on_stepped(void *arg, const redisReply *reply)
{
	struct redriver *redriver = arg;

	if (reply == NULL)
		return; /* the process ends */
	redriver->asking = false;
	if (reply->type == REDIS_REPLY_ERROR)
		log_error("a redrive was refused", "why", reply->str, NULL);
	else if (reply->type == REDIS_REPLY_INTEGER && reply->integer != 0)
		redriver_step(redriver);
}

void
redriver_step(struct redriver *redriver)
{
	struct worker *worker = redriver->worker;
	struct store_call call;

	if (redriver->asking || worker->stopping ||
	    !known_store_is_same(worker->known_store))
		return;
	redriver->asking = true;
	store_call_begin(&call, STORE_REDRIVING);
	store_call_number(&call, STEP);
	store_client_call(worker->store, &call, on_stepped, redriver);
}

struct redriver *
redriver_new(struct worker *worker)
{
	struct redriver *redriver = calloc(1, sizeof(*redriver));

	if (redriver == NULL)
		abort();
	redriver->worker = worker;
	return redriver;
}

void
redriver_free(struct redriver *redriver)
{
	free(redriver);
}
