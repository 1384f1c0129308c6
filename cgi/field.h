/* SPDX-License-Identifier: MIT */
/*
 * The fields of a mail: one table from which validation takes its rules, error
 * texts their limits, and docs/protocol.md its rows (unit.field compares them).
 * A new field is a row here and what stores its slot (submission.c).
 */
#ifndef POSTRIDER_FIELD_H
#define POSTRIDER_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "json_value.h"

/* The part of a job that a field fills. */
enum field_slot {
	FIELD_TO,
	FIELD_SUBJECT,
	FIELD_BODY,
	FIELD_FROM,
	FIELD_CC,
	FIELD_BCC,
	FIELD_REPLY_TO,
	FIELD_HTML,
	FIELD_ATTACHMENTS,
	FIELD_HEADERS,
	FIELD_TAGS,
	FIELD_METADATA,
	FIELD_UNSUBSCRIBE,
	FIELD_STRICT,
	FIELD_SCHEDULED_AT,
	FIELD_EXPIRES_AT,
	FIELD_PRIORITY,
	FIELD_LIST,
	FIELD_SLOT__MAX
};

/* What it is read as: a string of that kind, or what reads it all. */
enum field_type {
	FIELD_MAILBOX, /* `a@b.c` or `Name <a@b.c>`: address.h has its limits */
	FIELD_LINE,
	FIELD_TEXT,
	FIELD_FILES, /* file_list.h */
	FIELD_CUSTOM_HEADERS, /* header_list.h */
	FIELD_LABELS, /* label.h */
	FIELD_PAIRS, /* label.h */
	FIELD_LINK, /* {"url"}: unsubscribe.h */
	FIELD_SWITCH, /* true or false */
	FIELD_TIME, /* moment.h */
	FIELD_LANE, /* lane.h */
	FIELD_LIST_NAME, /* list_name.h */
	FIELD_TYPE__MAX
};
/* For people: "mailbox", ... */
extern const char *const field_type_names[FIELD_TYPE__MAX];

/*
 * Where it may go, a set of these. What goes into a header is checked for all
 * that could end it or disguise what follows, whatever its type.
 */
enum {
	FIELD_IN_ENVELOPE = 1,
	FIELD_IN_HEADER = 2,
	FIELD_IN_CONTENT = 4,
	FIELD_IN_RECORD = 8, /* not sent at all */
	FIELD_IN_ANSWER = 16, /* nor kept */
	FIELD_IN_QUEUE = 32 /* says when, not what */
};

#define FIELD_NAME_MAX 31 /* bytes */

struct field {
	const char *name;
	enum field_slot slot; /* several names of one exclude each other */
	enum field_type type;
	unsigned places;
	bool required; /* under one of the names of its slot */
	size_t
	    items_max; /* 1 to that many in a list will do, too; 0: no list */
	size_t
	    bytes_max; /* 1 to that many of a string; 0: no limit of its own */
	const char *about; /* for people; "" */
};

extern const struct field fields[];
extern const size_t fields_len;

/* NULL: there is none of that name. */
const struct field *field_find(const char *name, size_t len);

/* The name that was most likely meant, NULL when none is near. */
const char *field_nearest(const char *name, size_t len);

/*
 * Whether the value gives nothing, as SDKs write what is not set: null, or an
 * empty list, where the field may be missing; an empty text.
 */
bool field_is_unset(const struct field *, const struct json_value *);

/* The first name of its slot: field->name unless it is another name of it. */
const char *field_proper_name(const struct field *);

#endif
