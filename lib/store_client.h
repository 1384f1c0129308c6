/* SPDX-License-Identifier: MIT */
/*
 * A connection to Redis on libuv's loop: asynchronous, reconnecting by itself.
 * A command is kept until it is answered and sent again after a lost
 * connection, which every script of ours allows; so a caller gets an answer,
 * late perhaps, and keeps what it has in hand bounded.
 */
#ifndef POSTRIDER_STORE_CLIENT_H
#define POSTRIDER_STORE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "config.h"
#include "store.h"

struct store_client_options {
	uv_loop_t *loop;
	const struct config *config; /* borrowed */
	void (*connected)(void *arg); /* at each (re)connect; NULL: nothing */
	void (*lost)(void *arg); /* once it is no longer; NULL: nothing */
	void (*leaving)(void *arg); /* before commands leave; NULL: same */
	void *arg;
};

struct store_client;

/*
 * Commands are written at the end of a loop turn; the calls of a script that
 * takes a group are one command then. libuv calls the prepare
 * handles of a turn last made, first called: make the client before those who
 * call it from such a handle; else their commands wait for the next turn.
 */
struct store_client *store_client_new(const struct store_client_options *);
/* What is unanswered is called back with NULL, and never otherwise so. */
void store_client_free(struct store_client *);

/*
 * `reply` is good during the callback only. Error replies of a Redis that
 * cannot write now (LOADING, READONLY...) are not passed on but waited out.
 */
typedef void store_client_fn(void *arg, const redisReply *reply);

void store_client_call(struct store_client *, const struct store_call *,
    store_client_fn *done, void *arg);
/* Any other command that may be sent twice; `done` NULL: nobody asks. */
void store_client_command(struct store_client *, store_client_fn *done,
    void *arg, const char *format, ...);

struct store_client_status {
	bool up;
	int64_t since; /* wall clock ms of the last change */
	int64_t up_for; /* ms, 0 when down */
	int64_t latency; /* ms of the last answer, -1: none yet */
	enum store_durability durability;
	const char *advice; /* lines for redis.conf, "" */
	const char *last_error; /* "" */
};
void store_client_get_status(const struct store_client *,
    struct store_client_status *);

#endif
