/* SPDX-License-Identifier: MIT */
/* https://www.w3.org/TR/trace-context/#traceparent-header */
#include "traceparent.h"

#include <stdbool.h>
#include <string.h>

#define LEN (TRACEPARENT_SIZE - 1)
#define TRACE_AT 3
#define TRACE_LEN 32
#define PARENT_AT 36
#define PARENT_LEN 16
#define FLAGS_AT 53
#define FLAGS_LEN 2

static const char hex[] = "0123456789abcdef"; /* upper case is none */

static bool
is_hex(const char *text, size_t len)
{
	return strspn(text, hex) >= len;
}

/* All zeros are no id. */
static bool
is_id(const char *text, size_t len)
{
	return is_hex(text, len) && strspn(text, "0") < len;
}

static bool
is_valid(const char *text)
{
	const size_t len = strlen(text);

	if (len < LEN || !is_hex(text, 2) || memcmp(text, "ff", 2) == 0)
		return false;
	if (text[2] != '-' || text[PARENT_AT - 1] != '-' ||
	    text[FLAGS_AT - 1] != '-')
		return false;
	/* A later version may have more behind it. */
	if (memcmp(text, "00", 2) == 0 ? len > LEN :
					 len > LEN && text[LEN] != '-')
		return false;
	return is_id(text + TRACE_AT, TRACE_LEN) &&
	    is_id(text + PARENT_AT, PARENT_LEN) &&
	    is_hex(text + FLAGS_AT, FLAGS_LEN);
}

void
traceparent_read(char out[TRACEPARENT_SIZE], const char *text)
{
	out[0] = '\0';
	if (text == NULL || !is_valid(text))
		return;
	memcpy(out, text, LEN);
	out[LEN] = '\0';
	memcpy(out, "00", 2);
}

const char *
traceparent_id(const char *traceparent)
{
	static _Thread_local char id[TRACE_LEN + 1];

	if (traceparent[0] == '\0')
		return NULL;
	memcpy(id, traceparent + TRACE_AT, TRACE_LEN);
	return id;
}
