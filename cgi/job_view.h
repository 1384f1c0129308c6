/* SPDX-License-Identifier: MIT */
/* A job as the API shows it, from Redis or from the record. */
#ifndef POSTRIDER_JOB_VIEW_H
#define POSTRIDER_JOB_VIEW_H

#include "buffer.h"
#include "cursor.h"
#include "snapshot.h"

/* Appends the JSON object. */
void job_view_write(struct buffer *out, const struct snapshot *);

/* The place of this job in a list. */
void job_view_cursor(struct cursor *, const struct snapshot *);

#endif
