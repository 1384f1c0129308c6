/* SPDX-License-Identifier: MIT */
/* Counts the connections that miss a service. */
#include "outage.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "metrics.h"
#include "timestamp.h"

#define MESSAGE_SIZE 64

struct outage redis_outage = {
	.service = "redis",
	.setting = "REDIS_URL",
	.lock = PTHREAD_MUTEX_INITIALIZER,
};
struct outage rabbitmq_outage = {
	.service = "rabbitmq",
	.setting = "RABBITMQ_URL",
	.lock = PTHREAD_MUTEX_INITIALIZER,
};
struct outage record_outage = {
	.service = "record",
	.setting = "DATABASE_URL",
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

/* What a loss is to the log. */
enum news {
	NEWS_NONE,
	NEWS_AWAY,
	NEWS_SETTING
};

static enum news
note_loss(struct presence *presence, const char *why)
{
	struct outage *outage = presence->outage;
	const bool ours =
	    strncmp(why, outage->setting, strlen(outage->setting)) == 0;
	enum news news = NEWS_NONE;

	pthread_mutex_lock(&outage->lock);
	if (ours && !outage->blamed)
		news = NEWS_SETTING;
	if (presence->state != PRESENCE_AWAY && outage->away++ == 0) {
		outage->began = timestamp_monotonic();
		news = NEWS_AWAY;
	}
	metrics_set(&metric_service_up,
	    metrics_series(&metric_service_up, outage->service), 0);
	if (ours)
		outage->blamed = true;
	(void)snprintf(outage->why, sizeof(outage->why), "%s", why);
	pthread_mutex_unlock(&outage->lock);
	presence->state = PRESENCE_AWAY;
	return news;
}

void
presence_lost(struct presence *presence, const char *why)
{
	const char *service = presence->outage->service;
	char message[MESSAGE_SIZE];

	switch (note_loss(presence, why)) {
	case NEWS_AWAY:
		(void)snprintf(message, sizeof(message), "%s is away", service);
		log_warning(message, "why", why, NULL);
		break;
	case NEWS_SETTING:
		(void)snprintf(message, sizeof(message),
		    "%s stays away until a setting is put right", service);
		log_error(message, "why", why, NULL);
		break;
	case NEWS_NONE:
		(void)snprintf(message, sizeof(message), "%s is still away",
		    service);
		log_debug(message, "connection", presence->connection, "why",
		    why, NULL);
		break;
	}
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
	const size_t series =
	    metrics_series(&metric_service_up, outage->service);
	const bool was_new = presence->state == PRESENCE_NEW;
	int64_t back_after = -1;

	if (presence->state == PRESENCE_THERE)
		return;
	pthread_mutex_lock(&outage->lock);
	if (presence->state == PRESENCE_AWAY && --outage->away == 0) {
		back_after = timestamp_monotonic() - outage->began;
		outage->blamed = false;
	}
	metrics_set(&metric_service_up, series, outage->away == 0);
	pthread_mutex_unlock(&outage->lock);
	if (presence->state == PRESENCE_AWAY)
		metrics_add(&metric_reconnects, series, 1);
	presence->state = PRESENCE_THERE;
	tell_found(presence, was_new, back_after);
}
