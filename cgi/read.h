/* SPDX-License-Identifier: MIT */
/* A request's question to Redis, on the connection of the reads. */
#ifndef POSTRIDER_READ_H
#define POSTRIDER_READ_H

#include <hiredis/hiredis.h>

#include "store.h"

struct request;

/*
 * `answer` gets the reply, which is no error, and answers the request, on the
 * thread of the reads. Where there is none, the request is answered here.
 */
void read_send(struct request *, const struct store_call *,
    void (*answer)(struct request *, const redisReply *));

#endif
