/* SPDX-License-Identifier: MIT */
/* Two fields, read as those of a new mail. */
#include "times.h"

#include <string.h>

#include "json_scan.h"
#include "json_value.h"
#include "moment.h"
#include "timestamp.h"

static void
read_time(int64_t *ms, const char *name, const struct json_value *value,
    struct faults *faults)
{
	struct buffer text = { 0 };

	if (value->kind != JSON_STRING) {
		faults_add(faults, name, "must be a string, not %s",
		    json_kind_names[value->kind]);
		return;
	}
	json_value_decode(value, &text);
	if (moment_parse(text.data, text.len, timestamp_now(), ms) == -1)
		faults_add(faults, name, MOMENT_FAULT);
	buffer_free(&text);
}

static void
read_members(struct times *times, const struct json_value *body, bool schedules,
    struct faults *faults)
{
	struct json_walk walk = json_walk_begin(body);
	struct json_value key, value;
	struct buffer name = { 0 };

	while (json_walk_next(&walk, &key, &value)) {
		buffer_clear(&name);
		json_value_decode(&key, &name);
		if (schedules && name.len > 0 &&
		    strcmp(name.data, "scheduled_at") == 0)
			read_time(&times->scheduled_at, "scheduled_at", &value,
			    faults);
		else if (name.len > 0 && strcmp(name.data, "expires_at") == 0)
			read_time(&times->expires_at, "expires_at", &value,
			    faults);
		else
			faults_add(faults, name.len > 0 ? name.data : "",
			    "is not a field here");
	}
	buffer_free(&name);
}

static void
check(const struct times *times, bool schedules, struct faults *faults)
{
	const int64_t now = timestamp_now();
	const char *fault;

	if (schedules && times->scheduled_at == 0) {
		faults_add(faults, "scheduled_at", "is required");
		return;
	}
	fault =
	    schedules ? moment_schedule_fault(times->scheduled_at, now) : NULL;
	if (fault != NULL)
		faults_add(faults, "scheduled_at", "%s", fault);
	fault = times->expires_at != 0 ?
	    moment_expiry_fault(times->expires_at, now, times->scheduled_at) :
	    NULL;
	if (fault != NULL)
		faults_add(faults, "expires_at", "%s", fault);
}

int
times_read(struct times *times, const char *body, size_t len, bool schedules,
    struct faults *faults)
{
	const struct json_value none = { JSON_OBJECT, "{}", 2 };
	struct json_value root = none;
	struct json_fault fault;

	memset(times, 0, sizeof(*times));
	if (len > 0 && json_scan(body, len, &fault) == -1) {
		faults_add(faults, "", "is not valid JSON: %s at byte %zu",
		    fault.what, fault.at);
		return -1;
	}
	if (len > 0)
		root = json_value_of(body, len);
	if (root.kind != JSON_OBJECT) {
		faults_add(faults, "", "must be a JSON object, not %s",
		    json_kind_names[root.kind]);
		return -1;
	}
	read_members(times, &root, schedules, faults);
	if (faults->count == 0)
		check(times, schedules, faults);
	return faults->count == 0 ? 0 : -1;
}
