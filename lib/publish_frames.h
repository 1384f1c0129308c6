/* SPDX-License-Identifier: MIT */
/*
 * A message as the bytes of AMQP 0-9-1: basic.publish with its header and body
 * frames, so that a group of messages is one write. rabbitmq-c would make a poll
 * and three writes of each. It knows no socket.
 */
#ifndef POSTRIDER_PUBLISH_FRAMES_H
#define POSTRIDER_PUBLISH_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "publisher.h"

struct publish_frames {
	uint16_t channel;
	size_t frame_max; /* bytes of a whole frame, as negotiated */
};

/*
 * Appends one message: persistent, mandatory, JSON. Names longer than a short
 * string holds (255 bytes) are cut: ours are not.
 */
void publish_frames_add(const struct publish_frames *, const struct publish *,
    struct buffer *out);

/* No message's frames have more bytes than that. */
size_t publish_frames_size(const struct publish_frames *,
    const struct publish *);

#endif
