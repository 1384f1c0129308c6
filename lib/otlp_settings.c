/* SPDX-License-Identifier: MIT */
/* https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
#include "otlp_settings.h"

#include <stdlib.h>
#include <string.h>

#include "traceparent.h"
#include "version.h"

#define PATH "/v1/traces"
#define PORT "4318"

/* Older deployments name Jaeger's collector: it takes OTLP beside. */
static void
add_jaeger(struct buffer *url, const char *endpoint)
{
	const char *host = strstr(endpoint, "://");
	size_t len;

	host = host != NULL ? host + 3 : endpoint;
	if (strchr(host, '@') != NULL)
		host = strchr(host, '@') + 1;
	len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
	buffer_add_text(url, "http://");
	buffer_add(url, host, len);
	buffer_add_text(url, ":" PORT PATH);
}

void
otlp_settings_endpoint(const struct config *config, struct buffer *url)
{
	const char *base = config->otlp_endpoint;

	if (config->otlp_traces_endpoint[0] != '\0') {
		buffer_add_text(url, config->otlp_traces_endpoint);
	} else if (base[0] != '\0') {
		buffer_add(url, base,
		    strlen(base) - (base[strlen(base) - 1] == '/'));
		buffer_add_text(url, PATH);
	} else if (config->jaeger_endpoint[0] != '\0') {
		add_jaeger(url, config->jaeger_endpoint);
	}
}

bool
otlp_settings_sample(const struct config *config, const char *trace,
    const char *parent)
{
	const enum otlp_sampler sampler = config->otlp_sampler;
	const char *ratio = config->otlp_sampler_ratio;
	char low[15]; /* 56 random bits */

	if (sampler >= OTLP_PARENT_ALWAYS_ON && parent[0] != '\0')
		return (parent[TRACEPARENT_SIZE - 2] & 1) != 0; /* its flags */
	switch (sampler) {
	case OTLP_ALWAYS_OFF:
	case OTLP_PARENT_ALWAYS_OFF:
		return false;
	case OTLP_RATIO:
	case OTLP_PARENT_RATIO:
		memcpy(low, trace + 18, 14);
		low[14] = '\0';
		return (double)strtoull(low, NULL, 16) <
		    (ratio[0] != '\0' ? strtod(ratio, NULL) : 1) *
		    (double)(UINT64_C(1) << 56);
	case OTLP_ALWAYS_ON:
	case OTLP_PARENT_ALWAYS_ON:
	case OTLP_SAMPLER__MAX:
		break;
	}
	return true;
}

static void
add_text(struct buffer *json, const char *key, const char *value)
{
	buffer_add_text(json, "{\"key\":");
	buffer_add_json_text(json, key);
	buffer_add_text(json, ",\"value\":{\"stringValue\":");
	buffer_add_json_text(json, value);
	buffer_add_text(json, "}}");
}

/* -- lists: key=value,key=value, as W3C Baggage has them ------------------- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20; /* lower case */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %2C and the like, in place; what is none stays. */
static void
decode_percent(char *text)
{
	char *to = text;
	int high, low;

	for (; *text != '\0'; text++, to++) {
		*to = *text;
		if (*text != '%')
			continue;
		high = hex_digit(text[1]);
		low = high >= 0 ? hex_digit(text[2]) : -1;
		if (low < 0 || high + low == 0)
			continue;
		*to = (char)(16 * high + low);
		text += 2;
	}
	*to = '\0';
}

static char *
trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	for (len = strlen(text); len > 0 && strchr(" \t", text[len - 1]);)
		text[--len] = '\0';
	return text;
}

/* Calls `take` for each pair of a list. */
static void
each_pair(const char *given, void (*take)(void *, const char *, const char *),
    void *arg)
{
	char *list = strdup(given), *pair, *rest, *equals;

	if (list == NULL)
		abort();
	for (pair = strtok_r(list, ",", &rest); pair != NULL;
	     pair = strtok_r(NULL, ",", &rest)) {
		equals = strchr(pair, '=');
		if (equals == NULL)
			continue; /* config_check() refused it */
		*equals++ = '\0';
		equals = trim(equals);
		decode_percent(equals);
		take(arg, trim(pair), equals);
	}
	free(list);
}

/* -- OTEL_RESOURCE_ATTRIBUTES ---------------------------------------------- */

struct resource {
	struct buffer more;
	struct buffer service; /* its service.name; data NULL: none is given */
};

static void
take_attribute(void *arg, const char *key, const char *value)
{
	struct resource *resource = arg;

	if (strcmp(key, "service.name") == 0) {
		buffer_clear(&resource->service);
		buffer_add_text(&resource->service, value);
		return;
	}
	buffer_add_text(&resource->more, ",");
	add_text(&resource->more, key, value);
}

/* OTEL_SERVICE_NAME goes before a service.name of the list. */
void
otlp_settings_resource(const struct config *config, const char *program,
    struct buffer *json)
{
	struct resource resource = { 0 };
	const char *service = config->otel_service;

	each_pair(config->otel_attributes, take_attribute, &resource);
	if (service[0] == '\0')
		service =
		    resource.service.len > 0 ? resource.service.data : program;
	add_text(json, "service.name", service);
	buffer_add_text(json, ",");
	add_text(json, "service.version", POSTRIDER_VERSION);
	buffer_add(json, resource.more.data, resource.more.len);
	buffer_free(&resource.more);
	buffer_free(&resource.service);
}

/* -- OTEL_EXPORTER_OTLP_HEADERS -------------------------------------------- */

static void
take_header(void *arg, const char *key, const char *value)
{
	struct curl_slist **list = arg;
	struct buffer line = { 0 };

	if (strpbrk(value, "\r\n") != NULL)
		return; /* decoded, it would be more than one */
	buffer_printf(&line, "%s: %s", key, value);
	*list = curl_slist_append(*list, line.data);
	buffer_free(&line);
}

struct curl_slist *
otlp_settings_headers(const struct config *config)
{
	struct curl_slist *list =
	    curl_slist_append(NULL, "Content-Type: application/json");

	each_pair(config->otlp_headers, take_header, &list);
	return list;
}
