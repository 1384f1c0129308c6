/* SPDX-License-Identifier: MIT */
/* CONFIG GET and what to say about it. */
#include "durability.h"

#include <string.h>

#include "log.h"

void
durability_init(struct durability *durability)
{
	memset(durability, 0, sizeof(*durability));
	durability->is = STORE_DURABILITY_UNKNOWN;
	pthread_mutex_init(&durability->lock, NULL);
}

void
durability_destroy(struct durability *durability)
{
	pthread_mutex_destroy(&durability->lock);
}

static void
tell(enum store_durability is, const char *advice)
{
	switch (is) {
	case STORE_DURABLE:
		log_info("redis keeps accepted mail through a crash", NULL);
		break;
	case STORE_NOT_DURABLE:
		log_warning("redis may lose accepted mail in a crash",
		    "add_to_redis_conf", advice, NULL);
		break;
	case STORE_DURABILITY_UNKNOWN:
		log_warning("redis does not tell whether it keeps accepted "
			    "mail through a crash",
		    "why", "CONFIG GET is refused", NULL);
		break;
	}
}

void
durability_check(struct durability *durability, redisContext *redis)
{
	redisReply *reply = redisCommand(redis, STORE_DURABILITY_COMMAND);
	char advice[DURABILITY_ADVICE_SIZE];
	enum store_durability is;
	bool changed;

	if (reply == NULL)
		return;
	is = store_durability_of(reply, advice, sizeof(advice));
	freeReplyObject(reply);
	pthread_mutex_lock(&durability->lock);
	changed = !durability->known || is != durability->is;
	durability->known = true;
	durability->is = is;
	memcpy(durability->advice, advice, sizeof(advice));
	pthread_mutex_unlock(&durability->lock);
	if (changed)
		tell(is, advice);
}

enum store_durability
durability_get(struct durability *durability,
    char advice[DURABILITY_ADVICE_SIZE])
{
	enum store_durability is;

	pthread_mutex_lock(&durability->lock);
	is = durability->is;
	memcpy(advice, durability->advice, DURABILITY_ADVICE_SIZE);
	pthread_mutex_unlock(&durability->lock);
	return is;
}
