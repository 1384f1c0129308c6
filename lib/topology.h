/* SPDX-License-Identifier: MIT */
/*
 * The queues and exchanges of docs/protocol.md, declared idempotently: the
 * work queues (quorum, one a lane), email_dead, email_tasks_failed, and the delay ladder.
 */
#ifndef POSTRIDER_TOPOLOGY_H
#define POSTRIDER_TOPOLOGY_H

#include <stddef.h>

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

#endif
