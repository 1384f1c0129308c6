/* SPDX-License-Identifier: MIT */
/* The spans of one attempt: the message's processing, and SMTP within it. */
#ifndef POSTRIDER_ATTEMPT_TRACE_H
#define POSTRIDER_ATTEMPT_TRACE_H

#include "relay.h"

struct config;
struct delivery;

/* Not thread-safe; after otlp_open(). */
void attempt_trace_open(const struct config *);
void attempt_trace_close(void);

void attempt_trace_begin(struct delivery *); /* claimed */
void attempt_trace_smtp(struct delivery *); /* its message is made */
void attempt_trace_reply(struct delivery *, enum outcome);
void attempt_trace_end(struct delivery *, const char *status); /* settled */
void attempt_trace_drop(struct delivery *); /* what was not ended */

#endif
