/* SPDX-License-Identifier: MIT */
/* What other threads have for the loop: tasks, run there in order. */
#ifndef POSTRIDER_LOOP_INBOX_H
#define POSTRIDER_LOOP_INBOX_H

#include <pthread.h>
#include <uv.h>

/* Put at the front of the struct that the task is about. */
struct loop_task {
	struct loop_task *next;
	void (*run)(struct loop_task *); /* on the loop; may free it */
};

struct loop_inbox {
	uv_async_t bell;
	pthread_mutex_t lock;
	struct loop_task *first, **end;
};

int loop_inbox_open(struct loop_inbox *, uv_loop_t *); /* 0 or -1 */
/* Thread-safe. The task is the inbox' own until it runs. */
void loop_inbox_post(struct loop_inbox *, struct loop_task *);
/* Runs what is left; nothing may be posted any more. */
void loop_inbox_close(struct loop_inbox *);

#endif
