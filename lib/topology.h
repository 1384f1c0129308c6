/* SPDX-License-Identifier: MIT */
/*
 * The queues and exchanges of docs/protocol.md, declared idempotently: the
 * work queues (quorum, one a lane), email_dead, email_tasks_failed, and the delay ladder.
 */
#ifndef POSTRIDER_TOPOLOGY_H
#define POSTRIDER_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rabbitmq_c.h"

#define TOPOLOGY_FAILED "email_tasks_failed"
#define TOPOLOGY_DEAD "email_dead"

/*
 * Declares all on channel 1. An existing classic work queue is used as it is
 * (one warning a queue). 0, or -1 with what failed in `why`; the channel may be closed
 * then.
 */
int topology_declare(amqp_connection_state_t, const char *queue, char *why,
    size_t why_size);

/*
 * How a queue is, for who would put an older one right. `any`: whatever its
 * arguments are, else those of a work queue, or of TOPOLOGY_FAILED. Nothing is
 * declared.
 */
enum topology_fit {
	TOPOLOGY_FITS,
	TOPOLOGY_MISSING,
	TOPOLOGY_DIFFERS, /* an older one, as `why` says */
	TOPOLOGY_FAULT /* nobody knows: `why` */
};
struct topology_queue {
	const char *name;
	bool any;
	uint32_t messages, consumers; /* of one that is there: ready, and for */
};
enum topology_fit topology_look(amqp_connection_state_t,
    struct topology_queue *, char *why, size_t why_size);
/* A quorum queue for messages that are on their way. 0, or -1 with `why`. */
int topology_keep_aside(amqp_connection_state_t, const char *name, char *why,
    size_t why_size);

#endif
