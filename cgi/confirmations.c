/* SPDX-License-Identifier: MIT */
/* A bounded list under a lock, and the calls that it becomes. */
#include "confirmations.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "id.h"
#include "log.h"
#include "store.h"

#define PAIRS_A_CALL (STORE_CALL_ARGS / 2)

struct confirmation {
	int64_t next_at;
	char id[ID_MAX + 1];
};

struct confirmations {
	pthread_mutex_t lock;
	size_t len, max;
	struct confirmation list[];
};

struct confirmations *
confirmations_new(size_t max)
{
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
	call->command = store_call_format(&script, &call->command_len);
	call->done = told;
	return call;
}

struct pipeline_call *
confirmations_take(struct confirmations *all)
{
	struct pipeline_call *first = NULL, **end = &first;
	size_t done, n;

	pthread_mutex_lock(&all->lock);
	for (done = 0; done < all->len; done += n) {
		n = all->len - done;
		if (n > PAIRS_A_CALL)
			n = PAIRS_A_CALL;
		*end = call_new(all->list + done, n);
		end = &(*end)->next;
	}
	all->len = 0;
	pthread_mutex_unlock(&all->lock);
	return first;
}
