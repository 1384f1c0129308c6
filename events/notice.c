/* SPDX-License-Identifier: MIT */
#include "notice.h"

#include "client.h"
#include "events.h"
#include "timestamp.h"

static void
add_now(struct buffer *data)
{
	char text[TIMESTAMP_SIZE];

	timestamp_format(text, timestamp_now());
	buffer_printf(data, "\"timestamp\":\"%s\"", text);
}

static void
add_position(const struct events *events, struct buffer *data)
{
	char at[POSITION_SIZE];
	struct position position;
	const bool known = feed_position(events->feed, &position);

	position_format(at, position);
	buffer_add_text(data, ",\"last_event_id\":");
	buffer_add_json_text(data, known ? at : NULL);
}

void
notice_status(const struct events *events, struct buffer *data)
{
	const bool up = feed_is_up(events->feed);

	buffer_printf(data, "{\"status\":\"%s\",\"redis\":\"%s\",",
	    up ? "connected" : "degraded", up ? "up" : "away");
	add_now(data);
	add_position(events, data);
	buffer_add_text(data, "}");
}

void
notice_pong(struct buffer *data)
{
	buffer_add_text(data, "{");
	add_now(data);
	buffer_add_text(data, "}");
}

void
notice_subscribed(const struct client *client, struct buffer *data)
{
	const struct filter *filter = &client->filter;
	const char *separator = "";
	unsigned status;
	size_t i;

	buffer_add_text(data, "{\"job_id\":[");
	for (i = 0; i < filter->count; i++)
		buffer_printf(data, "%s\"%s\"", i > 0 ? "," : "",
		    filter->jobs[i]);
	buffer_add_text(data, "],\"status\":[");
	for (status = 0; status < JOB_STATUS__MAX; status++) {
		if ((filter->statuses & 1U << status) == 0)
			continue;
		buffer_printf(data, "%s\"%s\"", separator,
		    job_status_names[status]);
		separator = ",";
	}
	buffer_add_text(data, "]}");
}

void
notice_resume_failed(const struct events *events, const char *why,
    struct buffer *data)
{
	buffer_add_text(data, "{\"message\":");
	buffer_add_json_text(data, why);
	add_position(events, data);
	buffer_add_text(data, "}");
}

void
notice_error(const char *why, struct buffer *data)
{
	buffer_add_text(data, "{\"message\":");
	buffer_add_json_text(data, why);
	buffer_add_text(data, "}");
}
