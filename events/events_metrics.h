/* SPDX-License-Identifier: MIT */
/* What postrider-events counts: docs/protocol.md, "Metrics". */
#ifndef POSTRIDER_EVENTS_METRICS_H
#define POSTRIDER_EVENTS_METRICS_H

#include "buffer.h"

struct events;

void events_metrics_write(const struct events *, struct buffer *text);

#endif
