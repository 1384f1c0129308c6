/* SPDX-License-Identifier: MIT */
#include "health_json.h"

#include "timestamp.h"
#include "version.h"

void
health_json_begin(struct buffer *json, const char *reason)
{
	buffer_printf(json, "{\"status\":\"%s\",\"reason\":",
	    reason == NULL ? "ok" : "degraded");
	buffer_add_json_text(json, reason);
	buffer_add_text(json, ",\"version\":\"" POSTRIDER_VERSION "\"");
}

void
health_json_dependency(struct buffer *json, const struct health_dependency *it)
{
	char since[TIMESTAMP_SIZE];

	buffer_printf(json,
	    "\"%s\":{\"status\":\"%s\",\"latency_ms\":", it->name, it->status);
	if (it->latency >= 0)
		buffer_add_number(json, it->latency);
	else
		buffer_add_text(json, "null");
	timestamp_format(since, it->since);
	buffer_add_text(json, ",\"since\":");
	buffer_add_json_text(json, it->since > 0 ? since : NULL);
	if (it->error[0] != '\0') {
		buffer_add_text(json, ",\"error\":");
		buffer_add_json_text(json, it->error);
	}
}

bool
health_json_ready(struct buffer *json, const char *reason)
{
	buffer_printf(json,
	    "{\"ready\":%s,\"reason\":", reason == NULL ? "true" : "false");
	buffer_add_json_text(json, reason);
	buffer_add_text(json, "}\n");
	return reason == NULL;
}
