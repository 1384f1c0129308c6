/* SPDX-License-Identifier: MIT */
/* A free list and a counter under one lock. */
#include "pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "api.h"
#include "request.h"

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct request *free;
	size_t taken;
	size_t held, held_max; /* bytes */
	struct request *all;
};

struct pool *
pool_new(struct api *api, int fd)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	const size_t len = (size_t)api->config->max_requests;
	size_t i;

	if (pool == NULL)
		return NULL;
	pool->held_max = (size_t)api->config->inflight_mb << 20;
	pool->all = calloc(len, sizeof(*pool->all));
	if (pool->all == NULL) {
		free(pool);
		return NULL;
	}
	for (i = len; i-- > 0;) {
		request_init(&pool->all[i], api, fd);
		pool->all[i].next = pool->free;
		pool->free = &pool->all[i];
	}
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->freed, NULL);
	return pool;
}

void
pool_free(struct pool *pool)
{
	if (pool == NULL)
		return;
	pthread_cond_destroy(&pool->freed);
	pthread_mutex_destroy(&pool->lock);
	free(pool->all);
	free(pool);
}

struct request *
pool_take(struct pool *pool)
{
	struct request *request;

	pthread_mutex_lock(&pool->lock);
	while (pool->free == NULL)
		pthread_cond_wait(&pool->freed, &pool->lock);
	request = pool->free;
	pool->free = request->next;
	pool->taken++;
	pthread_mutex_unlock(&pool->lock);
	return request;
}

void
pool_give(struct pool *pool, struct request *request)
{
	pthread_mutex_lock(&pool->lock);
	pool->held -= request->held;
	request->held = 0;
	request->next = pool->free;
	pool->free = request;
	pool->taken--;
	if (request->next == NULL)
		pthread_cond_broadcast(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
}

bool
pool_hold(struct pool *pool, struct request *request, size_t bytes)
{
	bool fits;

	pthread_mutex_lock(&pool->lock);
	fits = pool->held == 0 ||
	    (pool->held < pool->held_max &&
		bytes <= pool->held_max - pool->held);
	if (fits) {
		pool->held += bytes;
		request->held += bytes;
	}
	pthread_mutex_unlock(&pool->lock);
	return fits;
}

bool
pool_is_idle(struct pool *pool)
{
	bool idle;

	pthread_mutex_lock(&pool->lock);
	idle = pool->taken == 0;
	pthread_mutex_unlock(&pool->lock);
	return idle;
}

size_t
pool_held(struct pool *pool)
{
	size_t held;

	pthread_mutex_lock(&pool->lock);
	held = pool->held;
	pthread_mutex_unlock(&pool->lock);
	return held;
}
