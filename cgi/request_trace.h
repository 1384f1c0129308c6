/* SPDX-License-Identifier: MIT */
/* The span of a request, and the trace that its client has it in. */
#ifndef POSTRIDER_REQUEST_TRACE_H
#define POSTRIDER_REQUEST_TRACE_H

#include "job.h"
#include "route.h"

struct commit_mail;
struct request;

/* Not thread-safe; after otlp_open(). The table is borrowed. */
void request_trace_open(const struct route *table, size_t table_len);
void request_trace_close(void);

/* Its route is known. */
void request_trace_begin(struct request *);
void request_trace_end(struct request *, int status);

/*
 * A new mail of it goes on in its trace, where there is one: in its client's
 * even when no span is told.
 */
void request_trace_mail(struct request *, struct job *, struct commit_mail *);

#endif
