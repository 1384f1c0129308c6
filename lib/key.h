/* SPDX-License-Identifier: MIT */
/*
 * API keys, `pr_<id>_<secret>`: how one is written, and what it may do. Of the
 * secret only its SHA-256 is kept (in Redis: key_store.h); being 256 random bits
 * it needs no salt and no slow hash. Pure but for key_make's random bytes.
 */
#ifndef POSTRIDER_KEY_H
#define POSTRIDER_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "digest.h"

#define KEY_ID_SIZE 17 /* 64 bits in hexadecimal digits, and a NUL */
#define KEY_SECRET_SIZE 65 /* 256 bits */
#define KEY_TOKEN_SIZE (3 + KEY_ID_SIZE + KEY_SECRET_SIZE)
#define KEY_NAME_MAX 64 /* bytes */

enum key_scope { /* bits */
	KEY_SEND = 1, /* may hand mail in, and take it back */
	KEY_READ = 2, /* may see what became of all mail */
	KEY_ADMIN = 4 /* all of this, and what concerns mail of others */
};

/* Strings are owned and never NULL; times are wall clock ms, 0: none. */
struct key {
	char id[KEY_ID_SIZE];
	char digest[DIGEST_HEX_SIZE]; /* of the secret; "": revoked */
	char *name; /* for people */
	unsigned scopes; /* bits of key_scope */
	char *domains; /* domain_list.h: what From may be of; "": any */
	char
	    *networks; /* network_list.h: where a client may be; "": anywhere */
	int64_t rate; /* requests in rate_period; 0: any number */
	int64_t rate_period; /* ms */
	int64_t quota; /* mails a day, UTC; 0: any number */
	int64_t created_at, expires_at, revoked_at;
};

void key_init(struct key *);
void key_free(struct key *); /* leaves it zeroed, which may be freed, too */

/* -- what it is made of ---------------------------------------------------- */

/*
 * key_field.c: the fields of a key, as text: `name` (1 to KEY_NAME_MAX printable ASCII
 * characters), `scopes` (`send,read,admin`), `domains`, `networks`, `rate`
 * (`10/s`, `600/m`, `1000/h`, `5000/d`), `quota`, `expires_at` (RFC 3339,
 * or ms), and those that are Redis' own. NULL, or what is wrong with it: a constant text,
 * and nothing is changed. An empty text is none of it, but a name and scopes
 * are needed.
 */
const char *key_set(struct key *, const char *field, const char *text);
/* Tells each field that has a text, as key_set() takes it. */
void key_each(const struct key *,
    void (*tell)(void *arg, const char *field, const char *text), void *arg);

/* -- its token ------------------------------------------------------------- */

/* A new id and secret, and the secret's digest. The token is shown once. */
void key_make(struct key *, char token[KEY_TOKEN_SIZE]);

/* What stands behind `Bearer` in an Authorization header; NULL: no such. */
const char *key_token_of(const char *authorization);

/* What a client has shown. */
struct key_claim {
	char id[KEY_ID_SIZE];
	char digest[DIGEST_HEX_SIZE];
};
/*
 * Of any text: what is no token is an id that no key has, so that it goes the
 * way of an unknown one.
 */
void key_claim_read(struct key_claim *, const char *token);

/* In constant time. `key` may be NULL: an unknown one, which takes as long. */
bool key_is_right(const struct key *, const struct key_claim *);

/* -- what it may do -------------------------------------------------------- */

/* All bits of `scopes`; KEY_ADMIN has them all. */
bool key_may(const struct key *, unsigned scopes);
/* `address`: as From has it. */
bool key_may_send_from(const struct key *, const char *address);
/* `client`: its IP address, NULL: not known. */
bool key_may_come_from(const struct key *, const char *client);

#endif
