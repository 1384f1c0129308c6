/* SPDX-License-Identifier: MIT */
/*
 * What only some mails have, as fields of the job in Redis: so that it can be
 * shown and recorded when the payload is gone. Mailboxes are JSON lists, all
 * as in the payload; a plain mail has none of these.
 */
#ifndef POSTRIDER_JOB_FIELDS_H
#define POSTRIDER_JOB_FIELDS_H

#include "buffer.h"
#include "job.h"
#include "store.h"

/* The zero value is empty. */
struct job_fields {
	struct buffer cc, bcc, reply_to;
};

/*
 * Adds (field, value)... to the call, which borrows what is in `fields`, and of
 * the job.
 */
void job_fields_add(struct job_fields *, const struct job *,
    struct store_call *);
void job_fields_free(struct job_fields *);

#endif
