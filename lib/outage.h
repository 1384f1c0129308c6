/* SPDX-License-Identifier: MIT */
/*
 * A service that is away, as the log tells it: one line when it goes and one
 * when it is back, with how long that took, however many connections and
 * attempts find out. One more when it turns out that a setting of ours is in
 * the way: that does not pass by itself. Thread-safe.
 */
#ifndef POSTRIDER_OUTAGE_H
#define POSTRIDER_OUTAGE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define OUTAGE_WHY_SIZE 512 /* as RECORD_WHY_SIZE */

struct outage {
	const char *service; /* "redis" */
	const char *setting; /* "REDIS_URL": a reason that begins so is ours */
	pthread_mutex_t lock; /* for these: */
	unsigned away; /* connections that are */
	int64_t began; /* monotonic ms */
	int64_t since; /* wall clock ms: it is as it is; 0: nobody knows yet */
	bool blamed; /* the log has named the setting */
	char why[OUTAGE_WHY_SIZE]; /* the last that was heard */
};

/* Those of this process. */
extern struct outage redis_outage, rabbitmq_outage, record_outage;

/* Why it is away, for /health; "" when no connection misses it. */
void outage_why(struct outage *, char why[OUTAGE_WHY_SIZE]);
/* Since when it is away, or there: wall clock ms; 0: it was never asked for. */
int64_t outage_since(struct outage *);

/*
 * What one connection has seen of it; the owner sets `outage` and `connection`,
 * the rest is zero at first, and calls these as often as it finds out.
 */
struct presence {
	struct outage *outage;
	const char *connection; /* its name, for the log; may be NULL */
	enum {
		PRESENCE_NEW,
		PRESENCE_THERE,
		PRESENCE_AWAY
	} state;
};
void presence_lost(struct presence *, const char *why); /* or still away */
void presence_found(struct presence *);

#endif
