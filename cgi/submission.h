/* SPDX-License-Identifier: MIT */
/*
 * The body of POST /api/emails becomes a job, by the table of fields (field.h).
 */
#ifndef POSTRIDER_SUBMISSION_H
#define POSTRIDER_SUBMISSION_H

#include <stddef.h>

#include "faults.h"
#include "job.h"
#include "lint.h"

/*
 * Reads the body into `job` (zeroed before), all but id and created_at. 0, or
 * -1 with every fault added to `faults`; job_clear() also after -1. What is no
 * fault but unwise goes to the lint's warnings; with `strict` it is a fault.
 */
int submission_read(struct job *job, const char *body, size_t len,
    struct faults *faults, struct lint *lint);

#endif
