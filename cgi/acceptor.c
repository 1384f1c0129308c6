/* SPDX-License-Identifier: MIT */
/* Take a request object, accept into it, dispatch it. */
#include "acceptor.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dispatch.h"
#include "log.h"
#include "request.h"

struct acceptors {
	struct pool *pool;
	atomic_size_t running;
	size_t len;
	pthread_t threads[];
};

/* Out of file descriptors or memory: that passes, and others need the CPU. */
static void
pause_after(int error)
{
	static const struct timespec pause = { 0, 100 * 1000 * 1000 };

	log_error("cannot accept a request", "why", strerror(error), NULL);
	nanosleep(&pause, NULL);
}

static void *
run(void *arg)
{
	struct acceptors *acceptors = arg;
	struct request *request;
	int error;

	for (;;) {
		request = pool_take(acceptors->pool);
		error = -FCGX_Accept_r(&request->fcgi);
		if (error == 0) {
			dispatch(request);
			continue;
		}
		pool_give(acceptors->pool, request);
		if (error == EINVAL) /* listener_stop() */
			break;
		pause_after(error);
	}
	atomic_fetch_sub(&acceptors->running, 1);
	return NULL;
}

struct acceptors *
acceptors_new(struct pool *pool, size_t threads)
{
	struct acceptors *acceptors;
	pthread_t *thread;

	acceptors = calloc(1,
	    sizeof(*acceptors) + threads * sizeof(acceptors->threads[0]));
	if (acceptors == NULL)
		return NULL;
	acceptors->pool = pool;
	atomic_init(&acceptors->running, threads);
	while (acceptors->len < threads) {
		thread = &acceptors->threads[acceptors->len];
		if (pthread_create(thread, NULL, run, acceptors) != 0)
			break;
		/* For people who look at threads: it may fail. */
		(void)pthread_setname_np(*thread, "acceptor");
		acceptors->len++;
	}
	atomic_fetch_sub(&acceptors->running, threads - acceptors->len);
	if (acceptors->len > 0)
		return acceptors;
	free(acceptors);
	return NULL;
}

void
acceptors_free(struct acceptors *acceptors)
{
	if (acceptors == NULL)
		return;
	while (acceptors->len > 0)
		pthread_join(acceptors->threads[--acceptors->len], NULL);
	free(acceptors);
}

bool
acceptors_are_over(struct acceptors *acceptors)
{
	return atomic_load(&acceptors->running) == 0;
}
