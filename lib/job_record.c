/* SPDX-License-Identifier: MIT */
/* Columns stand in the order of enum snapshot_field. */
#include "job_record.h"

#include <string.h>

static const char upsert[] =
    "INSERT INTO job (id, seq, status, reason, sender, addressed, subject, "
    "attempts, retry_count, unknown_count, last_code, last_error, next_at, "
    "created_at, updated_at, results, history, cc, bcc, reply_to, tags, "
    "metadata, scheduled_at, expires_at, give_up_at, priority, list) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
    "$14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27) "
    "ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, "
    "status = excluded.status, reason = excluded.reason, "
    "attempts = excluded.attempts, retry_count = excluded.retry_count, "
    "unknown_count = excluded.unknown_count, "
    "last_code = excluded.last_code, last_error = excluded.last_error, "
    "next_at = excluded.next_at, updated_at = excluded.updated_at, "
    "results = excluded.results, history = excluded.history, "
    "scheduled_at = excluded.scheduled_at, expires_at = excluded.expires_at, "
    "give_up_at = excluded.give_up_at "
    "WHERE excluded.seq > job.seq";

static bool
is_number(int field)
{
	static const bool numbers[SNAPSHOT__MAX] = {
		[SNAPSHOT_SEQ] = true,
		[SNAPSHOT_ATTEMPT] = true,
		[SNAPSHOT_RETRY_COUNT] = true,
		[SNAPSHOT_UNKNOWN_COUNT] = true,
		[SNAPSHOT_LAST_CODE] = true,
		[SNAPSHOT_NEXT_AT] = true,
		[SNAPSHOT_CREATED_AT] = true,
		[SNAPSHOT_UPDATED_AT] = true,
		[SNAPSHOT_SCHEDULED_AT] = true,
		[SNAPSHOT_EXPIRES_AT] = true,
		[SNAPSHOT_GIVE_UP_AT] = true,
	};

	return numbers[field];
}

int
job_record_write(struct record *record, const struct snapshot *snapshot)
{
	struct record_call call;
	int i;

	record_call_begin(&call, upsert);
	for (i = 0; i < SNAPSHOT__MAX; i++) {
		if (is_number(i))
			record_call_number(&call,
			    snapshot_number(snapshot, (enum snapshot_field)i));
		else
			record_call_text(&call, snapshot->field[i].data,
			    snapshot->field[i].len);
	}
	return record_run(record, &call);
}

void
job_record_read(struct snapshot *snapshot, const struct record_column *columns)
{
	int i;

	memset(snapshot, 0, sizeof(*snapshot));
	for (i = 0; i < SNAPSHOT__MAX; i++) {
		if (columns[i].len == 0 ||
		    (is_number(i) && strcmp(columns[i].data, "0") == 0))
			continue; /* absent, as in Redis */
		snapshot->field[i].data = columns[i].data;
		snapshot->field[i].len = columns[i].len;
	}
}
