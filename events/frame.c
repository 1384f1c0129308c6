/* SPDX-License-Identifier: MIT */
#include "frame.h"

#include <stdint.h>
#include <string.h>

#define FIN 0x80
#define RSV1 0x40
#define LEN_16 126 /* the length stands in the next two bytes */
#define LEN_64 127 /* in the next eight */
#define HEADER_MAX 10
#define CONTROL_MAX 125 /* bytes of a control frame */

static size_t
write_header(uint8_t header[HEADER_MAX], unsigned first, size_t len)
{
	const size_t bytes = len < LEN_16 ? 0 : len <= UINT16_MAX ? 2 : 8;
	size_t i;

	header[0] = (uint8_t)first;
	header[1] = (uint8_t)(bytes == 0 ? len : bytes == 2 ? LEN_16 : LEN_64);
	for (i = 0; i < bytes; i++)
		header[2 + i] =
		    (uint8_t)((uint64_t)len >> (8 * (bytes - 1 - i)));
	return 2 + bytes;
}

struct chunk *
frame_new(enum frame_opcode opcode, bool compressed, const void *payload,
    size_t len)
{
	uint8_t header[HEADER_MAX];
	const size_t before = write_header(header,
	    FIN | (compressed ? RSV1 : 0) | (unsigned)opcode, len);
	struct chunk *chunk = chunk_new(before + len);

	memcpy(chunk->data, header, before);
	if (len > 0)
		memcpy(chunk->data + before, payload, len);
	return chunk;
}

struct chunk *
frame_close(enum close_code code, const char *why)
{
	uint8_t payload[CONTROL_MAX];
	const size_t len = strlen(why);

	payload[0] = (uint8_t)((unsigned)code >> 8);
	payload[1] = (uint8_t)code;
	memcpy(payload + 2, why, len < CONTROL_MAX - 2 ? len : CONTROL_MAX - 2);
	return frame_new(FRAME_CLOSE, false, payload,
	    len < CONTROL_MAX - 2 ? 2 + len : CONTROL_MAX);
}
