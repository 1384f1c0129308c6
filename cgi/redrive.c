/* SPDX-License-Identifier: MIT */
/* A table of fields, and the answer. */
#include "redrive.h"

#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "json_value.h"
#include "literal.h"
#include "moment.h"
#include "timestamp.h"

/* -- the question ----------------------------------------------------------- */

static int
read_status(struct redrive *redrive, const char *text, size_t len)
{
	redrive->status = job_status_find(text, len);
	return redrive->status == JOB_FAILED || redrive->status == JOB_UNKNOWN ?
	    0 :
	    -1;
}

static int
read_reason(struct redrive *redrive, const char *text, size_t len)
{
	if (len == 0 || len >= sizeof(redrive->reason) ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") != len)
		return -1;
	memcpy(redrive->reason, text, len + 1);
	return 0;
}

static int
read_since(struct redrive *redrive, const char *text, size_t len)
{
	return timestamp_parse(text, len, &redrive->since);
}

static int
read_until(struct redrive *redrive, const char *text, size_t len)
{
	return timestamp_parse(text, len, &redrive->until);
}

static int
read_domain(struct redrive *redrive, const char *text, size_t len)
{
	return domain_normalize(text, len, redrive->domain) == ADDRESS_OK ? 0 :
									    -1;
}

static int
read_rate(struct redrive *redrive, const char *text, size_t len)
{
	char *end;

	redrive->rate = strtoll(text, &end, 10);
	return end == text + len && redrive->rate >= 1 &&
		redrive->rate <= REDRIVE_RATE_MAX ?
	    0 :
	    -1;
}

static int
read_dry_run(struct redrive *redrive, const char *text, size_t len)
{
	(void)len;
	redrive->dry_run = text[0] == 't';
	return 0;
}

static const struct {
	const char *name;
	enum json_kind kind;
	int (*read)(struct redrive *, const char *text, size_t len);
	const char *fault;
} rows[] = {
	{ "status", JSON_STRING, read_status, "must be failed or unknown" },
	{ "reason", JSON_STRING, read_reason, "is no reason" },
	{ "since", JSON_STRING, read_since, "must be a time of RFC 3339" },
	{ "until", JSON_STRING, read_until, "must be a time of RFC 3339" },
	{ "to", JSON_STRING, read_domain, "must be a domain" },
	{ "rate", JSON_NUMBER, read_rate,
	    "must be a whole number of mails a second, 1 to " LITERAL(
		REDRIVE_RATE_MAX) },
	{ "dry_run", JSON_BOOLEAN, read_dry_run, "" },
};
#define ROWS_LEN (sizeof(rows) / sizeof(rows[0]))

static void
read_member(struct redrive *redrive, const char *name,
    const struct json_value *value, struct faults *faults)
{
	struct buffer text = { 0 };
	size_t i = 0;

	while (i < ROWS_LEN && strcmp(rows[i].name, name) != 0)
		i++;
	if (i == ROWS_LEN) {
		faults_add(faults, name, "is not a field here");
		return;
	}
	if (value->kind != rows[i].kind) {
		faults_add(faults, name, "must be %s, not %s",
		    json_kind_names[rows[i].kind],
		    json_kind_names[value->kind]);
		return;
	}
	buffer_reserve(&text, 1); /* also what is empty is a string */
	text.data[0] = '\0';
	if (value->kind == JSON_STRING)
		json_value_decode(value, &text);
	else
		buffer_add(&text, value->text, value->len);
	if (rows[i].read(redrive, text.data, text.len) == -1)
		faults_add(faults, name, "%s", rows[i].fault);
	buffer_free(&text);
}

int
redrive_read(struct redrive *redrive, const char *body, size_t len,
    struct faults *faults)
{
	struct json_value root, key, value;
	struct buffer name = { 0 };
	struct json_fault fault;
	struct json_walk walk;

	memset(redrive, 0, sizeof(*redrive));
	redrive->status = JOB_STATUS__MAX;
	redrive->rate = REDRIVE_RATE;
	redrive->until = TIMESTAMP_MAX;
	if (len == 0 || json_scan(body, len, &fault) == -1) {
		faults_add(faults, "", "must be a JSON object");
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
		read_member(redrive, name.len > 0 ? name.data : "", &value,
		    faults);
	}
	buffer_free(&name);
	if (faults->count == 0 && redrive->status == JOB_STATUS__MAX)
		faults_add(faults, "status", "is required");
	return faults->count == 0 ? 0 : -1;
}

/* -- the answer ------------------------------------------------------------- */

static const char *
field(const redisReply *fields, const char *name)
{
	size_t i;

	for (i = 0; i + 1 < fields->elements; i += 2)
		if (strcmp(fields->element[i]->str, name) == 0)
			return fields->element[i + 1]->str;
	return "";
}

static int64_t
number(const redisReply *fields, const char *name)
{
	return strtoll(field(fields, name), NULL, 10);
}

static void
add_time(struct buffer *out, const char *name, int64_t ms)
{
	char text[TIMESTAMP_SIZE];

	timestamp_format(text, ms);
	buffer_printf(out, ",\"%s\":\"%s\"", name, text);
}

static void
add_sample(struct buffer *out, const char *ids)
{
	size_t len;

	buffer_add_text(out, ",\"sample\":[");
	while (*ids != '\0') {
		len = strcspn(ids, " ");
		buffer_add_json(out, ids, len);
		ids += len;
		if (*ids == ' ') {
			buffer_add_text(out, ",");
			ids++;
		}
	}
	buffer_add_text(out, "]");
}

void
redrive_write(struct buffer *out, const char *id, const redisReply *fields)
{
	const int64_t rate = number(fields, "rate");
	const int64_t count = number(fields, "count");
	const int64_t began = number(fields, "started_at");

	buffer_add_text(out, "{\"object\":\"redrive\",\"id\":");
	buffer_add_json_text(out, id);
	buffer_add_text(out, ",\"state\":");
	buffer_add_json_text(out, field(fields, "state"));
	buffer_printf(out,
	    ",\"count\":%lld,\"count_is_estimate\":%s,\"redriven\":%lld,"
	    "\"skipped\":%lld,\"rate\":%lld",
	    (long long)count,
	    number(fields, "is_estimate") != 0 ? "true" : "false",
	    (long long)number(fields, "done"),
	    (long long)number(fields, "skipped"), (long long)rate);
	add_time(out, "started_at", began);
	add_time(out, "ends_at", began + (rate > 0 ? count * 1000 / rate : 0));
	add_sample(out, field(fields, "sample"));
	buffer_add_text(out, "}");
}
