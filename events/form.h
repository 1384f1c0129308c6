/* SPDX-License-Identifier: MIT */
/*
 * How a message goes to a client: as a WebSocket's text frame
 * `{"type":TYPE,"data":DATA}`, or as a Server-Sent Event of that type.
 */
#ifndef POSTRIDER_FORM_H
#define POSTRIDER_FORM_H

#include "chunk.h"
#include "permessage.h"

enum form {
	FORM_FRAME,
	FORM_DEFLATED, /* the same frame by permessage-deflate, if worth it */
	FORM_SSE,
	FORM__MAX
};

struct form_parts {
	const char *type;
	const char *data; /* JSON, one line */
	size_t len;
	const char *id; /* of the event; NULL: it is none of the stream's */
};

struct chunk *form_new(enum form, const struct form_parts *,
    struct permessage *);

#endif
