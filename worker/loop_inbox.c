/* SPDX-License-Identifier: MIT */
/* Tasks from other threads to the loop. */
#include "loop_inbox.h"

#include <stddef.h>

static struct loop_task *
take(struct loop_inbox *inbox)
{
	struct loop_task *list;

	pthread_mutex_lock(&inbox->lock);
	list = inbox->first;
	inbox->first = NULL;
	inbox->end = &inbox->first;
	pthread_mutex_unlock(&inbox->lock);
	return list;
}

static void
run_all(struct loop_inbox *inbox)
{
	struct loop_task *task, *next;

	for (task = take(inbox); task != NULL; task = next) {
		next = task->next;
		task->run(task);
	}
}

static void
on_bell(uv_async_t *bell)
{
	run_all(bell->data);
}

int
loop_inbox_open(struct loop_inbox *inbox, uv_loop_t *loop)
{
	inbox->first = NULL;
	inbox->end = &inbox->first;
	if (pthread_mutex_init(&inbox->lock, NULL) != 0)
		return -1;
	inbox->bell.data = inbox;
	return uv_async_init(loop, &inbox->bell, on_bell) == 0 ? 0 : -1;
}

void
loop_inbox_post(struct loop_inbox *inbox, struct loop_task *task)
{
	task->next = NULL;
	pthread_mutex_lock(&inbox->lock);
	*inbox->end = task;
	inbox->end = &task->next;
	pthread_mutex_unlock(&inbox->lock);
	/* Only a closed handle refuses, and nobody posts to one. */
	(void)uv_async_send(&inbox->bell);
}

void
loop_inbox_close(struct loop_inbox *inbox)
{
	run_all(inbox);
	uv_close((uv_handle_t *)&inbox->bell, NULL);
	pthread_mutex_destroy(&inbox->lock);
}
