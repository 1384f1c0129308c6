/* SPDX-License-Identifier: MIT */
/* https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
#include "otlp_settings.h"

#include <stdlib.h>
#include <string.h>

#include "otlp.h"
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

void
otlp_add_text(struct buffer *json, const char *key, const char *value)
{
	buffer_add_text(json, "{\"key\":");
	buffer_add_json_text(json, key);
	buffer_add_text(json, ",\"value\":{\"stringValue\":");
	buffer_add_json_text(json, value);
	buffer_add_text(json, "}}");
}

/* OTEL_RESOURCE_ATTRIBUTES: key=value,key=value */
void
otlp_settings_resource(const struct config *config, const char *program,
    struct buffer *json)
{
	char *list = strdup(config->otel_attributes), *pair, *rest, *equals;

	if (list == NULL)
		abort();
	otlp_add_text(json, "service.name",
	    config->otel_service[0] != '\0' ? config->otel_service : program);
	buffer_add_text(json, ",");
	otlp_add_text(json, "service.version", POSTRIDER_VERSION);
	for (pair = strtok_r(list, ",", &rest); pair != NULL;
	     pair = strtok_r(NULL, ",", &rest)) {
		equals = strchr(pair, '=');
		if (equals == NULL)
			continue; /* config_check() refused it */
		*equals = '\0';
		buffer_add_text(json, ",");
		otlp_add_text(json, pair, equals + 1);
	}
	free(list);
}

/* OTEL_EXPORTER_OTLP_HEADERS: key=value,key=value */
struct curl_slist *
otlp_settings_headers(const struct config *config)
{
	struct curl_slist *list =
	    curl_slist_append(NULL, "Content-Type: application/json");
	char *given = strdup(config->otlp_headers), *pair, *rest, *equals;
	struct buffer line = { 0 };

	if (given == NULL)
		abort();
	for (pair = strtok_r(given, ",", &rest); pair != NULL;
	     pair = strtok_r(NULL, ",", &rest)) {
		equals = strchr(pair, '=');
		if (equals == NULL)
			continue;
		*equals = '\0';
		buffer_clear(&line);
		buffer_printf(&line, "%s: %s", pair, equals + 1);
		list = curl_slist_append(list, line.data);
	}
	buffer_free(&line);
	free(given);
	return list;
}
