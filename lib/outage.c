/* SPDX-License-Identifier: MIT */
/* Counts the connections that miss a service. */
#include "outage.h"

#include <stdbool.h>
#include <stdio.h>

#include "log.h"
#include "timestamp.h"

#define MESSAGE_SIZE 64

struct outage redis_outage = {
	.service = "redis",
	.lock = PTHREAD_MUTEX_INITIALIZER,
};
struct outage rabbitmq_outage = {
	.service = "rabbitmq",
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

void
outage_why(struct outage *outage, char why[OUTAGE_WHY_SIZE])
{
	pthread_mutex_lock(&outage->lock);
	(void)snprintf(why, OUTAGE_WHY_SIZE, "%s",
	    outage->away > 0 ? outage->why : "");
	pthread_mutex_unlock(&outage->lock);
}

void
presence_lost(struct presence *presence, const char *why)
{
	struct outage *outage = presence->outage;
	char message[MESSAGE_SIZE];
	bool first;

	if (presence->state == PRESENCE_AWAY)
		return;
	presence->state = PRESENCE_AWAY;
	pthread_mutex_lock(&outage->lock);
	first = outage->away++ == 0;
	if (first) {
		outage->began = timestamp_monotonic();
		(void)snprintf(outage->why, sizeof(outage->why), "%s", why);
	}
	pthread_mutex_unlock(&outage->lock);
	(void)snprintf(message, sizeof(message), "%s is away", outage->service);
	if (first)
		log_warning(message, "why", why, NULL);
	else
		log_debug(message, "connection", presence->connection, "why",
		    why, NULL);
}

/* `back_after`: -1 when the service was not away. */
static void
tell_found(const struct presence *presence, bool was_new, int64_t back_after)
{
	const char *service = presence->outage->service;
	char message[MESSAGE_SIZE];

	(void)snprintf(message, sizeof(message), "%s is connected", service);
	if (was_new)
		log_info(message, "connection", presence->connection, NULL);
	else
		log_debug(message, "connection", presence->connection, NULL);
	(void)snprintf(message, sizeof(message), "%s is back", service);
	if (back_after >= 0)
		log_info(message, "after", log_duration(back_after), NULL);
}

void
presence_found(struct presence *presence)
{
	struct outage *outage = presence->outage;
	const bool was_new = presence->state == PRESENCE_NEW;
	int64_t back_after = -1;

	if (presence->state == PRESENCE_THERE)
		return;
	if (presence->state == PRESENCE_AWAY) {
		pthread_mutex_lock(&outage->lock);
		if (--outage->away == 0)
			back_after = timestamp_monotonic() - outage->began;
		pthread_mutex_unlock(&outage->lock);
	}
	presence->state = PRESENCE_THERE;
	tell_found(presence, was_new, back_after);
}
