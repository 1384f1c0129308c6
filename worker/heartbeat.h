/* SPDX-License-Identifier: MIT */
/*
 * This worker's lease: the key worker:<owner>, renewed every third of
 * LEASE_TTL. Nobody judges an owner dead while it stands.
 */
#ifndef POSTRIDER_HEARTBEAT_H
#define POSTRIDER_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

struct worker;
struct heartbeat;

struct heartbeat *heartbeat_new(struct worker *);
void heartbeat_free(struct heartbeat *);

/*
 * Whether the lease surely stands: less than LEASE_TTL - 5 s (two thirds of a
 * short one) since the sending of the last heartbeat that was answered.
 */
bool heartbeat_holds(const struct heartbeat *);
/*
 * For how long it has, without a gap; 0: it does not. What was claimed before a
 * gap may be somebody else's by now.
 */
int64_t heartbeat_held_for(const struct heartbeat *);
/*
 * What time it is in Redis, ms: by it jobs are due, whatever this host's wall
 * clock says. Before the first heartbeat is answered it is that of the host.
 */
int64_t heartbeat_redis_time(const struct heartbeat *);

#endif
