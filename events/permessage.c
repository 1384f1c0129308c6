/* SPDX-License-Identifier: MIT */
/* zlib's raw streams, reset for each message. */
#include "permessage.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define LEVEL 6
#define WINDOW_BITS 15
#define MEMORY_LEVEL 8
#define STEP 4096 /* bytes that are inflated at a time */
#define FLUSH_ROOM 16 /* bytes, more than a flush adds to deflateBound() */
/* What ends a flush; it is left out (RFC 7692 7.2.1). */
#define TAIL_LEN 4
static const unsigned char tail[TAIL_LEN] = { 0x00, 0x00, 0xff, 0xff };

struct permessage {
	z_stream out, in;
};

struct permessage *
permessage_new(void)
{
	struct permessage *permessage = calloc(1, sizeof(*permessage));

	/* Else they fail for want of memory only. */
	if (permessage == NULL ||
	    deflateInit2(&permessage->out, LEVEL, Z_DEFLATED, -WINDOW_BITS,
		MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK ||
	    inflateInit2(&permessage->in, -WINDOW_BITS) != Z_OK)
		abort();
	return permessage;
}

void
permessage_free(struct permessage *permessage)
{
	/* They tell of unfinished streams, which these always are. */
	(void)deflateEnd(&permessage->out);
	(void)inflateEnd(&permessage->in);
	free(permessage);
}

void
permessage_deflate(struct permessage *permessage, const void *message,
    size_t len, struct buffer *out)
{
	z_stream *z = &permessage->out;
	const size_t room = deflateBound(z, len) + FLUSH_ROOM;

	buffer_reserve(out, room);
	z->next_in = (Bytef *)message; /* zlib does not write there */
	z->avail_in = (uInt)len;
	z->next_out = (Bytef *)out->data + out->len;
	z->avail_out = (uInt)room;
	/* Neither fails on an initialized stream with room. */
	(void)deflate(z, Z_SYNC_FLUSH);
	out->len += room - z->avail_out - TAIL_LEN;
	out->data[out->len] = '\0';
	(void)deflateReset(z);
}

/* One piece of the input; inflateReset() is the caller's. */
static enum permessage_result
inflate_piece(z_stream *z, const void *bytes, size_t len, struct buffer *out,
    size_t max)
{
	int result = Z_OK;

	z->next_in = (Bytef *)bytes;
	z->avail_in = (uInt)len;
	do {
		buffer_reserve(out, STEP);
		z->next_out = (Bytef *)out->data + out->len;
		z->avail_out = STEP;
		result = inflate(z, Z_SYNC_FLUSH);
		out->len += STEP - z->avail_out;
		if (out->len > max)
			return PERMESSAGE_TOO_LARGE;
	} while (result == Z_OK && (z->avail_in > 0 || z->avail_out == 0));
	return result == Z_OK || result == Z_BUF_ERROR ||
		result == Z_STREAM_END ?
	    PERMESSAGE_OK :
	    PERMESSAGE_WRONG;
}

enum permessage_result
permessage_inflate(struct permessage *permessage, const void *compressed,
    size_t len, struct buffer *out, size_t max)
{
	z_stream *z = &permessage->in;
	enum permessage_result result =
	    inflate_piece(z, compressed, len, out, max);

	if (result == PERMESSAGE_OK)
		result = inflate_piece(z, tail, TAIL_LEN, out, max);
	(void)inflateReset(z); /* it does not fail */
	if (out->data != NULL)
		out->data[out->len] = '\0';
	return result;
}
