/* SPDX-License-Identifier: MIT */
/* How the program is: /health and /ready, as docs/protocol.md has them. */
#ifndef POSTRIDER_HEALTH_H
#define POSTRIDER_HEALTH_H

#include <stdbool.h>

#include "buffer.h"

struct events;

void health_write(const struct events *, struct buffer *json);
/* Whether events flow. */
bool health_ready(const struct events *, struct buffer *json);

#endif
