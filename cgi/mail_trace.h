/* SPDX-License-Identifier: MIT */
/* The spans of a mail that is accepted: on its way to its queue, and in Redis. */
#ifndef POSTRIDER_MAIL_TRACE_H
#define POSTRIDER_MAIL_TRACE_H

#include "config.h"
#include "job.h"
#include "span.h"

/* Not thread-safe; after otlp_open(). */
void mail_trace_open(const struct config *);
void mail_trace_close(void);

/*
 * On its way, as a part of `request`; NULL when that is. From here on the job's
 * context is this span's.
 */
struct span *mail_trace_send(const struct span *request, struct job *);

/* One or more mails are being kept, as a part of `of`. */
struct span *mail_trace_keep(const struct span *of);

#endif
