/* SPDX-License-Identifier: MIT */
/*
 * The context of a trace as text: W3C Trace Context, `traceparent`, version 00:
 * 00-<trace id, 32 hex digits>-<parent id, 16>-<flags, 2>.
 */
#ifndef POSTRIDER_TRACEPARENT_H
#define POSTRIDER_TRACEPARENT_H

#include <stdbool.h>
#include <stddef.h>

#define TRACEPARENT_SIZE 56 /* bytes, with the NUL */
#define TRACESTATE_MAX 512 /* bytes; a longer one is not carried */

/*
 * Writes the context of a header, of version 00 or a later one, in the form of
 * version 00; "" for what is none (also NULL): then there is no trace.
 */
void traceparent_read(char out[TRACEPARENT_SIZE], const char *text);

/* Its trace id, NULL for ""; good until the thread's next call. */
const char *traceparent_id(const char *traceparent);

/*
 * Whether a text is a `tracestate`, what others know of the trace: up to 32
 * key=value with commas, of TRACESTATE_MAX bytes.
 */
bool tracestate_is_valid(const char *text);

#endif
