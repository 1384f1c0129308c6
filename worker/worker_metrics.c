/* SPDX-License-Identifier: MIT */
#include "worker_metrics.h"

#include <string.h>

#include "delivery.h"
#include "intake.h"
#include "journal.h"
#include "known_store.h"
#include "otlp.h"
#include "timestamp.h"
#include "worker.h"

#define DELAYS 14

/* ms: of a mail, from its request to the relay's 250. */
static const int64_t delays[DELAYS] = { 10, 25, 50, 100, 250, 500, 1000, 2500,
	10000, 60000, 300000, 1800000, 14400000, 86400000 };

static const char *const statuses[] = { "completed", "retrying", "failed",
	"unknown", "queued", "other" };
static const char *const reasons[] = { "rejected", "gave_up", "expired",
	"too_large", "smtputf8_not_offered", "invalid_message", "payload_lost",
	"suppressed", "other" };
static const char *const classes[] = { "4xx", "5xx", "connection" };
static const char *const phases[SMTP_PHASE__MAX] = {
	[SMTP_PHASE_CONNECT] = "connect",
	[SMTP_PHASE_MAIL] = "mail",
	[SMTP_PHASE_RCPT] = "rcpt",
	[SMTP_PHASE_DATA] = "data",
	[SMTP_PHASE_MESSAGE] = "message",
	[SMTP_PHASE_DOT] = "dot",
};

static struct metric metric_attempts = {
	.name = "attempts",
	.help = "Attempts that came to an end, by outcome",
	.kind = METRIC_COUNTER,
	.label = "outcome",
	.values = outcome_names,
	.values_len = OUTCOME__MAX,
	.cells = METRIC_CELLS(OUTCOME__MAX),
};

static struct metric metric_settled = {
	.name = "mails_settled",
	.help = "Attempts that Redis knows of, by the status the mail then had",
	.kind = METRIC_COUNTER,
	.label = "status",
	.values = statuses,
	.values_len = METRIC_LEN(statuses),
	.cells = METRIC_CELLS(METRIC_LEN(statuses)),
};

static struct metric metric_failed = {
	.name = "mails_failed",
	.help = "Mails that failed for good, by reason",
	.kind = METRIC_COUNTER,
	.label = "reason",
	.values = reasons,
	.values_len = METRIC_LEN(reasons),
	.cells = METRIC_CELLS(METRIC_LEN(reasons)),
};

static struct metric metric_failures = {
	.name = "attempts_failed",
	.help = "Attempts deferred or rejected, by the reply that decided",
	.kind = METRIC_COUNTER,
	.label = "class",
	.values = classes,
	.values_len = METRIC_LEN(classes),
	.cells = METRIC_CELLS(METRIC_LEN(classes)),
};

static struct metric metric_accept_to_sent = {
	.name = "accept_to_sent",
	.help = "Time from a mail's request to the relay's 250",
	.kind = METRIC_HISTOGRAM,
	.is_time = true,
	.bounds = delays,
	.bounds_len = DELAYS,
	.cells = METRIC_BUCKETS(1, DELAYS),
};

struct metric metric_smtp_phase = {
	.name = "smtp_phase",
	.help = "Time spent in each part of the SMTP dialogue",
	.kind = METRIC_HISTOGRAM,
	.is_time = true,
	.label = "phase",
	.values = phases,
	.values_len = SMTP_PHASE__MAX,
	.bounds = metric_waits,
	.bounds_len = METRIC_WAITS,
	.cells = METRIC_BUCKETS(SMTP_PHASE__MAX, METRIC_WAITS),
};

/* Of the parts, as they are when they are asked. */
#define ONE(KIND, NAME, HELP)                                   \
	{                                                       \
		.name = (NAME), .help = (HELP), .kind = (KIND), \
		.cells = METRIC_CELLS(1)                        \
	}

static struct metric metric_in_hand =
    ONE(METRIC_GAUGE, "mails_in_hand", "Mails claimed, or being so");
static struct metric metric_waiting =
    ONE(METRIC_GAUGE, "messages_waiting", "Messages prefetched, not claimed");
static struct metric metric_connections =
    ONE(METRIC_GAUGE, "smtp_connections", "Connections to relays");
static struct metric metric_journal = ONE(METRIC_GAUGE, "journal_healthy",
    "Whether the last write of the journal succeeded");
static struct metric metric_trusted = ONE(METRIC_GAUGE, "store_trusted",
    "Whether Redis is not known to have gone back in time");
static struct metric metric_late = ONE(METRIC_COUNTER, "mails_late",
    "Mails that the relay took in a claim that was another's by then");
static struct metric metric_paced = ONE(METRIC_COUNTER, "mails_paced",
    "Claims answered with a turn, as mail would go too fast");
static struct metric metric_overdue = ONE(METRIC_COUNTER, "jobs_overdue",
    "Jobs that the sweeper had to publish again");

static struct metric metric_relay = {
	.name = "relay_state",
	.help = "How many relays are so now",
	.kind = METRIC_GAUGE,
	.label = "state",
	.values = relay_state_names,
	.values_len = RELAY_STATE__MAX,
	.cells = METRIC_CELLS(RELAY_STATE__MAX),
};

static struct metric *const all[] = { &metric_build_info, &metric_attempts,
	&metric_failures, &metric_settled, &metric_failed,
	&metric_accept_to_sent, &metric_smtp_phase, &metric_in_hand,
	&metric_waiting, &metric_connections, &metric_relay, &metric_late,
	&metric_overdue, &metric_paced, &metric_journal, &metric_trusted,
	&metric_publishes, &metric_confirm_seconds, &metric_service_up,
	&metric_reconnects, &metric_spans, NULL };

void
worker_metrics_outcome(enum outcome outcome, int code)
{
	metrics_add(&metric_attempts, outcome, 1);
	if (outcome == OUTCOME_DEFERRED || outcome == OUTCOME_REJECTED)
		metrics_add(&metric_failures,
		    code == 0      ? 2 :
			code < 500 ? 0 :
				     1,
		    1);
}

/* A deferral that ends a mail has no reason of its own. */
static const char *
reason_of(const struct delivery *d)
{
	if (d->outcome == OUTCOME_DEFERRED)
		return "gave_up";
	return d->reason[0] != '\0' ? d->reason : "rejected";
}

void
worker_metrics_settled(const struct delivery *d, const char *status)
{
	metrics_add(&metric_settled, metrics_series(&metric_settled, status),
	    1);
	if (strcmp(status, "failed") == 0)
		metrics_add(&metric_failed,
		    metrics_series(&metric_failed, reason_of(d)), 1);
	else if (strcmp(status, "completed") == 0)
		metrics_observe(&metric_accept_to_sent, 0,
		    timestamp_now() - d->hint.job.created_at);
}

static void
note_relays(const struct worker *worker)
{
	int64_t connections = 0, states[RELAY_STATE__MAX] = { 0 };
	struct relay_status relay;
	size_t i;

	for (i = 0; i < relays_len(worker->relays); i++) {
		relays_get_status(worker->relays, i, &relay);
		connections += (int64_t)relay.connections;
		states[relay.state]++;
	}
	metrics_set(&metric_connections, 0, connections);
	for (i = 0; i < RELAY_STATE__MAX; i++)
		metrics_set(&metric_relay, i, states[i]);
}

void
worker_metrics_write(const struct worker *worker, struct buffer *text)
{
	struct intake_count count;

	intake_get_count(worker->intake, &count);
	metrics_set(&metric_in_hand, 0, (int64_t)count.in_hand);
	metrics_set(&metric_waiting, 0, (int64_t)count.waiting);
	metrics_set(&metric_late, 0, (int64_t)worker->late);
	metrics_set(&metric_overdue, 0, (int64_t)worker->overdue);
	metrics_set(&metric_paced, 0, (int64_t)worker->pace.waits);
	metrics_set(&metric_journal, 0, journal_healthy(worker->journal));
	metrics_set(&metric_trusted, 0,
	    !known_store_is_other(worker->known_store));
	note_relays(worker);
	metrics_write(all, text);
}
