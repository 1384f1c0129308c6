/* SPDX-License-Identifier: MIT */
/*
 * The table of all settings. Adding one is a row here, a field in config.h and
 * a row in docs/protocol.md; what must hold between two of them is a rule in
 * config_check.c.
 */
#include "config_table.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "config.h"
#include "config_check.h"
#include "id.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define SUBMISSIONS_PORT 465 /* RFC 8314 7.3 */

#define API CONFIG_API
#define WORKER CONFIG_WORKER
#define SENDERS (CONFIG_API | CONFIG_WORKER)
#define BROKERED (SENDERS | CONFIG_CTL)
#define EVENTS CONFIG_EVENTS
#define CTL CONFIG_CTL
#define ALL (BROKERED | EVENTS)

_Static_assert(sizeof(enum log_level) == sizeof(int) &&
	sizeof(enum log_format) == sizeof(int) &&
	sizeof(enum otlp_sampler) == sizeof(int) &&
	sizeof(enum smtp_tls) == sizeof(int) &&
	sizeof(enum smtp_auth) == sizeof(int),
    "setting_store() writes a choice as an int");

static const char *const off_on[] = { "off", "on", NULL };
static const char *const off_required[] = { "off", "required", NULL };
static const char *const hold_retry[] = { "hold", "retry", NULL };
static const char *const sampler_words[OTLP_SAMPLER__MAX + 1] = {
	[OTLP_ALWAYS_ON] = "always_on",
	[OTLP_ALWAYS_OFF] = "always_off",
	[OTLP_RATIO] = "traceidratio",
	[OTLP_PARENT_ALWAYS_ON] = "parentbased_always_on",
	[OTLP_PARENT_ALWAYS_OFF] = "parentbased_always_off",
	[OTLP_PARENT_RATIO] = "parentbased_traceidratio",
};
static const char *const tls_words[SMTP_TLS__MAX + 1] = {
	[SMTP_TLS_OFF] = "off",
	[SMTP_TLS_OPPORTUNISTIC] = "opportunistic",
	[SMTP_TLS_REQUIRED] = "required",
	[SMTP_TLS_IMPLICIT] = "implicit",
};
static const char *const auth_words[SMTP_AUTH__MAX + 1] = {
	[SMTP_AUTH_AUTO] = "auto",
	[SMTP_AUTH_PLAIN] = "plain",
	[SMTP_AUTH_LOGIN] = "login",
	[SMTP_AUTH_XOAUTH2] = "xoauth2",
};

static void compute_tls(const void *values, struct buffer *text);
static void compute_ehlo(const void *values, struct buffer *text);
static void compute_from(const void *values, struct buffer *text);
static void compute_instance(const void *values, struct buffer *text);

/* clang-format off */
/* The shapes of a row. */
#define ROW(NAME, TYPE, FIELD) \
	.name = NAME, .type = TYPE, .offset = offsetof(struct config, FIELD)
#define TEXT(NAME, FIELD, FALLBACK, PROGRAMS, HELP) \
	{ ROW(NAME, SETTING_TEXT, FIELD), .fallback = FALLBACK, \
	    .programs = PROGRAMS, .help = HELP }
#define SECRET(NAME, FIELD, FALLBACK, PROGRAMS, HELP) \
	{ ROW(NAME, SETTING_TEXT, FIELD), .fallback = FALLBACK, \
	    .programs = PROGRAMS, .secret = true, .help = HELP }
#define NUMBER(NAME, FIELD, FALLBACK, MIN, MAX, PROGRAMS, HELP) \
	{ ROW(NAME, SETTING_NUMBER, FIELD), .fallback = FALLBACK, .min = MIN, \
	    .max = MAX, .programs = PROGRAMS, .help = HELP }
#define DURATION(NAME, FIELD, FALLBACK, MIN, MAX, PROGRAMS, HELP) \
	{ ROW(NAME, SETTING_DURATION, FIELD), .fallback = FALLBACK, \
	    .min = MIN, .max = MAX, .programs = PROGRAMS, .help = HELP }
#define FLAG(NAME, FIELD, WORDS, FALLBACK, PROGRAMS, HELP) \
	{ ROW(NAME, SETTING_FLAG, FIELD), .fallback = FALLBACK, \
	    .words = WORDS, .programs = PROGRAMS, .help = HELP }
#define CHOICE(NAME, FIELD, WORDS, FALLBACK, PROGRAMS, HELP) \
	{ ROW(NAME, SETTING_CHOICE, FIELD), .fallback = FALLBACK, \
	    .words = WORDS, .programs = PROGRAMS, .help = HELP }

const struct setting config_settings[] = {
	/* services */
	SECRET("RABBITMQ_URL", rabbitmq_url,
	    "amqp://guest:guest@127.0.0.1:5672/", BROKERED,
	    "The brokers, a comma list of amqp:// or amqps:// URLs."),
	TEXT("RABBITMQ_CA", rabbitmq_ca, "", BROKERED,
	    "File or folder of the CAs that the certificate of amqps:// may be "
	    "of; none: the system's."),
	SECRET("REDIS_URL", redis_url, "redis://127.0.0.1:6379", ALL,
	    "The Redis that keeps the jobs."),
	SECRET("DATABASE_URL", database_url, "", SENDERS,
	    "The record: sqlite:///path/of/file or postgres://...; none: no "
	    "record. The same for all programs at a Redis."),
	DURATION("RECORD_TIMEOUT", record_timeout, "5s", 100, 10 * MINUTE,
	    SENDERS, "Longest wait for the record: a connect, one answer."),
	DURATION("RECORD_INTERVAL", record_interval, "1s", 10, HOUR, WORKER,
	    "Pause of the recorder when it has recorded all."),
	NUMBER("RECORD_DAYS", record_days, "0", 0, 36500, WORKER,
	    "Days that the record keeps a mail; 0: for ever."),
	DURATION("REDIS_TIMEOUT", redis_timeout, "2s", 10, MINUTE, ALL,
	    "Longest wait for a connect, and for one reply."),
	DURATION("AMQP_TIMEOUT", amqp_timeout, "10s", 100, 5 * MINUTE, BROKERED,
	    "Longest wait for a connect, and for one answer."),
	DURATION("AMQP_HEARTBEAT", amqp_heartbeat, "30s", SECOND, 10 * MINUTE,
	    SENDERS, "Heartbeat asked of the broker, in whole seconds."),
	DURATION("RECONNECT_BASE", reconnect_base, "250ms", 1, MINUTE,
	    SENDERS | EVENTS, "First pause before connecting again."),
	DURATION("RECONNECT_CAP", reconnect_cap, "2s", 1, 10 * MINUTE,
	    SENDERS | EVENTS,
	    "Longest pause before connecting to Redis or RabbitMQ again."),
	TEXT("EMAIL_QUEUE", queue, "email_tasks", BROKERED,
	    "The work queue; with _high and _bulk behind it, the other lanes'."),
	CHOICE("LOG_LEVEL", log_level, log_level_names, "info", ALL,
	    "The least that is logged; SIGUSR2 logs all, until the next one."),
	CHOICE("LOG_FORMAT", log_format, log_format_names, "logfmt", ALL,
	    "The form of a line of the log."),
	FLAG("LOG_RECIPIENTS", log_recipients, off_on, "off", ALL,
	    "Whether the log tells addresses in full."),
	TEXT("OTEL_EXPORTER_OTLP_ENDPOINT", otlp_endpoint, "", SENDERS,
	    "Collector of traces (OTLP over HTTP, JSON), without "
	    "/v1/traces; none: no traces."),
	TEXT("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", otlp_traces_endpoint, "", SENDERS,
	    "The same as a whole URL; goes before it."),
	SECRET("OTEL_EXPORTER_OTLP_HEADERS", otlp_headers, "", SENDERS,
	    "Headers for the collector, a comma list of key=value."),
	NUMBER("OTEL_EXPORTER_OTLP_TIMEOUT", otlp_timeout, "10000", 1, 600000, SENDERS,
	    "Longest wait for the collector, ms."),
	NUMBER("OTEL_BSP_SCHEDULE_DELAY", otlp_delay, "5000", 1, 600000, SENDERS,
	    "Pause between two batches of spans, ms."),
	CHOICE("OTEL_TRACES_SAMPLER", otlp_sampler, sampler_words,
	    "parentbased_always_on", SENDERS, "Which traces are recorded."),
	TEXT("OTEL_TRACES_SAMPLER_ARG", otlp_sampler_ratio, "", SENDERS,
	    "The share of traces for the traceidratio samplers, 0 to 1; "
	    "none: 1."),
	TEXT("OTEL_SERVICE_NAME", otel_service, "", SENDERS,
	    "The service's name in traces; none: the program's."),
	TEXT("OTEL_RESOURCE_ATTRIBUTES", otel_attributes, "", SENDERS,
	    "Further attributes of the service, a comma list of key=value."),
	TEXT("OTEL_EXPORTER_JAEGER_ENDPOINT", jaeger_endpoint, "", SENDERS,
	    "Of older deployments: traces go by OTLP to port 4318 of its host."),

	/* api */
	DURATION("ACCEPT_TIMEOUT", accept_timeout, "2s", 10, MINUTE, API,
	    "Wait for the publisher confirm; after it the answer is 202."),
	NUMBER("MAX_REQUEST_KB", max_request_kb, "20480", 1, 1 << 20, API,
	    "Largest request body, in KiB."),
	NUMBER("INFLIGHT_MB", inflight_mb, "64", 1, 1 << 16, API,
	    "Bodies in hand, in MiB; beyond it the answer is 503."),
	NUMBER("MAX_REQUESTS", max_requests, "160", 1, 1 << 16, API,
	    "Requests in hand; others wait in the socket's backlog."),
	NUMBER("ACCEPTORS", acceptors, "2", 1, 64, API,
	    "Threads that read and check requests."),
	FLAG("AUTH", auth_required, off_required, "required", API | EVENTS,
	    "Whether a request needs an API key."),
	FLAG("METRICS_PUBLIC", metrics_public, off_on, "off", API,
	    "Answer /metrics without an API key, too."),
	TEXT("ALLOWED_FROM", allowed_from, "", API,
	    "Domains that From may be of, a comma list; *.example.com: those "
	    "below; none: any."),

	/* relay */
	TEXT("SMTP_RELAYS", smtp_relays, "", WORKER,
	    "Several relays, in place of SMTP_HOST: a comma list of URLs, or "
	    "the path of a file with one a line."),
	TEXT("SMTP_HOST", smtp_host, "localhost", WORKER,
	    "The relay that takes our mail."),
	NUMBER("SMTP_PORT", smtp_port, "25", 1, 65535, WORKER,
	    "Its port."),
	TEXT("SMTP_USERNAME", smtp_username, "", WORKER,
	    "Name for AUTH; none: no AUTH."),
	SECRET("SMTP_PASSWORD", smtp_password, "", WORKER,
	    "Password for AUTH; its file is read again at each connect."),
	SECRET("SMTP_TOKEN", smtp_token, "", WORKER,
	    "OAuth 2.0 access token for AUTH, in place of a password; its file "
	    "is read again at each connect."),
	CHOICE("SMTP_AUTH", smtp_auth, auth_words, "auto", WORKER,
	    "How to log in; auto is the token's way, or plain, else login."),
	{ ROW("SMTP_TLS", SETTING_CHOICE, smtp_tls), .words = tls_words,
	    .compute = compute_tls, .programs = WORKER,
	    .computed = "implicit on port 465, else required with a password "
		"or token, else opportunistic",
	    .help = "TLS to the relay; only required and implicit check its "
		"certificate." },
	TEXT("SMTP_CA", smtp_ca, "", WORKER,
	    "File or folder of the CAs that the relay's certificate may be "
	    "of; none: the system's."),
	TEXT("BOUNCE_ADDRESS", bounce_address, "", WORKER,
	    "Address that what cannot be delivered comes back to, with "
	    "+<job id> before its @; none: that of From."),
	TEXT("SEND_RATE", send_rate, "", WORKER,
	    "Most mails a second, of all workers together: 14, 0.5, 30/m, "
	    "500/h; none: no limit."),
	TEXT("PACE_FILE", pace_file, "", WORKER,
	    "File of the limits of recipients' domains, a line each: domain, "
	    "rate, mails at a time; read again at SIGHUP."),
	TEXT("DKIM_KEYS", dkim_keys, "", WORKER | CTL,
	    "Folder of the keys that mail is signed with, "
	    "<domain>.<selector>.pem; read again at SIGHUP."),
	{ ROW("SMTP_EHLO", SETTING_TEXT, smtp_ehlo),
	    .compute = compute_ehlo, .computed = "the host's name",
	    .programs = WORKER | CTL, .help = "The name we say in EHLO." },
	{ ROW("SMTP_FROM", SETTING_TEXT, smtp_from),
	    .compute = compute_from,
	    .computed = "Postrider <postrider@SMTP_EHLO>",
	    .programs = WORKER | CTL,
	    .help = "Sender of mails that name none." },
	NUMBER("SMTP_CONNECTIONS", smtp_connections, "16", 1, 1000, WORKER,
	    "Most connections to the relay."),
	NUMBER("SMTP_MAILS_PER_CONNECTION", smtp_mails_per_connection, "1000",
	    1, 1000000, WORKER, "Mails after which a connection is closed."),
	DURATION("SMTP_IDLE", smtp_idle, "10s", 1, HOUR, WORKER,
	    "Idle time after which a connection is closed."),
	DURATION("SMTP_CONNECT_TIMEOUT", smtp_connect_timeout, "30s", 10,
	    10 * MINUTE, WORKER,
	    "Wait for a connection, with TLS, EHLO and AUTH."),
	DURATION("SMTP_LOGIN_RETRY", smtp_login_retry, "60s", 10, DAY, WORKER,
	    "Pause after a refused login, which may lock the account."),
	DURATION("SMTP_TLS_RETRY", smtp_tls_retry, "1h", 10, 30 * DAY, WORKER,
	    "Time for which opportunistic TLS that failed is not tried."),
	DURATION("SMTP_RECONNECT_CAP", smtp_reconnect_cap, "10s", 1,
	    10 * MINUTE, WORKER,
	    "Longest pause before a relay that is down is tried again."),
	DURATION("SMTP_DNS_TTL", smtp_dns_ttl, "10s", 0, DAY, WORKER,
	    "Time for which the relay's addresses are not asked for again."),
	DURATION("SMTP_SHUN", smtp_shun, "60s", 0, DAY, WORKER,
	    "Time for which an address that failed is left out, if it has "
	    "others."),
	DURATION("SMTP_TIMEOUT", smtp_timeout, "300s", 10, HOUR, WORKER,
	    "Wait for a reply before the final dot."),
	DURATION("SMTP_DOT_TIMEOUT", smtp_dot_timeout, "600s", 10, HOUR, WORKER,
	    "Wait for the reply to the final dot; then the outcome is unknown."),
	DURATION("PIPELINE_WAIT", pipeline_wait, "2s", 1, MINUTE, WORKER,
	    "Wait for a dot's reply before the mail behind it is taken back."),

	/* retries and outcomes */
	DURATION("RETRY_BASE", retry_base, "2s", 1, DAY, WORKER,
	    "Pause after the first failure; then four times as long each."),
	DURATION("RETRY_CAP", retry_cap, "1h", 1, 30 * DAY, WORKER,
	    "Longest pause between two attempts, before jitter."),
	DURATION("RETRY_FOR", retry_for, "48h", 0, 30 * DAY, WORKER,
	    "Time after the first failure at which a mail is given up."),
	FLAG("ON_UNKNOWN", on_unknown_retry, hold_retry, "retry", WORKER,
	    "What becomes of a mail whose outcome is unknown."),
	NUMBER("UNKNOWN_MAX", unknown_max, "1", 0, 100, WORKER,
	    "Times a mail is sent again after an unknown outcome."),
	FLAG("SUPPRESS_BOUNCES", suppress_bounces, off_on, "on", WORKER,
	    "Suppress an address that the relay calls a bad one (5.1.1 and "
	    "the like)."),
	FLAG("TEST_ADDRESSES", test_addresses, off_on, "off", WORKER,
	    "Let error-1@email.com and error@email.com fail."),

	/* ownership */
	DURATION("LEASE_TTL", lease_ttl, "15s", SECOND, HOUR, WORKER,
	    "Silence after which a worker counts as dead."),
	DURATION("UNKNOWN_GRACE", unknown_grace, "60s", 0, DAY, WORKER,
	    "Wait for a dead worker's journal before its mails are unknown."),
	DURATION("SWEEP_INTERVAL", sweep_interval, "5s", 10, HOUR, WORKER,
	    "Pause between two rounds of the sweeper."),
	DURATION("OUTBOX_AFTER", outbox_after, "5s", 10, HOUR, WORKER,
	    "Age at which the sweeper publishes an outbox entry."),
	DURATION("OUTBOX_CAP", outbox_cap, "1m", 10, HOUR, SENDERS,
	    "Longest pause before an outbox entry is published again."),
	DURATION("OVERDUE_AFTER", overdue_after, "60s", 10, DAY, WORKER,
	    "Lateness, beyond the queue's own, at which a job is published "
	    "again."),
	DURATION("JOB_TTL", job_ttl, "24h", SECOND, 365 * DAY, SENDERS,
	    "Time that a finished job is kept in Redis, and events."),
	DURATION("FAILED_TTL", failed_ttl, "7d", SECOND, 365 * DAY, SENDERS,
	    "Time that the payload of a failed job is kept."),
	DURATION("IDEMPOTENCY_TTL", idempotency_ttl, "24h", SECOND, 365 * DAY, API,
	    "Time that an Idempotency-Key is known after its mail is over."),

	/* process */
	DURATION("ACK_AFTER", ack_after, "30s", 10, 15 * MINUTE, WORKER,
	    "Time without a reply to the dot after which the message is "
	    "acked."),
	DURATION("STOP_TIMEOUT", stop_timeout, "20s", 0, HOUR,
	    SENDERS | EVENTS,
	    "Time to finish what is in hand after SIGTERM."),
	{ ROW("INSTANCE", SETTING_TEXT, instance),
	    .compute = compute_instance, .computed = "the host's name",
	    .max = CONFIG_INSTANCE_MAX, .programs = WORKER,
	    .help = "This worker's name in Redis, its journal and the logs." },
	TEXT("STATE_DIRECTORY", state_directory, "/var/lib/postrider", WORKER,
	    "Where the journal is kept, on a local disk."),
	TEXT("STATUS_HOST", status_host, "127.0.0.1", WORKER | CTL,
	    "Address on which /health and /ready are served."),
	NUMBER("PORT", port, "3002", 1, 65535, WORKER | CTL,
	    "Their port."),

	/* events */
	TEXT("EVENTS_HOST", events_host, "127.0.0.1", EVENTS,
	    "Address on which /ws and /api/events are served; with --socket "
	    "it is not used."),
	NUMBER("EVENTS_PORT", events_port, "3003", 1, 65535, EVENTS,
	    "Its port."),
	TEXT("ALLOWED_ORIGINS", allowed_origins, "", EVENTS,
	    "Origins whose pages a browser may follow events from, besides "
	    "the host's own; a comma list, or *."),
	NUMBER("MAX_CLIENTS", max_clients, "10000", 1, 1000000, EVENTS,
	    "Clients at a time; further ones are answered 503."),
	NUMBER("MAX_MESSAGE_KB", max_message_kb, "16", 1, 1024, EVENTS,
	    "Largest message of a client, in KiB."),
	NUMBER("MAX_SUBSCRIPTIONS", max_subscriptions, "100", 1, 10000, EVENTS,
	    "Jobs that a client may name."),
	NUMBER("CLIENT_BUFFER_KB", client_buffer_kb, "1024", 16, 1 << 20,
	    EVENTS, "Most that waits to be sent to a client, in KiB; one that "
	    "reads more slowly is cut."),
	DURATION("PING_INTERVAL", ping_interval, "25s", 10, HOUR, EVENTS,
	    "Pause between two pings; a client silent for two is cut."),
	DURATION("RESUME_WAIT", resume_wait, "1s", 0, MINUTE, EVENTS,
	    "Time in which a new WebSocket may say what it had last, before "
	    "events begin."),
	DURATION("HANDSHAKE_TIMEOUT", handshake_timeout, "10s", 10, HOUR,
	    EVENTS, "Longest wait for a client's request."),
	DURATION("CLOSE_TIMEOUT", close_timeout, "5s", 10, HOUR, EVENTS,
	    "Longest wait for a client to close, once we have."),

	/* postrider */
	TEXT("POSTRIDER_URL", api_url, "http://127.0.0.1:3000", CTL,
	    "The API that the command asks."),
	SECRET("POSTRIDER_API_KEY", api_key, "", CTL,
	    "The key that it shows the API; none with AUTH=off."),
	DURATION("POSTRIDER_TIMEOUT", api_timeout, "30s", 100, HOUR, CTL,
	    "Longest wait for one answer of the API."),
};
/* clang-format on */
const size_t config_settings_len =
    sizeof(config_settings) / sizeof(config_settings[0]);

static void
compute_tls(const void *values, struct buffer *text)
{
	const struct config *config = values;
	enum smtp_tls mode = SMTP_TLS_OPPORTUNISTIC;

	if (config->smtp_port == SUBMISSIONS_PORT)
		mode = SMTP_TLS_IMPLICIT;
	else if (config->smtp_password[0] != '\0' ||
	    config->smtp_token[0] != '\0')
		mode = SMTP_TLS_REQUIRED;
	buffer_add_text(text, tls_words[mode]);
}

/* gethostname(2): no resolver, which may be what is broken. */
static void
read_host(char host[HOST_NAME_MAX + 1])
{
	host[HOST_NAME_MAX] = '\0';
	if (gethostname(host, HOST_NAME_MAX) < 0 || host[0] == '\0')
		memcpy(host, "localhost", sizeof("localhost"));
}

static void
compute_ehlo(const void *values, struct buffer *text)
{
	char host[HOST_NAME_MAX + 1];

	(void)values;
	read_host(host);
	buffer_add_text(text,
	    domain_is_valid(host, strlen(host)) ? host : "localhost");
}

/* Relays refuse senders at a domain without a dot. */
static void
compute_from(const void *values, struct buffer *text)
{
	const char *ehlo = ((const struct config *)values)->smtp_ehlo;
	const bool full =
	    domain_is_valid(ehlo, strlen(ehlo)) && strchr(ehlo, '.') != NULL;

	buffer_printf(text, "Postrider <postrider@%s>",
	    full ? ehlo : "localhost.localdomain");
}

static void
compute_instance(const void *values, struct buffer *text)
{
	char host[HOST_NAME_MAX + 1];
	size_t i;

	(void)values;
	read_host(host);
	for (i = 0; i < CONFIG_INSTANCE_MAX && host[i] != '\0'; i++)
		buffer_add(text, id_is_valid(&host[i], 1) ? &host[i] : "-", 1);
}
