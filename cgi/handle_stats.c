/* SPDX-License-Identifier: MIT */
/*
 * GET /api/stats: how many jobs there are in each status now, from Redis; what
 * became of mails in each minute of the last hours and how fast, from the
 * record's tally. Both cost the same whatever the number of jobs.
 */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "handle.h"
#include "lane.h"
#include "log.h"
#include "problem.h"
#include "query.h"
#include "read.h"
#include "request.h"
#include "response.h"
#include "timestamp.h"

#define MINUTE INT64_C(60000) /* ms */
#define MINUTES 180 /* told of */

/* The words of the tally, in the order in which they are shown. */
static const char *const events[] = { "accepted", "sent", "retried", "failed",
	"unknown" };
#define EVENTS (sizeof(events) / sizeof(events[0]))

static const int percents[] = { 50, 95, 99 };
#define PERCENTS (sizeof(percents) / sizeof(percents[0]))

struct stats {
	struct record_read read;
	struct request *request;
	int64_t now, oldest_queued, outbox, unrecorded;
	int64_t statuses[JOB_STATUS__MAX];
	struct lane_stats {
		int64_t depth; /* -1: not measured yet */
		int64_t lag; /* ms */
	} lanes[LANE__MAX];
	/* of the record */
	int64_t first_minute;
	int64_t minutes[MINUTES][EVENTS];
	int64_t sent; /* in all of them */
	int64_t passed; /* of these, while the delays are read */
	int64_t delays[PERCENTS];
};

/* -- writing ---------------------------------------------------------------- */

static void
write_lanes(struct buffer *out, const struct stats *stats)
{
	const struct lane_stats *lane;
	int i;

	for (i = 0; i < LANE__MAX; i++) {
		lane = &stats->lanes[i];
		buffer_printf(out, "%s\"%s\":", i > 0 ? "," : "",
		    lane_names[i]);
		if (lane->depth < 0)
			buffer_add_text(out, "null");
		else
			buffer_printf(out, "{\"depth\":%lld,\"lag_ms\":%lld}",
			    (long long)lane->depth, (long long)lane->lag);
	}
}

static void
write_now(struct buffer *out, const struct stats *stats)
{
	char text[TIMESTAMP_SIZE];
	int i;

	timestamp_format(text, stats->now);
	buffer_printf(out, "{\"timestamp\":\"%s\",\"statuses\":{", text);
	for (i = 0; i < JOB_STATUS__MAX; i++)
		buffer_printf(out, "%s\"%s\":%lld", i > 0 ? "," : "",
		    job_status_names[i], (long long)stats->statuses[i]);
	buffer_printf(out,
	    "},\"queue\":{\"depth\":%lld,\"oldest_age_ms\":%lld,"
	    "\"outbox\":%lld,\"unrecorded\":%lld,\"lanes\":{",
	    (long long)stats->statuses[JOB_QUEUED],
	    (long long)(stats->oldest_queued > 0 ?
		    stats->now - stats->oldest_queued :
		    0),
	    (long long)stats->outbox, (long long)stats->unrecorded);
	write_lanes(out, stats);
	buffer_add_text(out, "}}");
}

static void
write_minutes(struct buffer *out, const struct stats *stats)
{
	char text[TIMESTAMP_SIZE];
	size_t i, j;

	buffer_add_text(out, ",\"minutes\":[");
	for (i = 0; i < MINUTES; i++) {
		timestamp_format(text,
		    stats->first_minute + (int64_t)i * MINUTE);
		buffer_printf(out, "%s{\"minute\":\"%s\"", i > 0 ? "," : "",
		    text);
		for (j = 0; j < EVENTS; j++)
			buffer_printf(out, ",\"%s\":%lld", events[j],
			    (long long)stats->minutes[i][j]);
		buffer_add_text(out, "}");
	}
	buffer_add_text(out, "]");
}

static void
write_delays(struct buffer *out, const struct stats *stats)
{
	size_t i;

	buffer_add_text(out, ",\"accept_to_sent_ms\":{");
	for (i = 0; i < PERCENTS; i++) {
		buffer_printf(out, "\"p%d\":", percents[i]);
		if (stats->sent > 0)
			buffer_add_number(out, stats->delays[i]);
		else
			buffer_add_text(out, "null");
		buffer_add_text(out, ",");
	}
	buffer_printf(out, "\"mails\":%lld}", (long long)stats->sent);
}

static void
answer(struct stats *stats, bool recorded)
{
	struct request *request = stats->request;
	struct response response = { .status = 200 };

	write_now(&response.body, stats);
	if (recorded) {
		write_minutes(&response.body, stats);
		write_delays(&response.body, stats);
	} else {
		buffer_add_text(&response.body,
		    ",\"minutes\":null,\"accept_to_sent_ms\":null");
	}
	buffer_add_text(&response.body, "}");
	free(stats);
	response_send(request, &response);
}

/* -- the record's part ------------------------------------------------------ */

/* minute, what, count */
static void
note_minute(void *arg, const struct record_column *columns)
{
	struct stats *stats = arg;
	const int64_t i =
	    (strtoll(columns[0].data, NULL, 10) - stats->first_minute) / MINUTE;
	const int64_t count = strtoll(columns[2].data, NULL, 10);
	size_t j;

	for (j = 0; j < EVENTS && i >= 0 && i < MINUTES; j++) {
		if (strcmp(events[j], columns[1].data) != 0)
			continue;
		stats->minutes[i][j] = count;
		if (strcmp(events[j], "sent") == 0)
			stats->sent += count;
	}
}

/* delay, count: from the shortest on */
static void
note_delay(void *arg, const struct record_column *columns)
{
	struct stats *stats = arg;
	const int64_t delay = strtoll(columns[0].data, NULL, 10);
	const int64_t before = stats->passed;
	size_t i;

	stats->passed += strtoll(columns[1].data, NULL, 10);
	for (i = 0; i < PERCENTS; i++)
		if (before * 100 < stats->sent * percents[i])
			stats->delays[i] = delay;
}

static int
ask(struct record *record, struct stats *stats, const char *sql,
    record_row_fn *row)
{
	struct record_call call;

	record_call_begin(&call, sql);
	record_call_number(&call, stats->first_minute);
	return record_query(record, &call, row, stats);
}

static void
read_record(struct record_read *read, struct record *record)
{
	struct stats *stats = (void *)read; /* its first member */
	const bool recorded = record != NULL &&
	    ask(record, stats,
		"SELECT minute, what, sum(count) FROM tally "
		"WHERE minute >= $1 GROUP BY minute, what",
		note_minute) == 0 &&
	    ask(record, stats,
		"SELECT delay, sum(count) FROM tally "
		"WHERE minute >= $1 AND what = 'sent' "
		"GROUP BY delay ORDER BY delay",
		note_delay) == 0;

	answer(stats, recorded);
}

/* -- Redis' part ------------------------------------------------------------ */

/* "depth lag"; nil before any worker measured. */
static void
read_lane(struct lane_stats *lane, const redisReply *reply)
{
	char *rest;

	lane->depth = -1;
	if (reply->type != REDIS_REPLY_STRING)
		return;
	lane->depth = strtoll(reply->str, &rest, 10);
	lane->lag = strtoll(rest, NULL, 10);
}

static void
told_by_redis(struct request *request, const redisReply *reply)
{
	struct stats *stats;
	int i;

	if (reply->type != REDIS_REPLY_ARRAY ||
	    reply->elements != 5 + JOB_STATUS__MAX ||
	    reply->element[4]->elements != LANE__MAX) {
		log_error("the stats are not in their shape", NULL);
		problem_send(request, PROBLEM_INTERNAL,
		    "The stats cannot be shown; the log tells why", NULL);
		return;
	}
	stats = calloc(1, sizeof(*stats));
	if (stats == NULL)
		abort();
	stats->request = request;
	stats->now = reply->element[0]->integer;
	stats->oldest_queued = reply->element[1]->integer;
	stats->outbox = reply->element[2]->integer;
	stats->unrecorded = reply->element[3]->integer;
	for (i = 0; i < JOB_STATUS__MAX; i++)
		stats->statuses[i] = reply->element[5 + i]->integer;
	for (i = 0; i < LANE__MAX; i++)
		read_lane(&stats->lanes[i], reply->element[4]->element[i]);
	stats->first_minute =
	    stats->now - stats->now % MINUTE - (MINUTES - 1) * MINUTE;
	if (request->api->record == NULL) {
		answer(stats, false);
		return;
	}
	stats->read.run = read_record;
	record_reader_send(request->api->record, &stats->read);
}

void
handle_stats(struct request *request)
{
	struct query query = { .at = request->query };
	struct faults faults = { 0 };
	struct store_call script;
	int i;

	while (query_next(&query))
		faults_add(&faults, query.name, "is not a parameter");
	if (faults.count > 0) {
		problem_send_faults(request, &faults);
		return;
	}
	store_call_begin(&script, STORE_STATS);
	for (i = 0; i < JOB_STATUS__MAX; i++)
		store_call_text(&script, job_status_names[i]);
	read_send(request, &script, told_by_redis);
}
