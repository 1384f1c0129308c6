/* SPDX-License-Identifier: MIT */
/* A bounded list under a lock, and the calls that it becomes. */
#include "confirmations.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "id.h"
#include "log.h"
#include "store.h"
#include "timestamp.h"

#define PAIRS_A_CALL (STORE_CALL_ARGS / 2)
#define LONG 500 /* ids */
#define OLD 50 /* ms since the first one */

struct confirmation {
	int64_t next_at;
	char id[ID_MAX + 1];
};

struct confirmations {
	pthread_mutex_t lock;
	size_t len, max;
	int64_t first_at; /* monotonic ms */
	struct confirmation list[];
};

struct confirmations *
confirmations_new(size_t more)
{
	const size_t max = LONG + more;
	struct confirmations *all;

	all = calloc(1, sizeof(*all) + max * sizeof(all->list[0]));
	if (all == NULL)
		return NULL;
	all->max = max;
	pthread_mutex_init(&all->lock, NULL);
	return all;
}

void
confirmations_free(struct confirmations *all)
{
	if (all == NULL)
		return;
	pthread_mutex_destroy(&all->lock);
	free(all);
}

void
confirmations_add(struct confirmations *all, const char *id, int64_t next_at)
{
	struct confirmation *one;

	pthread_mutex_lock(&all->lock);
	if (all->len == 0)
		all->first_at = timestamp_monotonic();
	if (all->len < all->max) {
		one = &all->list[all->len++];
		one->next_at = next_at;
		memcpy(one->id, id, strlen(id) + 1);
	}
	pthread_mutex_unlock(&all->lock);
}

bool
confirmations_waiting(struct confirmations *all)
{
	bool waiting;

	pthread_mutex_lock(&all->lock);
	waiting = all->len > 0;
	pthread_mutex_unlock(&all->lock);
	return waiting;
}

static void
told(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	/* Any other end is the sweeper's work; only a bug is worth a line. */
	if (result == PIPELINE_REPLIED && store_error_of(reply) == STORE_FAULT)
		log_error("redis refused `published`", "why", reply->str, NULL);
	free(call);
}

static struct pipeline_call *
call_new(const struct confirmation *list, size_t len)
{
	struct pipeline_call *call = calloc(1, sizeof(*call));
	struct store_call script;
	size_t i;

	if (call == NULL)
		abort();
	store_call_begin(&script, STORE_PUBLISHED);
	for (i = 0; i < len; i++) {
		store_call_text(&script, list[i].id);
		store_call_number(&script, list[i].next_at);
	}
	pipeline_call_set(call, &script);
	call->done = told;
	return call;
}

static struct pipeline_call *
empty(struct confirmations *confirmations)
{
	struct pipeline_call *first = NULL, **end = &first;
	size_t done, n;

	for (done = 0; done < confirmations->len; done += n) {
		n = confirmations->len - done;
		if (n > PAIRS_A_CALL)
			n = PAIRS_A_CALL;
		*end = call_new(confirmations->list + done, n);
		end = &(*end)->next;
	}
	confirmations->len = 0;
	return first;
}

struct pipeline_call *
confirmations_take(struct confirmations *confirmations, bool all)
{
	struct pipeline_call *calls = NULL;

	pthread_mutex_lock(&confirmations->lock);
	if (all || confirmations->len >= LONG ||
	    (confirmations->len > 0 &&
		timestamp_monotonic() - confirmations->first_at >= OLD))
		calls = empty(confirmations);
	pthread_mutex_unlock(&confirmations->lock);
	return calls;
}
