/* SPDX-License-Identifier: MIT */
/* One small function a rule: it returns what is wrong, or NULL. */
#include "config_check.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "ca_path.h"
#include "domain_list.h"
#include "id.h"
#include "ladder.h"
#include "lane.h"
#include "record_url.h"
#include "redis_url.h"
#include "setting.h"

static const char *
unless(bool good, const char *why)
{
	return good ? NULL : why;
}

/* Whether `url` is one of the schemes' and has something behind it. */
static bool
has_amqp_scheme(const char *url, size_t len)
{
	static const char *const schemes[] = { "amqp://", "amqps://" };
	size_t i, scheme;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		scheme = strlen(schemes[i]);
		if (len > scheme && strncmp(url, schemes[i], scheme) == 0)
			return true;
	}
	return false;
}

static const char *
check_rabbitmq_url(const struct config *config)
{
	const char *url = config->rabbitmq_url;
	size_t len;

	for (;; url += len + 1) {
		len = strcspn(url, ",");
		if (!has_amqp_scheme(url, len))
			return "is not a comma list of amqp:// or amqps:// URLs";
		if (url[len] == '\0')
			return NULL;
	}
}

static const char *
check_rabbitmq_ca(const struct config *config)
{
	return config->rabbitmq_ca[0] == '\0' ?
	    NULL :
	    ca_path_check(config->rabbitmq_ca);
}

static const char *
check_redis_url(const struct config *config)
{
	struct redis_url url;
	const char *why = NULL;

	if (redis_url_parse(&url, config->redis_url, &why) == -1)
		return why;
	if (url.ca != NULL)
		why = ca_path_check(url.ca);
	redis_url_clear(&url);
	return why;
}

/* -- traces ---------------------------------------------------------------- */

static const char *
check_endpoint(const char *url)
{
	return unless(url[0] == '\0' || strncmp(url, "http://", 7) == 0 ||
		strncmp(url, "https://", 8) == 0,
	    "does not begin with http:// or https://");
}

static const char *
check_otlp_endpoint(const struct config *config)
{
	return check_endpoint(config->otlp_endpoint);
}

static const char *
check_traces_endpoint(const struct config *config)
{
	return check_endpoint(config->otlp_traces_endpoint);
}

static const char *
check_pairs(const char *list)
{
	size_t len;

	for (; *list != '\0'; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (strcspn(list, "=") >= len || *list == '=')
			return "is not a comma list of key=value";
	}
	return NULL;
}

static const char *
check_otlp_headers(const struct config *config)
{
	return check_pairs(config->otlp_headers);
}

static const char *
check_resource(const struct config *config)
{
	return check_pairs(config->otel_attributes);
}

static const char *
check_sampler_ratio(const struct config *config)
{
	const char *text = config->otlp_sampler_ratio;
	char *end;
	double ratio;

	if (text[0] == '\0')
		return NULL;
	ratio = strtod(text, &end);
	return unless(*end == '\0' && ratio >= 0 && ratio <= 1,
	    "is not a number from 0 to 1");
}

/* -- the others ------------------------------------------------------------ */

static const char *
check_database_url(const struct config *config)
{
	return config->database_url[0] == '\0' ?
	    NULL :
	    record_url_check(config->database_url);
}

static const char *
check_queue(const struct config *config)
{
	struct ladder_route route;

	return unless(strlen(config->queue) <
		    LANE_QUEUE_SIZE - LANE_SUFFIX_MAX &&
		ladder_route(&route, 0, config->queue) == 0,
	    "is not a queue's name without dots, 122 bytes at most");
}

static const char *
check_reconnect(const struct config *config)
{
	return unless(config->reconnect_base <= config->reconnect_cap,
	    "is longer than RECONNECT_CAP");
}

static const char *
check_smtp_reconnect(const struct config *config)
{
	return unless(config->reconnect_base <= config->smtp_reconnect_cap,
	    "is shorter than RECONNECT_BASE");
}

static const char *
check_heartbeat(const struct config *config)
{
	return unless(config->amqp_heartbeat % 1000 == 0,
	    "is not a whole number of seconds");
}

static const char *
check_allowed_from(const struct config *config)
{
	struct buffer list = { 0 };
	const char *why = domain_list_normalize(&list, config->allowed_from);

	buffer_free(&list);
	return why;
}

static const char *
check_inflight(const struct config *config)
{
	return unless(config->max_request_kb <= config->inflight_mb * 1024,
	    "has no room for one request of MAX_REQUEST_KB");
}

/* A name or an IP address: what curl puts into a URL must not end its host. */
bool
config_is_host(const char *host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.:_-";

	return host[0] != '\0' && host[strspn(host, allowed)] == '\0';
}

static const char *
check_smtp_host(const struct config *config)
{
	return unless(config_is_host(config->smtp_host),
	    "is neither a host's name nor an IP address");
}

static const char *
check_status_host(const struct config *config)
{
	return unless(config_is_host(config->status_host),
	    "is neither a host's name nor an IP address");
}

static const char without_username[] = "is set without SMTP_USERNAME";

static bool
is_set(const char *text)
{
	return text[0] != '\0';
}

static const char *
check_username(const struct config *config)
{
	return unless(!is_set(config->smtp_username) ||
		is_set(config->smtp_password) || is_set(config->smtp_token),
	    "is set without SMTP_PASSWORD or SMTP_TOKEN");
}

static const char *
check_password(const struct config *config)
{
	return unless(!is_set(config->smtp_password) ||
		is_set(config->smtp_username),
	    without_username);
}

static const char *
check_token(const struct config *config)
{
	if (is_set(config->smtp_token) && is_set(config->smtp_password))
		return "is set, and so is SMTP_PASSWORD";
	return unless(!is_set(config->smtp_token) ||
		is_set(config->smtp_username),
	    without_username);
}

static const char *
check_auth(const struct config *config)
{
	switch (config->smtp_auth) {
	case SMTP_AUTH_PLAIN:
	case SMTP_AUTH_LOGIN:
		return unless(is_set(config->smtp_password),
		    "needs SMTP_PASSWORD");
	case SMTP_AUTH_XOAUTH2:
		return unless(is_set(config->smtp_token), "needs SMTP_TOKEN");
	case SMTP_AUTH_AUTO:
	case SMTP_AUTH__MAX:
		break;
	}
	return NULL;
}

static const char *
check_ca(const struct config *config)
{
	if (!is_set(config->smtp_ca))
		return NULL;
	if (config->smtp_tls != SMTP_TLS_REQUIRED &&
	    config->smtp_tls != SMTP_TLS_IMPLICIT)
		return "is set, and SMTP_TLS, off or opportunistic, checks no "
		       "certificate: it needs required or implicit";
	return ca_path_check(config->smtp_ca);
}

static const char *
check_from(const struct config *config)
{
	struct mailbox box;
	enum address_fault fault =
	    mailbox_parse(&box, config->smtp_from, strlen(config->smtp_from));

	mailbox_free(&box);
	return fault == ADDRESS_OK ? NULL : address_fault_texts[fault];
}

/* ASCII, so that no mail needs SMTPUTF8 for it alone. */
static const char *
check_bounce_address(const struct config *config)
{
	const char *address = config->bounce_address;
	enum address_fault fault;

	if (!is_set(address))
		return NULL;
	fault = address_check(address, strlen(address));
	if (fault != ADDRESS_OK)
		return address_fault_texts[fault];
	return unless(address_is_ascii(address), "is not ASCII");
}

/* A domain, or an address literal in brackets (RFC 5321 4.1.3). */
static const char *
check_ehlo(const struct config *config)
{
	const char *ehlo = config->smtp_ehlo;
	const size_t len = strlen(ehlo);

	if (domain_is_valid(ehlo, len))
		return NULL;
	if (len > 2 && ehlo[0] == '[' && ehlo[len - 1] == ']' &&
	    strspn(ehlo + 1, "0123456789abcdefABCDEFIPv.:") == len - 2)
		return NULL;
	return "is neither a domain nor an IP address in brackets";
}

static const char *
check_retry(const struct config *config)
{
	return unless(config->retry_base <= config->retry_cap,
	    "is longer than RETRY_CAP");
}

static const char *
check_instance(const struct config *config)
{
	return unless(id_is_valid(config->instance, strlen(config->instance)),
	    "may have only letters, digits, '.', '_' and '-'");
}

static const char *
check_state_directory(const struct config *config)
{
	return unless(config->state_directory[0] == '/',
	    "is not an absolute path");
}

static const char *
check_events_host(const struct config *config)
{
	return unless(config_is_host(config->events_host),
	    "is neither a host's name nor an IP address");
}

/* A scheme and a host, without a path (RFC 6454 7). */
static bool
is_origin(const char *text, size_t len)
{
	const char *host = memmem(text, len, "://", 3);
	size_t before;

	if (host == NULL || host == text)
		return false;
	before = (size_t)(host - text) + 3;
	return len > before && memchr(text + before, '/', len - before) == NULL;
}

static const char *
check_origins(const struct config *config)
{
	const char *list = config->allowed_origins;
	size_t len;

	for (; *list != '\0'; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (memchr(list, ' ', len) != NULL ||
		    (!(len == 1 && *list == '*') && !is_origin(list, len)))
			return "is no comma list, without spaces, of origins "
			       "such as https://app.example.com";
	}
	return NULL;
}

static const struct {
	const char *name;
	const char *(*check)(const struct config *);
	size_t shown; /* offset of the text to show; 0: none */
	unsigned programs;
} rules[] = {
	{ "RABBITMQ_URL", check_rabbitmq_url, 0,
	    CONFIG_API | CONFIG_WORKER | CONFIG_CTL },
	{ "RABBITMQ_CA", check_rabbitmq_ca,
	    offsetof(struct config, rabbitmq_ca),
	    CONFIG_API | CONFIG_WORKER | CONFIG_CTL },
	{ "REDIS_URL", check_redis_url, 0,
	    CONFIG_API | CONFIG_WORKER | CONFIG_EVENTS | CONFIG_CTL },
	{ "OTEL_EXPORTER_OTLP_ENDPOINT", check_otlp_endpoint,
	    offsetof(struct config, otlp_endpoint),
	    CONFIG_API | CONFIG_WORKER },
	{ "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", check_traces_endpoint,
	    offsetof(struct config, otlp_traces_endpoint),
	    CONFIG_API | CONFIG_WORKER },
	{ "OTEL_EXPORTER_OTLP_HEADERS", check_otlp_headers, 0,
	    CONFIG_API | CONFIG_WORKER },
	{ "OTEL_RESOURCE_ATTRIBUTES", check_resource,
	    offsetof(struct config, otel_attributes),
	    CONFIG_API | CONFIG_WORKER },
	{ "OTEL_TRACES_SAMPLER_ARG", check_sampler_ratio,
	    offsetof(struct config, otlp_sampler_ratio),
	    CONFIG_API | CONFIG_WORKER },
	{ "DATABASE_URL", check_database_url, 0, CONFIG_API | CONFIG_WORKER },
	{ "EMAIL_QUEUE", check_queue, offsetof(struct config, queue),
	    CONFIG_API | CONFIG_WORKER | CONFIG_CTL },
	{ "RECONNECT_BASE", check_reconnect, 0,
	    CONFIG_API | CONFIG_WORKER | CONFIG_EVENTS },
	{ "AMQP_HEARTBEAT", check_heartbeat, 0, CONFIG_API | CONFIG_WORKER },
	{ "ALLOWED_FROM", check_allowed_from,
	    offsetof(struct config, allowed_from), CONFIG_API },
	{ "INFLIGHT_MB", check_inflight, 0, CONFIG_API },
	{ "SMTP_HOST", check_smtp_host, offsetof(struct config, smtp_host),
	    CONFIG_WORKER },
	{ "SMTP_RECONNECT_CAP", check_smtp_reconnect, 0, CONFIG_WORKER },
	{ "SMTP_USERNAME", check_username, 0, CONFIG_WORKER },
	{ "SMTP_PASSWORD", check_password, 0, CONFIG_WORKER },
	{ "SMTP_TOKEN", check_token, 0, CONFIG_WORKER },
	{ "SMTP_AUTH", check_auth, 0, CONFIG_WORKER },
	{ "SMTP_CA", check_ca, offsetof(struct config, smtp_ca),
	    CONFIG_WORKER },
	{ "SMTP_EHLO", check_ehlo, offsetof(struct config, smtp_ehlo),
	    CONFIG_WORKER },
	{ "SMTP_FROM", check_from, offsetof(struct config, smtp_from),
	    CONFIG_WORKER },
	{ "BOUNCE_ADDRESS", check_bounce_address,
	    offsetof(struct config, bounce_address), CONFIG_WORKER },
	{ "RETRY_BASE", check_retry, 0, CONFIG_WORKER },
	{ "INSTANCE", check_instance, offsetof(struct config, instance),
	    CONFIG_WORKER },
	{ "STATE_DIRECTORY", check_state_directory,
	    offsetof(struct config, state_directory), CONFIG_WORKER },
	{ "STATUS_HOST", check_status_host,
	    offsetof(struct config, status_host), CONFIG_WORKER },
	{ "EVENTS_HOST", check_events_host,
	    offsetof(struct config, events_host), CONFIG_EVENTS },
	{ "ALLOWED_ORIGINS", check_origins,
	    offsetof(struct config, allowed_origins), CONFIG_EVENTS },
};

int
config_check(const struct config *config, enum config_program program,
    FILE *faults)
{
	const char *why, *shown;
	int found = 0;
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!(rules[i].programs & program))
			continue;
		why = rules[i].check(config);
		if (why == NULL)
			continue;
		shown = NULL;
		if (rules[i].shown != 0)
			shown = *(char *const *)((const char *)config +
			    rules[i].shown);
		setting_fault(rules[i].name, shown, why, faults);
		found++;
	}
	return found;
}
