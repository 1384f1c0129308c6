/* SPDX-License-Identifier: MIT */
/* What is written into the record of jobs, and taken out of it in the end. */
#ifndef POSTRIDER_RECORDING_H
#define POSTRIDER_RECORDING_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "snapshot.h"

#define RECORDING_MAX 100 /* jobs of one transaction */

/*
 * All in one transaction: of each job what has changed since the record had it
 * last; nothing if that is newer. 0 or -1.
 */
int recording_write(struct record *, const struct snapshot *jobs, size_t n);

/*
 * Drops jobs that were accepted before `before` and are over, RECORDING_MAX at
 * most; how many, or -1.
 */
int recording_drop(struct record *, int64_t before);

#endif
