/* SPDX-License-Identifier: MIT */
/*
 * The settings of all programs: one table (config_table.c) gives each its name, type,
 * range, default, unit and sentence; docs/protocol.md holds the same rows. They
 * come from the environment, secrets also from the file that NAME_FILE names.
 * A duration is a number with `ms`, `s`, `m`, `h` or `d`; a bare number is
 * seconds. An empty value is the default.
 */
#ifndef POSTRIDER_CONFIG_H
#define POSTRIDER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "buffer.h"
#include "log.h"

enum config_program { /* bits: which programs read a setting */
	CONFIG_API = 1,
	CONFIG_WORKER = 2,
	CONFIG_EVENTS = 4,
	CONFIG_CTL = 8
};

enum smtp_tls {
	SMTP_TLS_OFF,
	/* Used if offered, not verified (RFC 7435); needed for a login. */
	SMTP_TLS_OPPORTUNISTIC,
	SMTP_TLS_REQUIRED, /* STARTTLS, certificate checked */
	SMTP_TLS_IMPLICIT, /* TLS from the first byte (RFC 8314) */
	SMTP_TLS__MAX
};

enum smtp_auth {
	SMTP_AUTH_AUTO, /* what fits the secret, as the relay offers it */
	SMTP_AUTH_PLAIN, /* RFC 4616 */
	SMTP_AUTH_LOGIN,
	SMTP_AUTH_XOAUTH2,
	SMTP_AUTH__MAX
};

enum otlp_sampler { /* OpenTelemetry's names; from PARENT_ on: as the parent */
	OTLP_ALWAYS_ON,
	OTLP_ALWAYS_OFF,
	OTLP_RATIO,
	OTLP_PARENT_ALWAYS_ON,
	OTLP_PARENT_ALWAYS_OFF,
	OTLP_PARENT_RATIO,
	OTLP_SAMPLER__MAX
};

/*
 * An answer to a request is there within ACCEPT_TIMEOUT and this, whatever is
 * away: a promise of docs/protocol.md, hence no setting. ms.
 */
#define CONFIG_ANSWER_GRACE 1000

/*
 * Durations in ms. All strings are owned and never NULL; "" means not set. A
 * setting that the program does not read has its default.
 */
struct config {
	/* services */
	char *rabbitmq_url; /* RABBITMQ_URL, comma list */
	char *rabbitmq_ca; /* RABBITMQ_CA: file or folder; "": the system's */
	char *redis_url; /* REDIS_URL */
	char *database_url; /* DATABASE_URL, "": no record */
	int64_t record_timeout; /* RECORD_TIMEOUT 5s: connect, and one answer */
	int64_t record_interval; /* RECORD_INTERVAL 1s, worker */
	int64_t record_days; /* RECORD_DAYS 0: for ever; worker */
	int64_t redis_timeout; /* REDIS_TIMEOUT 2s: connect, and one reply */
	int64_t amqp_timeout; /* AMQP_TIMEOUT 10s: connect and RPC */
	int64_t amqp_heartbeat; /* AMQP_HEARTBEAT 30s, whole seconds */
	int64_t reconnect_base; /* RECONNECT_BASE 250ms */
	int64_t reconnect_cap; /* RECONNECT_CAP 2s */
	char *queue; /* EMAIL_QUEUE email_tasks */
	enum log_level log_level; /* LOG_LEVEL debug|info|warning|error */
	enum log_format log_format; /* LOG_FORMAT logfmt|json */
	bool log_recipients; /* LOG_RECIPIENTS off|on */
	char *otlp_endpoint; /* OTEL_EXPORTER_OTLP_ENDPOINT, "": no traces */
	char *otlp_traces_endpoint; /* OTEL_EXPORTER_OTLP_TRACES_ENDPOINT */
	char *otlp_headers; /* OTEL_EXPORTER_OTLP_HEADERS, secret */
	int64_t otlp_timeout; /* OTEL_EXPORTER_OTLP_TIMEOUT 10000 */
	int64_t otlp_delay; /* OTEL_BSP_SCHEDULE_DELAY 5000 */
	enum otlp_sampler otlp_sampler; /* OTEL_TRACES_SAMPLER */
	char *otlp_sampler_ratio; /* OTEL_TRACES_SAMPLER_ARG */
	char *otel_service; /* OTEL_SERVICE_NAME, "": the program's */
	char *otel_attributes; /* OTEL_RESOURCE_ATTRIBUTES */
	char *jaeger_endpoint; /* OTEL_EXPORTER_JAEGER_ENDPOINT */

	/* api */
	int64_t accept_timeout; /* ACCEPT_TIMEOUT 2s */
	int64_t max_request_kb; /* MAX_REQUEST_KB 20480 */
	int64_t inflight_mb; /* INFLIGHT_MB 64 */
	int64_t max_requests; /* MAX_REQUESTS 160: requests in hand */
	int64_t acceptors; /* ACCEPTORS 2: threads */
	bool auth_required; /* AUTH required|off; events, too */
	bool metrics_public; /* METRICS_PUBLIC off */
	char *allowed_from; /* ALLOWED_FROM: domains; "": any */

	/* worker */
	char *smtp_relays; /* SMTP_RELAYS: several; worker/relay_list.h */
	char *smtp_host; /* SMTP_HOST localhost */
	int64_t smtp_port; /* SMTP_PORT 25 */
	char *smtp_username; /* SMTP_USERNAME */
	/* As at start; config_read_secret() has them as they are now. */
	char *smtp_password; /* SMTP_PASSWORD, secret */
	char *smtp_token; /* SMTP_TOKEN, secret, instead of a password */
	/* Of a relay of SMTP_RELAYS: where its secret is read from. */
	char *smtp_secret_file;
	enum smtp_auth smtp_auth; /* SMTP_AUTH auto */
	enum smtp_tls smtp_tls; /* SMTP_TLS; its default: see protocol.md */
	char *smtp_ca; /* SMTP_CA: file or folder; "": the system's */
	char *bounce_address; /* BOUNCE_ADDRESS: MAIL FROM; "": From's */
	char *send_rate; /* SEND_RATE: mails a second; "": no limit */
	char *pace_file; /* PACE_FILE: limits of domains; "": none */
	char *dkim_keys; /* DKIM_KEYS: folder; "": nothing is signed */
	char *smtp_from; /* SMTP_FROM "Postrider <postrider@SMTP_EHLO>" */
	char *smtp_ehlo; /* SMTP_EHLO: the host's name */
	int64_t smtp_connections; /* SMTP_CONNECTIONS 16 */
	int64_t smtp_mails_per_connection; /* SMTP_MAILS_PER_CONNECTION 1000 */
	int64_t smtp_idle; /* SMTP_IDLE 10s */
	int64_t smtp_connect_timeout; /* SMTP_CONNECT_TIMEOUT 30s */
	int64_t smtp_login_retry; /* SMTP_LOGIN_RETRY 60s */
	int64_t smtp_tls_retry; /* SMTP_TLS_RETRY 1h */
	int64_t smtp_reconnect_cap; /* SMTP_RECONNECT_CAP 10s */
	int64_t smtp_dns_ttl; /* SMTP_DNS_TTL 10s */
	int64_t smtp_shun; /* SMTP_SHUN 60s */
	int64_t smtp_timeout; /* SMTP_TIMEOUT 300s: a reply before the dot */
	int64_t smtp_dot_timeout; /* SMTP_DOT_TIMEOUT 600s */
	int64_t pipeline_wait; /* PIPELINE_WAIT 2s */
	int64_t retry_base; /* RETRY_BASE 2s */
	int64_t retry_cap; /* RETRY_CAP 1h */
	int64_t retry_for; /* RETRY_FOR 48h */
	bool on_unknown_retry; /* ON_UNKNOWN retry|hold */
	int64_t unknown_max; /* UNKNOWN_MAX 1 */
	bool suppress_bounces; /* SUPPRESS_BOUNCES on */
	bool test_addresses; /* TEST_ADDRESSES off */
	int64_t lease_ttl; /* LEASE_TTL 15s */
	int64_t unknown_grace; /* UNKNOWN_GRACE 60s */
	int64_t sweep_interval; /* SWEEP_INTERVAL 5s */
	int64_t outbox_after; /* OUTBOX_AFTER 5s */
	int64_t outbox_cap; /* OUTBOX_CAP 1m */
	int64_t overdue_after; /* OVERDUE_AFTER 60s */
	int64_t job_ttl; /* JOB_TTL 24h */
	int64_t failed_ttl; /* FAILED_TTL 7d */
	int64_t idempotency_ttl; /* IDEMPOTENCY_TTL 24h */
	int64_t ack_after; /* ACK_AFTER 30s */
	int64_t stop_timeout; /* STOP_TIMEOUT 20s */
	char *instance; /* INSTANCE: the host's name, made a valid id */
	char *state_directory; /* STATE_DIRECTORY (systemd sets it) */
	char *status_host; /* STATUS_HOST 127.0.0.1 */
	int64_t port; /* PORT 3002 */

	/* events */
	char *events_host; /* EVENTS_HOST 127.0.0.1 */
	int64_t events_port; /* EVENTS_PORT 3003 */
	char *allowed_origins; /* ALLOWED_ORIGINS, comma list */
	int64_t max_clients; /* MAX_CLIENTS 10000 */
	int64_t max_message_kb; /* MAX_MESSAGE_KB 16 */
	int64_t max_subscriptions; /* MAX_SUBSCRIPTIONS 100 */
	int64_t client_buffer_kb; /* CLIENT_BUFFER_KB 1024 */
	int64_t ping_interval; /* PING_INTERVAL 25s */
	int64_t resume_wait; /* RESUME_WAIT 1s */
	int64_t handshake_timeout; /* HANDSHAKE_TIMEOUT 10s */
	int64_t close_timeout; /* CLOSE_TIMEOUT 5s */

	/* postrider, the operator's command */
	char *api_url; /* POSTRIDER_URL http://127.0.0.1:3000 */
	char *api_key; /* POSTRIDER_API_KEY, secret */
	int64_t api_timeout; /* POSTRIDER_TIMEOUT 30s */
};

/*
 * Reads the settings that `program` uses. 0, or -1 after writing every fault
 * to `faults`, one line each, by name ("ACCEPT_TIMEOUT: '2x' is not a duration
 * ..."). A secret's value is never written. config_free() also after -1.
 */
int config_load(struct config *, enum config_program, FILE *faults);
void config_free(struct config *);

/*
 * Appends a secret as it is now: read anew when it came from a file, so that
 * others may renew it, else as at start. 0; -1: the file is no good, and what
 * was appended says why, without the secret.
 */
int config_read_secret(const struct config *, const char *name,
    struct buffer *text);

/* As SMTP_TLS and SMTP_AUTH are read; 0, or -1 when it is none of the words. */
int config_read_tls(struct config *, const char *word);
int config_read_auth(struct config *, const char *word);
/*
 * Wipes secrets out of the environment, where /proc/PID/environ would show them
 * as long as we run; warns of those that only the worker should know.
 */
void config_forget_environment(enum config_program);

/* The table of a program's settings, for --help and the docs. */
void config_print(enum config_program, FILE *out);

#endif
