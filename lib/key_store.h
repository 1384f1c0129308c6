/* SPDX-License-Identifier: MIT */
/*
 * API keys in Redis: `key:<id>` (hash of key_set()'s fields) and `keys` (zset of
 * ids, by created_at). For those who manage keys: blocking calls, one manager at
 * a time. Who checks keys asks by the script `key`, and reads by key_read().
 * Every program that checks keys follows a change within 2 s.
 */
#ifndef POSTRIDER_KEY_STORE_H
#define POSTRIDER_KEY_STORE_H

#include <hiredis/hiredis.h>

#include "key.h"

/*
 * A key out of Redis' list of field, value, field... 0, or -1: nothing of it is
 * to be used. A field that this version does not know may be a restriction: so
 * that, too, is -1. key_free() also after -1.
 */
int key_read(struct key *, const char *id, const redisReply *fields);

struct key_store {
	redisContext *redis; /* store_connect() has made it; borrowed */
	char why[256]; /* what failed, after -1; no secret in it */
};

/*
 * Makes id, secret and created_at of a key that has all else, and keeps it. 0,
 * with the token that nobody can be told again; or -1.
 */
int key_store_add(struct key_store *, struct key *, char token[KEY_TOKEN_SIZE]);
/* 1: *key has it, also a revoked or expired one; 0: there is none; -1. */
int key_store_get(struct key_store *, const char *id, struct key *key);
/* Each key in turn, oldest first, revoked ones too. 0 or -1. */
int key_store_list(struct key_store *,
    void (*tell)(void *arg, const struct key *), void *arg);
/*
 * For good: the digest is gone, the rest is kept for those who look back. 1: it
 * is revoked (or was); 0: there is none; -1.
 */
int key_store_revoke(struct key_store *, const char *id);
/*
 * A new key in the place of another one, which ends in `overlap` ms (or when it
 * would anyway), so that its clients can be given the new one before. 1, with
 * the new key and its token; 0: there is none, or it is revoked; -1.
 */
struct key_rotation {
	const char *id; /* the old one */
	int64_t overlap;
	struct key key; /* the new one; key_free() whatever is returned */
	char token[KEY_TOKEN_SIZE];
};
int key_store_rotate(struct key_store *, struct key_rotation *);

#endif
