/* SPDX-License-Identifier: MIT */
/* A message that is no job: moved to email_tasks_failed. */
#include "delivery.h"
#include "intake.h"
#include "log.h"
#include "outbound.h"
#include "worker.h"

static void
on_poison_published(void *arg, enum publish_result result)
{
	struct delivery *d = arg;

	/* It has no other home: acked only when the broker has the copy. */
	if (result != PUBLISH_CONFIRMED && !d->acked) {
		intake_requeue(d->worker->intake, d->tag);
		d->acked = true;
	}
	delivery_finish(d);
}

void
delivery_dismiss(struct delivery *d, const struct consumed *message,
    const char *why)
{
	const struct failed_message poison = { "", why, message->body,
		message->body_len };

	log_warning("a message is no job: moved to email_tasks_failed", "why",
	    why, NULL);
	delivery_enter(d, DELIVERY_PUBLISHING);
	outbound_failed(d->worker->outbound, &poison, on_poison_published, d);
}
