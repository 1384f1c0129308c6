/* SPDX-License-Identifier: MIT */
/*
 * A WebSocket frame as a server sends it (RFC 6455 5.2): whole, unmasked, the
 * same bytes for every client. What clients send is read by wslay. Pure.
 */
#ifndef POSTRIDER_FRAME_H
#define POSTRIDER_FRAME_H

#include <stdbool.h>

#include "chunk.h"

enum frame_opcode {
	FRAME_TEXT = 0x1,
	FRAME_CLOSE = 0x8,
	FRAME_PING = 0x9,
	FRAME_PONG = 0xa
};

enum close_code { /* RFC 6455 7.4.1 */
	CLOSE_NORMAL = 1000,
	CLOSE_GOING_AWAY = 1001,
	CLOSE_PROTOCOL_ERROR = 1002,
	CLOSE_UNSUPPORTED_DATA = 1003,
	CLOSE_INVALID_DATA = 1007,
	CLOSE_POLICY = 1008,
	CLOSE_TOO_LARGE = 1009
};

/* `compressed`: by permessage-deflate (RFC 7692 6: RSV1). */
struct chunk *frame_new(enum frame_opcode, bool compressed, const void *payload,
    size_t len);
/* `why`: 123 bytes at most. */
struct chunk *frame_close(enum close_code, const char *why);

#endif
