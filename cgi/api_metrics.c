/* SPDX-License-Identifier: MIT */
#include "api_metrics.h"

#include "api.h"
#include "job.h"
#include "otlp.h"
#include "problem.h"

#define GROUPS 9

static const int64_t groups[GROUPS] = { 1, 2, 4, 8, 16, 32, 64, 128, 256 };

static const char *const answers[] = { "confirmed", "kept" };
static const char *const shares[] = { "some", "all" };
static const char *problems[PROBLEM__MAX];
static const char *const statuses[] = { NULL, NULL, "2xx", "3xx", "4xx",
	"5xx" };
static const char *const backlogs[BACKLOG__MAX] = {
	[BACKLOG_QUEUE] = "queue",
	[BACKLOG_OUTBOX] = "outbox",
	[BACKLOG_RECORD] = "record",
};

struct metric metric_accepted = {
	.name = "mails_accepted",
	.help = "Mails taken, by whether RabbitMQ had confirmed them by then",
	.kind = METRIC_COUNTER,
	.label = "answer",
	.values = answers,
	.values_len = METRIC_LEN(answers),
	.cells = METRIC_CELLS(METRIC_LEN(answers)),
};

struct metric metric_repeated = {
	.name = "mails_repeated",
	.help = "Requests whose Idempotency-Key had been used",
	.kind = METRIC_COUNTER,
	.cells = METRIC_CELLS(1),
};

struct metric metric_refused = {
	.name = "requests_refused",
	.help = "Error answers, by their name",
	.kind = METRIC_COUNTER,
	.label = "reason",
	.values = problems,
	.values_len = PROBLEM__MAX,
	.cells = METRIC_CELLS(PROBLEM__MAX),
};

struct metric metric_requests = {
	.name = "request",
	.help = "Time from reading a request to its answer",
	.kind = METRIC_HISTOGRAM,
	.is_time = true,
	.label = "code",
	.values = statuses,
	.values_len = METRIC_LEN(statuses),
	.bounds = metric_waits,
	.bounds_len = METRIC_WAITS,
	.cells = METRIC_BUCKETS(METRIC_LEN(statuses), METRIC_WAITS),
};

struct metric metric_group = {
	.name = "commit_group_mails",
	.help = "Mails that one turn of Redis committed together",
	.kind = METRIC_HISTOGRAM,
	.bounds = groups,
	.bounds_len = GROUPS,
	.cells = METRIC_BUCKETS(1, GROUPS),
};

struct metric metric_in_flight = {
	.name = "requests_in_flight",
	.help = "Requests in hand",
	.kind = METRIC_GAUGE,
	.cells = METRIC_CELLS(1),
};

static struct metric metric_bodies = {
	.name = "bodies_in_flight_bytes",
	.help = "Bodies in hand, which INFLIGHT_MB bounds",
	.kind = METRIC_GAUGE,
	.cells = METRIC_CELLS(1),
};

struct metric metric_jobs = {
	.name = "jobs",
	.help = "Jobs that Redis keeps, by status",
	.kind = METRIC_GAUGE,
	.label = "status",
	.values = job_status_names,
	.values_len = JOB_STATUS__MAX,
	.cells = METRIC_CELLS(JOB_STATUS__MAX),
};

struct metric metric_suppressions = {
	.name = "suppressions",
	.help = "Entries of the suppression list",
	.kind = METRIC_GAUGE,
	.cells = METRIC_CELLS(1),
};

struct metric metric_suppressed = {
	.name = "mails_suppressed",
	.help = "Mails with recipients on the suppression list: some of them, "
		"or all",
	.kind = METRIC_COUNTER,
	.label = "recipients",
	.values = shares,
	.values_len = METRIC_LEN(shares),
	.cells = METRIC_CELLS(METRIC_LEN(shares)),
};

struct metric metric_backlog = {
	.name = "backlog",
	.help = "What waits: mails for a worker, hints for RabbitMQ, jobs for "
		"the record",
	.kind = METRIC_GAUGE,
	.label = "of",
	.values = backlogs,
	.values_len = BACKLOG__MAX,
	.cells = METRIC_CELLS(BACKLOG__MAX),
};

struct metric metric_backlog_age = {
	.name = "backlog_age",
	.help = "Time for which the oldest of them waits",
	.kind = METRIC_GAUGE,
	.is_time = true,
	.label = "of",
	.values = backlogs,
	.values_len = BACKLOG__MAX,
	.cells = METRIC_CELLS(BACKLOG__MAX),
};

static struct metric *const all[] = { &metric_build_info, &metric_accepted,
	&metric_repeated, &metric_refused, &metric_requests, &metric_group,
	&metric_publishes, &metric_confirm_seconds, &metric_in_flight,
	&metric_bodies, &metric_jobs, &metric_suppressions, &metric_suppressed,
	&metric_backlog, &metric_backlog_age, &metric_service_up,
	&metric_reconnects, &metric_spans, NULL };

void
api_metrics_open(void)
{
	int i;

	for (i = 0; i < PROBLEM__MAX; i++)
		problems[i] = problem_name((enum problem)i);
	problems[PROBLEM_FROM] = "from_not_allowed"; /* a name it shares */
}

void
api_metrics_write(struct api *api, struct buffer *text)
{
	metrics_set(&metric_bodies, 0, (int64_t)pool_held(api->pool));
	metrics_write(all, text);
}
