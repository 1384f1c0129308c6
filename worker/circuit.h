/* SPDX-License-Identifier: MIT */
/*
 * Whether the relay can be reached: its state as relay.h tells it, the growing
 * pauses between attempts after failures, and one line in the log when it goes
 * down and one when it is back. No clock, no I/O but the log.
 */
#ifndef POSTRIDER_CIRCUIT_H
#define POSTRIDER_CIRCUIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay.h"
#include "retry.h"

#define CIRCUIT_ERROR_MAX 512 /* bytes, with the NUL */

struct circuit {
	struct retry_policy policy;
	const char *relay; /* "host:port", for the log; borrowed */
	enum relay_state state;
	int64_t since; /* wall clock, ms */
	int64_t latency; /* of the last connect, ms; -1: none yet */
	unsigned failures; /* in a row */
	int64_t retry_at; /* loop time, ms: no attempt before it */
	/*
	 * The last failure came after connecting. Then a connection alone is no
	 * proof that the relay is back; a mail that comes to its end is.
	 */
	bool doubted;
	bool told; /* the log has said that it is down */
	bool told_broken; /* and that a person must look at it */
	int64_t told_at; /* wall clock, ms */
	char error[CIRCUIT_ERROR_MAX];
};

/* Both clocks, and luck. */
struct circuit_moment {
	int64_t loop; /* ms */
	int64_t wall; /* ms */
	uint32_t random;
};

void circuit_open(struct circuit *, const struct config *, const char *relay,
    int64_t wall);

/*
 * An attempt failed, or (`connected`) a connection before it served any mail.
 * With `others` in use it is not down, only not to be asked for more at once.
 * `broken`: a person must look at it. `pause` is the shortest one, ms. The
 * pause's length in ms.
 */
struct circuit_failure {
	const char *why;
	bool connected;
	bool broken;
	bool others;
	int64_t pause;
};
int64_t circuit_fail(struct circuit *, const struct circuit_failure *,
    const struct circuit_moment *);

void circuit_connected(struct circuit *, int64_t latency, int64_t wall);
/* A mail has come to its end on a connection that goes on. */
void circuit_proven(struct circuit *, int64_t wall);
/* No connection is left, and none is wanted. */
void circuit_idle(struct circuit *, int64_t wall);

/* How many attempts may be under way: all, one (a probe), or none now. */
size_t circuit_allows(const struct circuit *, int64_t loop);

#endif
