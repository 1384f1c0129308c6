/* SPDX-License-Identifier: MIT */
/*
 * Whether Redis is the store that we know. It has an id, and its changes are
 * the events of a stream; the last seen is kept in memory and in
 * STATE_DIRECTORY/store. Another id, or a stream without that event, means that it
 * was restored or lost what it had: mail that waits there may have been sent.
 * Nothing is sent or swept then until the operator decides (restore.h).
 */
#ifndef POSTRIDER_KNOWN_STORE_H
#define POSTRIDER_KNOWN_STORE_H

#include <stdbool.h>
#include <stdint.h>

struct worker;
struct known_store;

/* `checked`: the first answer, whatever it is; once. */
struct known_store *known_store_new(struct worker *, void (*checked)(void *arg),
    void *arg);
void known_store_free(struct known_store *);

/* Looks at its clock once more: the last time is what the next start knows. */
void known_store_look(struct known_store *);
/* At each (re)connect. */
void known_store_check(struct known_store *);

/* A claim that it has answered: what is newer than the last look. */
void known_store_note(struct known_store *, const char *job, int64_t claim_seq);

/* Whether it is known to be the same since the last connect. */
bool known_store_is_same(const struct known_store *);
/* Whether it is known not to be: the operator must decide. */
bool known_store_is_other(const struct known_store *);

#endif
