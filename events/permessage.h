/* SPDX-License-Identifier: MIT */
/*
 * Compression of messages (RFC 7692, permessage-deflate), both ways without
 * context takeover: no client has a compressor of its own, and what is sent to
 * many is compressed once.
 */
#ifndef POSTRIDER_PERMESSAGE_H
#define POSTRIDER_PERMESSAGE_H

#include <stddef.h>

#include "buffer.h"

struct permessage;

struct permessage *permessage_new(void);
void permessage_free(struct permessage *);

/* Appends the compressed message to `out`. */
void permessage_deflate(struct permessage *, const void *message, size_t len,
    struct buffer *out);

enum permessage_result {
	PERMESSAGE_OK,
	PERMESSAGE_TOO_LARGE, /* over `max` bytes */
	PERMESSAGE_WRONG /* no DEFLATE */
};
/* Appends what was compressed; `max` is the most that `out` may hold. */
enum permessage_result permessage_inflate(struct permessage *,
    const void *compressed, size_t len, struct buffer *out, size_t max);

#endif
