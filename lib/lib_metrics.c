/* SPDX-License-Identifier: MIT */
/* What lib/ counts. */
#include "metrics.h"
#include "publisher.h"
#include "version.h"

static const char *const versions[] = { POSTRIDER_VERSION };

struct metric metric_build_info = {
	.name = "build_info",
	.help = "The program's version, always 1",
	.kind = METRIC_GAUGE,
	.label = "version",
	.values = versions,
	.values_len = 1,
	.cells = (atomic_llong[]){ 1 },
};

/* As their struct outage calls them. */
static const char *const services[] = { "redis", "rabbitmq", "record" };

struct metric metric_service_up = {
	.name = "service_up",
	.help = "Whether all connections to a service stand",
	.kind = METRIC_GAUGE,
	.label = "service",
	.values = services,
	.values_len = METRIC_LEN(services),
	/* Those that the program does not use stay so. */
	.cells =
	    (atomic_llong[]){ METRIC_ABSENT, METRIC_ABSENT, METRIC_ABSENT },
};

struct metric metric_reconnects = {
	.name = "reconnects",
	.help = "Connections that were lost and are there again",
	.kind = METRIC_COUNTER,
	.label = "service",
	.values = services,
	.values_len = METRIC_LEN(services),
	.cells = METRIC_CELLS(METRIC_LEN(services)),
};

struct metric metric_confirm_seconds = {
	.name = "publisher_confirm",
	.help = "Time until RabbitMQ had confirmed a message",
	.kind = METRIC_HISTOGRAM,
	.is_time = true,
	.bounds = metric_waits,
	.bounds_len = METRIC_WAITS,
	.cells = METRIC_BUCKETS(1, METRIC_WAITS),
};

static const char *const results[PUBLISH_RESULT__MAX] = {
	[PUBLISH_CONFIRMED] = "confirmed",
	[PUBLISH_UNCONFIRMED] = "unconfirmed",
	[PUBLISH_UNAVAILABLE] = "unavailable",
};

struct metric metric_publishes = {
	.name = "publishes",
	.help = "Messages given to the publisher, by what became of them",
	.kind = METRIC_COUNTER,
	.label = "result",
	.values = results,
	.values_len = METRIC_LEN(results),
	.cells = METRIC_CELLS(METRIC_LEN(results)),
};
