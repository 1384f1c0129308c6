/* SPDX-License-Identifier: MIT */
/* What a client is told besides events: each is the JSON of a message's data. */
#ifndef POSTRIDER_NOTICE_H
#define POSTRIDER_NOTICE_H

#include "buffer.h"

struct client;
struct events;

/* connection_status: whether events flow, and where the feed stands. */
void notice_status(const struct events *, struct buffer *data);
/* pong: when. */
void notice_pong(struct buffer *data);
/* subscribed: what it wants now. */
void notice_subscribed(const struct client *, struct buffer *data);
/* resume_failed: why, and where it goes on from. */
void notice_resume_failed(const struct events *, const char *why,
    struct buffer *data);
/* error: what was wrong with its message; a constant text. */
void notice_error(const char *why, struct buffer *data);

#endif
