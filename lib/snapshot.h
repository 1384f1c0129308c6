/* SPDX-License-Identifier: MIT */
/*
 * A job as it was at one seq: what the API shows of it and what the record
 * keeps, whichever of the two it was read from. All texts are UTF-8 without
 * NUL: other bytes (a relay's reply may hold any) are U+FFFD.
 */
#ifndef POSTRIDER_SNAPSHOT_H
#define POSTRIDER_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

/* Times are ms; lists, and metadata's object, are JSON. */
enum snapshot_field {
	SNAPSHOT_ID,
	SNAPSHOT_SEQ,
	SNAPSHOT_STATUS,
	SNAPSHOT_REASON,
	SNAPSHOT_FROM,
	SNAPSHOT_TO,
	SNAPSHOT_SUBJECT,
	SNAPSHOT_ATTEMPT,
	SNAPSHOT_RETRY_COUNT,
	SNAPSHOT_UNKNOWN_COUNT,
	SNAPSHOT_LAST_CODE,
	SNAPSHOT_LAST_ERROR,
	SNAPSHOT_NEXT_AT,
	SNAPSHOT_CREATED_AT,
	SNAPSHOT_UPDATED_AT,
	SNAPSHOT_RECIPIENTS, /* results; none before the first outcome */
	SNAPSHOT_HISTORY,
	/* As in the payload; of a plain mail there are none. */
	SNAPSHOT_CC,
	SNAPSHOT_BCC,
	SNAPSHOT_REPLY_TO,
	SNAPSHOT_TAGS,
	SNAPSHOT_METADATA,
	SNAPSHOT_SCHEDULED_AT,
	SNAPSHOT_EXPIRES_AT,
	SNAPSHOT_GIVE_UP_AT,
	SNAPSHOT_PRIORITY, /* none: normal */
	SNAPSHOT_LIST,
	SNAPSHOT__MAX
};

struct snapshot_text {
	const char *data; /* with a NUL behind it; NULL: absent or empty */
	size_t len;
};

struct snapshot {
	struct snapshot_text field[SNAPSHOT__MAX];
	char *owned[SNAPSHOT__MAX]; /* texts that were put together here */
};

/*
 * `shown` is {{field, value, ...}, {history entry, ...}} as the scripts give
 * it, and borrowed. 0, or -1 when it is not, or names no job; snapshot_free()
 * after both.
 */
int snapshot_read(struct snapshot *, const redisReply *shown);
void snapshot_free(struct snapshot *);
/* Copies what it borrows: it lives on its own from then on. */
void snapshot_keep(struct snapshot *);

int64_t snapshot_number(const struct snapshot *,
    enum snapshot_field); /* or 0 */
bool snapshot_is_over(const struct snapshot *);

#endif
