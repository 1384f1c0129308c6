/* SPDX-License-Identifier: MIT */
/* A short run that decides, with a blocking connection. */
#include "restore.h"

#include <stdio.h>
#include <string.h>

#include "id.h"
#include "store.h"

#define GROUP 500 /* jobs held by one call */
#define ID_RANDOM 8 /* bytes */

/* The script's number, or -1 after saying why. */
static int64_t
call(redisContext *redis, const struct store_call *script)
{
	size_t len;
	char *command = store_call_format(script, &len);
	void *answer = NULL;
	redisReply *reply;
	int64_t number = -1;

	if (redisAppendFormattedCommand(redis, command, len) == REDIS_OK)
		/* Without an answer it stays NULL. */
		(void)redisGetReply(redis, &answer);
	redisFreeCommand(command);
	reply = answer;
	if (reply != NULL && reply->type == REDIS_REPLY_INTEGER)
		number = reply->integer;
	else
		fprintf(stderr, "postrider-worker: redis: %s\n",
		    reply != NULL ? reply->str : redis->errstr);
	if (reply != NULL)
		freeReplyObject(reply);
	return number;
}

/* How many were, or -1. */
static int64_t
hold_all(redisContext *redis, const struct config *config)
{
	struct store_call script;
	int64_t held, all = 0;

	do {
		store_call_begin(&script, STORE_HOLD);
		store_call_number(&script, GROUP);
		store_call_number(&script, config->failed_ttl);
		held = call(redis, &script);
		all += held;
	} while (held > 0);
	return held == 0 ? all : -1;
}

static int64_t
follow(redisContext *redis)
{
	char random[2 * ID_RANDOM + 1];
	struct store_call script;

	id_random_hex(random, ID_RANDOM);
	store_call_begin(&script, STORE_FOLLOW);
	store_call_text(&script, random);
	return call(redis, &script);
}

int
restore_decide(const struct config *config, const char *how, bool json)
{
	const bool holds = strcmp(how, "hold") == 0;
	int64_t held = 0;
	char why[256];
	redisContext *redis;

	if (!holds && strcmp(how, "send") != 0) {
		fprintf(stderr,
		    "postrider-worker: --restore is hold or "
		    "send\n");
		return 2;
	}
	redis = store_connect(config->redis_url, config->redis_timeout, why,
	    sizeof(why));
	if (redis == NULL) {
		fprintf(stderr, "postrider-worker: redis: %s\n", why);
		return 1;
	}
	if (holds)
		held = hold_all(redis, config);
	if (held >= 0)
		held = follow(redis) == -1 ? -1 : held;
	redisFree(redis);
	if (held == -1)
		return 1;
	if (json)
		printf("{\"held\":%lld}\n", (long long)held);
	else
		printf("%lld mails are held as unknown; the workers go on in "
		       "a moment\n",
		    (long long)held);
	return 0;
}
