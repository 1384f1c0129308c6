/* SPDX-License-Identifier: MIT */
/* https://www.w3.org/TR/trace-context/#traceparent-header */
#include "traceparent.h"

#include <string.h>

#define LEN (TRACEPARENT_SIZE - 1)
#define TRACE_AT 3
#define TRACE_LEN 32
#define PARENT_AT 36
#define PARENT_LEN 16
#define FLAGS_AT 53
#define FLAGS_LEN 2

#define MEMBERS_MAX 32 /* of a tracestate */
#define KEY_MAX 256 /* bytes of a key, and of a value */

/* Lower case: upper case is none. It is asked of each mail: no strspn(). */
static bool
is_hex(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((text[i] < '0' || text[i] > '9') &&
		    (text[i] < 'a' || text[i] > 'f'))
			return false;
	return true;
}

/* All zeros are no id. */
static bool
is_id(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && text[i] == '0'; i++)
		continue;
	return i < len && is_hex(text, len);
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

/* -- tracestate: https://www.w3.org/TR/trace-context/#tracestate-header ----- */

static bool
is_key_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
	    byte == '_' || byte == '-' || byte == '*' || byte == '/' ||
	    byte == '@';
}

/* Up to the comma or the end; blanks may be around it. An empty one is one. */
static bool
is_member(const char *text, size_t len)
{
	size_t i, value;

	for (; len > 0 && (*text == ' ' || *text == '\t'); text++)
		len--;
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	if (len == 0)
		return true;
	for (i = 0; i < len && is_key_byte(text[i]); i++)
		continue;
	if (i == 0 || i > KEY_MAX || i == len || text[i] != '=')
		return false;
	value = ++i;
	for (; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e || text[i] == '=')
			return false;
	return i > value && i - value <= KEY_MAX;
}

bool
tracestate_is_valid(const char *text)
{
	size_t members = 0, len;

	if (*text == '\0' || strlen(text) > TRACESTATE_MAX)
		return false;
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (!is_member(text, len) || ++members > MEMBERS_MAX)
			return false;
		if (text[len] == '\0')
			return true;
	}
}
