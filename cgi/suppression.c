/* SPDX-License-Identifier: MIT */
/* Two tables: the fields of a body, the parameters of a query. */
#include "suppression.h"

#include <string.h>

#include "characters.h"
#include "json_scan.h"
#include "json_value.h"
#include "literal.h"
#include "moment.h"
#include "nearest.h"
#include "query.h"
#include "timestamp.h"

static const char *const reasons[] = { "unsubscribe", "hard_bounce",
	"complaint", "manual" };
#define REASONS_LEN (sizeof(reasons) / sizeof(reasons[0]))

/* -- values ----------------------------------------------------------------- */

static int
read_address(struct suppression *s, const char *text, size_t len)
{
	return address_normalize(text, len, s->address) == ADDRESS_OK ? 0 : -1;
}

/* Of a search: an address, or a domain. */
static int
read_search(struct suppression *s, const char *text, size_t len)
{
	if (memchr(text, '@', len) != NULL)
		return read_address(s, text, len);
	return domain_normalize(text, len, s->domain) == ADDRESS_OK ? 0 : -1;
}

static int
read_list(struct suppression *s, const char *text, size_t len)
{
	if (!list_name_is_valid(text, len))
		return -1;
	memcpy(s->list, text, len);
	s->list[len] = '\0';
	return 0;
}

/* "*": those of all mail. */
static int
read_any_list(struct suppression *s, const char *text, size_t len)
{
	if (len != 1 || *text != '*')
		return read_list(s, text, len);
	memcpy(s->list, "*", sizeof("*"));
	return 0;
}

static int
read_reason(struct suppression *s, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < REASONS_LEN; i++)
		if (strlen(reasons[i]) == len &&
		    memcmp(reasons[i], text, len) == 0) {
			memcpy(s->reason, reasons[i], len + 1);
			return 0;
		}
	return -1;
}

static int
read_reply(struct suppression *s, const char *text, size_t len)
{
	if (len > SUPPRESSION_REPLY_MAX ||
	    !characters_are(text, len, CHARACTERS_LINE))
		return -1;
	memcpy(s->reply, text, len);
	s->reply[len] = '\0';
	return 0;
}

static int
read_job_id(struct suppression *s, const char *text, size_t len)
{
	if (!id_is_valid(text, len))
		return -1;
	memcpy(s->job_id, text, len);
	s->job_id[len] = '\0';
	return 0;
}

static int
read_occurred_at(struct suppression *s, const char *text, size_t len)
{
	return timestamp_parse(text, len, &s->occurred_at) == 0 &&
		s->occurred_at > 0 ?
	    0 :
	    -1;
}

static int
read_expires_at(struct suppression *s, const char *text, size_t len)
{
	const int64_t now = timestamp_now();

	return moment_parse(text, len, now, &s->expires_at) == 0 &&
		s->expires_at > now ?
	    0 :
	    -1;
}

static int64_t
read_number(const char *text, size_t len)
{
	int64_t number = 0;
	size_t i;

	for (i = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		number = number * 10 + text[i] - '0';
	return i == len && len >= 1 && len <= 15 ? number : -1;
}

static int
read_limit(struct suppression *s, const char *text, size_t len)
{
	const int64_t limit = read_number(text, len);

	s->limit = (size_t)limit;
	return limit >= 1 && limit <= SUPPRESSION_LIMIT_MAX ? 0 : -1;
}

static int
read_cursor(struct suppression *s, const char *text, size_t len)
{
	s->behind = read_number(text, len);
	return s->behind > 0 ? 0 : -1;
}

static int
read_removed(struct suppression *s, const char *text, size_t len)
{
	s->removed = len == 4 && memcmp(text, "true", 4) == 0;
	return s->removed || (len == 5 && memcmp(text, "false", 5) == 0) ? 0 :
									   -1;
}

struct row {
	const char *name;
	int (*read)(struct suppression *, const char *text, size_t len);
	const char *fault;
};

#define REASON_FAULT "must be unsubscribe, hard_bounce, complaint or manual"
#define ANY_LIST_FAULT LIST_NAME_FAULT "; or * for those of all mail"

static const struct row fields[] = {
	{ "address", read_address, "must be an address: ann@example.com" },
	{ "reason", read_reason, REASON_FAULT },
	{ "list", read_list, LIST_NAME_FAULT },
	{ "reply", read_reply,
	    "must be one line of " LITERAL(
		SUPPRESSION_REPLY_MAX) " bytes at most" },
	{ "job_id", read_job_id, "must be the id of a mail" },
	{ "occurred_at", read_occurred_at,
	    "must be a time: 2025-06-29T15:52:17Z" },
	{ "expires_at", read_expires_at,
	    "must be a time to come: 2025-06-29T15:52:17Z, or in 30 days" },
};
#define FIELDS_LEN (sizeof(fields) / sizeof(fields[0]))

static const struct row search[] = {
	{ "limit", read_limit,
	    "must be a number from 1 to " LITERAL(SUPPRESSION_LIMIT_MAX) },
	{ "cursor", read_cursor, "is not a next_cursor of this list" },
	{ "address", read_search, "must be an address or a domain" },
	{ "list", read_any_list, ANY_LIST_FAULT },
	{ "reason", read_reason, REASON_FAULT },
	{ "removed", read_removed, "must be true or false" },
};
#define SEARCH_LEN (sizeof(search) / sizeof(search[0]))

static const struct row removal[] = {
	{ "address", read_address, "must be an address: ann@example.com" },
	{ "list", read_any_list, ANY_LIST_FAULT },
	{ "reason", read_reason, REASON_FAULT },
};
#define REMOVAL_LEN (sizeof(removal) / sizeof(removal[0]))
#define ROWS_MAX FIELDS_LEN

/* -- reading ---------------------------------------------------------------- */

/* Which row it is, or `len` with the fault told: `what` it is not. */
static size_t
find(const struct row *rows, size_t len, const char *name, const char *what,
    struct faults *faults)
{
	const char *names[ROWS_MAX];
	const char *nearest;
	size_t i;

	for (i = 0; i < len; i++) {
		if (strcmp(rows[i].name, name) == 0)
			return i;
		names[i] = rows[i].name;
	}
	nearest = nearest_name(name, strlen(name), names, len);
	if (nearest != NULL)
		faults_add(faults, name, "is not a %s: did you mean %s?", what,
		    nearest);
	else
		faults_add(faults, name, "is not a %s", what);
	return len;
}

static void
read_member(struct suppression *s, const char *name,
    const struct json_value *value, struct faults *faults)
{
	const size_t i = find(fields, FIELDS_LEN, name, "field", faults);
	struct buffer text = { 0 };

	if (i == FIELDS_LEN || value->kind == JSON_NULL)
		return;
	if (value->kind != JSON_STRING) {
		faults_add(faults, name, "must be a string, not %s",
		    json_kind_names[value->kind]);
		return;
	}
	buffer_reserve(&text, 1); /* also what is empty is a string */
	json_value_decode(value, &text);
	if (fields[i].read(s, text.data, text.len) == -1)
		faults_add(faults, name, "%s", fields[i].fault);
	buffer_free(&text);
}

int
suppression_read(struct suppression *s, const char *body, size_t len,
    struct faults *faults)
{
	struct json_value root, key, value;
	struct buffer name = { 0 };
	struct json_fault fault;
	struct json_walk walk;

	memset(s, 0, sizeof(*s));
	memcpy(s->list, "*", sizeof("*"));
	memcpy(s->reason, "manual", sizeof("manual"));
	if (len == 0) {
		faults_add(faults, "", "is empty: a JSON object is needed");
		return -1;
	}
	if (json_scan(body, len, &fault) == -1) {
		faults_add(faults, "", "is not valid JSON: %s at byte %zu",
		    fault.what, fault.at);
		return -1;
	}
	root = json_value_of(body, len);
	if (root.kind != JSON_OBJECT) {
		faults_add(faults, "", "must be a JSON object, not %s",
		    json_kind_names[root.kind]);
		return -1;
	}
	walk = json_walk_begin(&root);
	while (json_walk_next(&walk, &key, &value)) {
		buffer_clear(&name);
		json_value_decode(&key, &name);
		read_member(s, name.len > 0 ? name.data : "", &value, faults);
	}
	buffer_free(&name);
	if (faults->count == 0 && s->address[0] == '\0')
		faults_add(faults, "address", "is required");
	return faults->count == 0 ? 0 : -1;
}

int
suppression_read_query(struct suppression *s, const char *text, bool one,
    struct faults *faults)
{
	const struct row *rows = one ? removal : search;
	const size_t len = one ? REMOVAL_LEN : SEARCH_LEN;
	struct query query = { .at = text };
	bool given[ROWS_MAX] = { false };
	size_t i;

	memset(s, 0, sizeof(*s));
	s->limit = SUPPRESSION_LIMIT;
	while (query_next(&query)) {
		i = find(rows, len, query.name, "parameter", faults);
		if (i == len)
			continue;
		if (given[i])
			faults_add(faults, query.name, "is given twice");
		else if (query.bad ||
		    rows[i].read(s, query.value, strlen(query.value)) == -1)
			faults_add(faults, query.name, "%s", rows[i].fault);
		given[i] = true;
	}
	if (one && faults->count == 0 && s->address[0] == '\0')
		faults_add(faults, "address", "is required");
	return faults->count == 0 ? 0 : -1;
}
