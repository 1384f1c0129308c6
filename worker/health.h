/* SPDX-License-Identifier: MIT */
/* The worker's health as JSON (docs/protocol.md, "Worker status"). */
#ifndef POSTRIDER_HEALTH_H
#define POSTRIDER_HEALTH_H

#include <stdbool.h>

#include "buffer.h"

struct worker;

void health_write(const struct worker *, struct buffer *json);
/* Whether mail can flow now; the JSON names what is in the way. */
bool health_ready(const struct worker *, struct buffer *json);

#endif
