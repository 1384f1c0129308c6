/* SPDX-License-Identifier: MIT */
#include "key_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "timestamp.h"

#define FIELDS_MAX 32 /* more than a key has */

int
key_read(struct key *key, const char *id, const redisReply *fields)
{
	size_t i;

	key_init(key);
	if (fields->type != REDIS_REPLY_ARRAY || fields->elements % 2 != 0 ||
	    strlen(id) >= sizeof(key->id))
		return -1;
	memcpy(key->id, id, strlen(id));
	for (i = 0; i < fields->elements; i += 2) {
		if (fields->element[i]->type != REDIS_REPLY_STRING ||
		    fields->element[i + 1]->type != REDIS_REPLY_STRING ||
		    key_set(key, fields->element[i]->str,
			fields->element[i + 1]->str) != NULL)
			return -1;
	}
	return key->scopes != 0 ? 0 : -1;
}

/* -- commands -------------------------------------------------------------- */

/* The caller frees it; NULL: `why` says what failed. */
static redisReply *
checked(struct key_store *store, redisReply *reply)
{
	if (reply == NULL)
		(void)snprintf(store->why, sizeof(store->why), "redis: %s",
		    store->redis->errstr);
	else if (reply->type != REDIS_REPLY_ERROR)
		return reply;
	else
		(void)snprintf(store->why, sizeof(store->why), "redis: %s",
		    reply->str);
	if (reply != NULL)
		freeReplyObject(reply);
	return NULL;
}

/* Without an answer that matters. 0 or -1. */
static int
done(struct key_store *store, redisReply *reply)
{
	reply = checked(store, reply);
	if (reply == NULL)
		return -1;
	freeReplyObject(reply);
	return 0;
}

struct hset {
	size_t argc, texts_len;
	const char *argv[2 + 2 * FIELDS_MAX];
	struct buffer texts[FIELDS_MAX + 1];
};

static void
add_field(void *arg, const char *field, const char *text)
{
	struct hset *hset = arg;
	struct buffer *copy = &hset->texts[hset->texts_len++];

	buffer_add_text(copy, text);
	hset->argv[hset->argc++] = field;
	hset->argv[hset->argc++] = copy->data;
}

static redisReply *
save_fields(struct key_store *store, const struct key *key)
{
	struct hset hset = { .argc = 2, .texts_len = 1, .argv = { "HSET" } };
	redisReply *reply;
	size_t i;

	buffer_printf(&hset.texts[0], "key:%s", key->id);
	hset.argv[1] = hset.texts[0].data;
	key_each(key, add_field, &hset);
	reply = redisCommandArgv(store->redis, (int)hset.argc, hset.argv, NULL);
	for (i = 0; i < hset.texts_len; i++)
		buffer_free(&hset.texts[i]);
	return reply;
}

/* The key is there before its place in the list is: none is lost sight of. */
static int
save(struct key_store *store, const struct key *key)
{
	if (done(store,
		redisCommand(store->redis, "ZADD keys %lld %s",
		    (long long)key->created_at, key->id)) == -1)
		return -1;
	return done(store, save_fields(store, key));
}

/* -- the interface --------------------------------------------------------- */

int
key_store_add(struct key_store *store, struct key *key,
    char token[KEY_TOKEN_SIZE])
{
	key_make(key, token);
	key->created_at = timestamp_now();
	return save(store, key);
}

int
key_store_get(struct key_store *store, const char *id, struct key *key)
{
	redisReply *reply =
	    checked(store, redisCommand(store->redis, "HGETALL key:%s", id));
	int result;

	key_init(key);
	if (reply == NULL)
		return -1;
	if (reply->elements == 0) {
		result = 0;
	} else {
		key_free(key);
		result = key_read(key, id, reply) == 0 ? 1 : -1;
	}
	if (result == -1)
		(void)snprintf(store->why, sizeof(store->why),
		    "key %s is not in its shape, or of a newer version", id);
	freeReplyObject(reply);
	return result;
}

int
key_store_list(struct key_store *store,
    void (*tell)(void *arg, const struct key *), void *arg)
{
	redisReply *ids =
	    checked(store, redisCommand(store->redis, "ZRANGE keys 0 -1"));
	struct key key;
	size_t i;
	int found = 0;

	if (ids == NULL)
		return -1;
	for (i = 0; i < ids->elements && found != -1; i++) {
		found = key_store_get(store, ids->element[i]->str, &key);
		if (found == 1)
			tell(arg, &key);
		key_free(&key);
	}
	freeReplyObject(ids);
	return found == -1 ? -1 : 0;
}

int
key_store_revoke(struct key_store *store, const char *id)
{
	struct key key;
	int found = key_store_get(store, id, &key);

	if (found == 1 && key.revoked_at == 0)
		/* First what ends it. */
		if (done(store,
			redisCommand(store->redis, "HDEL key:%s digest", id)) ==
			-1 ||
		    done(store,
			redisCommand(store->redis,
			    "HSET key:%s revoked_at %lld", id,
			    (long long)timestamp_now())) == -1)
			found = -1;
	key_free(&key);
	return found;
}

static int
end_in(struct key_store *store, const struct key *key, int64_t overlap)
{
	const int64_t end = timestamp_now() + overlap;

	if (key->expires_at != 0 && key->expires_at <= end)
		return 0;
	return done(store,
	    redisCommand(store->redis, "HSET key:%s expires_at %lld", key->id,
		(long long)end));
}

int
key_store_rotate(struct key_store *store, struct key_rotation *rotation)
{
	struct key old;
	int found = key_store_get(store, rotation->id, &rotation->key);

	if (found == 1 && rotation->key.revoked_at != 0)
		found = 0;
	if (found != 1)
		return found;
	memset(&old, 0, sizeof(old));
	memcpy(old.id, rotation->key.id, sizeof(old.id));
	old.expires_at = rotation->key.expires_at;
	if (key_store_add(store, &rotation->key, rotation->token) == -1 ||
	    end_in(store, &old, rotation->overlap) == -1)
		return -1;
	return 1;
}
