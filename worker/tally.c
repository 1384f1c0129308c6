/* SPDX-License-Identifier: MIT */
/* A few rows, found by looking at each. */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000)

static const char add[] =
    "INSERT INTO tally (minute, what, delay, count) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (minute, what, delay) DO UPDATE "
    "SET count = tally.count + excluded.count";

int64_t
tally_class(int64_t delay)
{
	int shift = 0;

	if (delay < 0)
		return 0;
	while (delay >> shift >= 16)
		shift++;
	return delay >> shift << shift;
}

void
tally_add(struct tally *tally, int64_t at, const char *what, int64_t delay)
{
	const struct tally_row row = { at - at % MINUTE, what,
		tally_class(delay), 1 };
	size_t i;

	for (i = 0; i < tally->len; i++)
		if (tally->rows[i].minute == row.minute &&
		    tally->rows[i].delay == row.delay &&
		    strcmp(tally->rows[i].what, what) == 0)
			break;
	if (i < tally->len) {
		tally->rows[i].count++;
		return;
	}
	if (tally->len == tally->size) {
		tally->size = 2 * tally->size + 16;
		tally->rows =
		    reallocarray(tally->rows, tally->size, sizeof(row));
		if (tally->rows == NULL)
			abort();
	}
	tally->rows[tally->len++] = row;
}

int
tally_write(const struct tally *tally, struct record *record)
{
	const struct tally_row *row;
	struct record_call call;
	size_t i;

	for (i = 0; i < tally->len; i++) {
		row = &tally->rows[i];
		record_call_begin(&call, add);
		record_call_number(&call, row->minute);
		record_call_text(&call, row->what, strlen(row->what));
		record_call_number(&call, row->delay);
		record_call_number(&call, row->count);
		if (record_run(record, &call) == -1)
			return -1;
	}
	return 0;
}

void
tally_free(struct tally *tally)
{
	free(tally->rows);
	memset(tally, 0, sizeof(*tally));
}
