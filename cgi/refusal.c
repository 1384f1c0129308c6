/* SPDX-License-Identifier: MIT */
/* A text under a lock, and the times that belong to it. */
#include "refusal.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "timestamp.h"

void
refusal_init(struct refusal *refusal, int64_t quiet)
{
	memset(refusal, 0, sizeof(*refusal));
	refusal->quiet = quiet;
	pthread_mutex_init(&refusal->lock, NULL);
}

void
refusal_destroy(struct refusal *refusal)
{
	pthread_mutex_destroy(&refusal->lock);
}

static void
begin(struct refusal *refusal, const char *why, int64_t now)
{
	if (refusal->why[0] == '\0') {
		refusal->began = refusal->asked = now;
		log_warning("redis takes no new jobs", "why", why, NULL);
	}
	refusal->last = now;
	(void)snprintf(refusal->why, sizeof(refusal->why), "%s", why);
}

static void
end(struct refusal *refusal, int64_t now)
{
	if (refusal->why[0] == '\0' || now - refusal->last < refusal->quiet)
		return;
	refusal->why[0] = '\0';
	log_info("redis takes new jobs again", "after",
	    log_duration(now - refusal->began), NULL);
}

void
refusal_note(struct refusal *refusal, const char *why)
{
	const int64_t now = timestamp_monotonic();

	pthread_mutex_lock(&refusal->lock);
	if (why != NULL)
		begin(refusal, why, now);
	else
		end(refusal, now);
	pthread_mutex_unlock(&refusal->lock);
}

void
refusal_why(struct refusal *refusal, char why[REFUSAL_WHY_SIZE])
{
	pthread_mutex_lock(&refusal->lock);
	memcpy(why, refusal->why, REFUSAL_WHY_SIZE);
	pthread_mutex_unlock(&refusal->lock);
}

bool
refusal_stands(struct refusal *refusal)
{
	bool stands;

	pthread_mutex_lock(&refusal->lock);
	stands = refusal->why[0] != '\0';
	pthread_mutex_unlock(&refusal->lock);
	return stands;
}

bool
refusal_is_doubtful(struct refusal *refusal)
{
	const int64_t now = timestamp_monotonic();
	bool doubtful;

	pthread_mutex_lock(&refusal->lock);
	doubtful =
	    refusal->why[0] != '\0' && now - refusal->asked >= refusal->quiet;
	if (doubtful)
		refusal->asked = now;
	pthread_mutex_unlock(&refusal->lock);
	return doubtful;
}
