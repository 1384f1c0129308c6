/* SPDX-License-Identifier: MIT */
/* What a client says over a WebSocket: a small JSON object with a `type`. */
#ifndef POSTRIDER_MESSAGE_H
#define POSTRIDER_MESSAGE_H

#include "id.h"
#include "position.h"

enum message_type {
	MESSAGE_PING,
	MESSAGE_SUBSCRIBE_JOB, /* `job_id` */
	MESSAGE_SUBSCRIBE, /* `status`: a list, empty for all */
	MESSAGE_RESUME, /* `last_event_id` */
	MESSAGE_TYPE__MAX
};

struct message {
	enum message_type type;
	char job_id[ID_MAX + 1];
	unsigned statuses; /* a bit each, 1 << enum job_status; 0: all */
	struct position after;
};

/* 0, or -1 with a constant text that says what is wrong. */
int message_read(struct message *, const char *text, size_t len,
    const char **why);

#endif
