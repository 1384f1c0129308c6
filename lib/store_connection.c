/* SPDX-License-Identifier: MIT */
/*
 * A blocking connection to Redis with all scripts loaded, and what Redis says
 * of itself: its errors, whether it is durable.
 */
#include "store.h"

#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "redis_tls.h"
#include "redis_url.h"
#include "seclusion.h"

/* 0, or -1 with the error in `why`. */
static int
expect_fine(redisContext *redis, redisReply *reply, const char *what, char *why,
    size_t why_size)
{
	int fine = reply != NULL && reply->type != REDIS_REPLY_ERROR;

	if (reply == NULL)
		snprintf(why, why_size, "%s: %s", what, redis->errstr);
	else if (!fine)
		store_explain(reply->str, why, why_size);
	if (reply != NULL)
		freeReplyObject(reply);
	return fine ? 0 : -1;
}

static int
log_in(redisContext *redis, const struct redis_url *url, char *why, size_t size)
{
	redisReply *reply;

	if (url->password != NULL) {
		reply = url->user != NULL && url->user[0] != '\0' ?
		    redisCommand(redis, "AUTH %s %s", url->user,
			url->password) :
		    redisCommand(redis, "AUTH %s", url->password);
		if (expect_fine(redis, reply, "AUTH", why, size) == -1)
			return -1;
	}
	if (url->db != 0) {
		reply = redisCommand(redis, "SELECT %d", url->db);
		if (expect_fine(redis, reply, "SELECT", why, size) == -1)
			return -1;
	}
	/* From who is not let in Redis takes 16 KiB at once: no large script. */
	return expect_fine(redis, redisCommand(redis, "PING"), "PING", why,
	    size);
}

static int
load_scripts(redisContext *redis, char *why, size_t size)
{
	void *reply;
	char *command;
	size_t len;
	int i, result = 0;

	for (i = 0; i < STORE_SCRIPT__MAX; i++) {
		command = store_load_format((enum store_script)i, &len);
		redisAppendFormattedCommand(redis, command, len);
		redisFreeCommand(command);
	}
	for (i = 0; i < STORE_SCRIPT__MAX; i++) {
		if (redisGetReply(redis, &reply) != REDIS_OK)
			reply = NULL;
		if (expect_fine(redis, reply, "SCRIPT LOAD", why, size) == -1)
			result = -1;
		if (reply == NULL)
			break;
	}
	return result;
}

redisContext *
store_connect(const char *url_text, int64_t timeout, char *why, size_t size)
{
	struct timeval tv = { timeout / 1000, (timeout % 1000) * 1000 };
	struct redis_url url;
	redisContext *redis;
	const char *fault;

	if (redis_url_parse(&url, url_text, &fault) == -1) {
		snprintf(why, size, "REDIS_URL: %s", fault);
		return NULL;
	}
	redis = url.path != NULL ?
	    redisConnectUnixWithTimeout(url.path, tv) :
	    redisConnectWithTimeout(url.host, url.port, tv);
	if (redis != NULL)
		seclusion_keep(redis->fd);
	if (redis == NULL || redis->err != 0)
		snprintf(why, size, "connect: %s",
		    redis != NULL ? redis->errstr : "out of memory");
	else if (redisSetTimeout(redis, tv) == REDIS_OK &&
	    (!url.tls || redis_tls_start(redis, &url, why, size) == 0) &&
	    log_in(redis, &url, why, size) == 0 &&
	    load_scripts(redis, why, size) == 0)
		goto out;
	if (redis != NULL)
		redisFree(redis);
	redis = NULL;
out:
	redis_url_clear(&url);
	return redis;
}

/* -- errors -------------------------------------------------------------- */

enum store_error
store_error_of(const redisReply *reply)
{
	static const struct {
		const char *prefix;
		enum store_error error;
	} kinds[] = {
		{ "NOSCRIPT", STORE_NO_SCRIPT },
		{ "READONLY", STORE_REFUSED },
		{ "LOADING", STORE_REFUSED },
		{ "OOM", STORE_REFUSED },
		{ "MISCONF", STORE_REFUSED },
		{ "BUSY", STORE_REFUSED },
		{ "MASTERDOWN", STORE_REFUSED },
		{ "NOREPLICAS", STORE_REFUSED },
		{ "NOAUTH", STORE_REFUSED },
		{ "NOPERM", STORE_REFUSED },
	};
	size_t i;

	if (reply == NULL)
		return STORE_NO_REPLY;
	if (reply->type != REDIS_REPLY_ERROR)
		return STORE_OK;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(reply->str, kinds[i].prefix,
			strlen(kinds[i].prefix)) == 0)
			return kinds[i].error;
	return STORE_FAULT;
}

void
store_explain(const char *error, char *why, size_t why_size)
{
	static const char *const about_url[] = { "WRONGPASS", "NOAUTH",
		"ERR invalid password", "ERR AUTH", "ERR Client sent AUTH",
		"ERR DB index", "ERR invalid DB" };
	const char *setting = "";
	size_t i;

	for (i = 0; i < sizeof(about_url) / sizeof(about_url[0]); i++)
		if (strncmp(error, about_url[i], strlen(about_url[i])) == 0)
			setting = "REDIS_URL: ";
	snprintf(why, why_size, "%s%s", setting, error);
}

/* -- durability ---------------------------------------------------------- */

/* The value behind `name` in CONFIG GET's flat list, or NULL. */
static const char *
setting(const redisReply *reply, const char *name)
{
	size_t i;

	for (i = 0; reply != NULL && reply->type == REDIS_REPLY_ARRAY &&
	     i + 1 < reply->elements;
	     i += 2)
		if (strcmp(reply->element[i]->str, name) == 0)
			return reply->element[i + 1]->str;
	return NULL;
}

enum store_durability
store_durability_of(const redisReply *reply, char *advice, size_t size)
{
	const struct {
		const char *name, *needed, *value;
	} rows[] = {
		{ "appendonly", "yes", setting(reply, "appendonly") },
		{ "appendfsync", "always", setting(reply, "appendfsync") },
		{ "maxmemory-policy", "noeviction",
		    setting(reply, "maxmemory-policy") },
	};
	size_t i, used = 0;

	advice[0] = '\0';
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].value == NULL)
			return STORE_DURABILITY_UNKNOWN;
		if (strcmp(rows[i].value, rows[i].needed) == 0 || used >= size)
			continue;
		used += (size_t)snprintf(advice + used, size - used, "%s%s %s",
		    used > 0 ? "; " : "", rows[i].name, rows[i].needed);
	}
	return used > 0 ? STORE_NOT_DURABLE : STORE_DURABLE;
}
