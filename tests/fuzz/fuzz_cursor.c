/* SPDX-License-Identifier: MIT */
/*
 * fuzz.cursor: a text that is taken is the one we would write; a cursor that is
 * written is read again.
 */
#include <string.h>

#include "cursor.h"
#include "fuzz.h"
#include "timestamp.h"

static void
check_text(const char *text, size_t len)
{
	char again[CURSOR_SIZE];
	struct cursor cursor;

	if (cursor_decode(&cursor, text, len) == -1)
		return;
	CHECK(cursor.created_at >= 0 && cursor.created_at <= TIMESTAMP_MAX);
	CHECK(id_is_valid(cursor.id, strlen(cursor.id)));
	cursor_encode(&cursor, again);
	CHECK(strlen(again) == len && memcmp(again, text, len) == 0);
}

/* Bytes as a time and an id. */
static void
check_cursor(const uint8_t *data, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789._-";
	struct cursor cursor = { 0 }, again;
	char text[CURSOR_SIZE];
	uint64_t time = 0;
	size_t i, at;

	cursor.newer = size % 2 == 1;
	for (at = 0; at < size && at < 8; at++)
		time = time << 8 | data[at];
	cursor.created_at = (int64_t)(time % ((uint64_t)TIMESTAMP_MAX + 1));
	for (i = 0; at < size && i < ID_MAX; i++, at++)
		cursor.id[i] = letters[data[at] % (sizeof(letters) - 1)];
	if (i == 0)
		return;
	cursor_encode(&cursor, text);
	CHECK(strlen(text) < CURSOR_SIZE);
	CHECK(cursor_decode(&again, text, strlen(text)) == 0);
	CHECK(again.created_at == cursor.created_at);
	CHECK(again.newer == cursor.newer);
	CHECK(strcmp(again.id, cursor.id) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_text((const char *)data, size);
	check_cursor(data, size);
	return 0;
}
