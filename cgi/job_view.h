/* SPDX-License-Identifier: MIT */
/* A job as the API shows it, from what the scripts `show` and `history` tell. */
#ifndef POSTRIDER_JOB_VIEW_H
#define POSTRIDER_JOB_VIEW_H

#include <hiredis/hiredis.h>

#include "buffer.h"
#include "cursor.h"

/*
 * Appends the JSON object. `shown` is {{field, value, ...}, {history...}}; 0,
 * or -1 when it is not, and nothing was appended.
 */
int job_view_write(struct buffer *out, const redisReply *shown);

/* The page behind this job; 0 or -1 as above. */
int job_view_cursor(struct cursor *, const redisReply *shown);

#endif
