/* SPDX-License-Identifier: MIT */
/* A job in the record's table `job`, both ways: what one writes one reads. */
#ifndef POSTRIDER_JOB_RECORD_H
#define POSTRIDER_JOB_RECORD_H

#include "record.h"
#include "snapshot.h"

/* For a SELECT whose rows job_record_read() reads. */
#define JOB_RECORD_COLUMNS                                                     \
	"job.id, job.seq, job.status, job.reason, job.sender, job.addressed, " \
	"job.subject, job.attempts, job.retry_count, job.unknown_count, "      \
	"job.last_code, job.last_error, job.next_at, job.created_at, "         \
	"job.updated_at, job.results, job.history, job.cc, job.bcc, "          \
	"job.reply_to, job.tags, job.metadata, job.scheduled_at, "             \
	"job.expires_at, job.give_up_at, job.priority, job.list"

/* Over a lower seq only. As record_run(). */
int job_record_write(struct record *, const struct snapshot *);

/* The snapshot borrows the columns. */
void job_record_read(struct snapshot *, const struct record_column *columns);

#endif
