/* SPDX-License-Identifier: MIT */
#include "events_metrics.h"

#include "events.h"
#include "metrics.h"

static const char *const transports[] = { "websocket", "sse" };

static struct metric metric_clients = {
	.name = "clients",
	.help = "Clients that follow events",
	.kind = METRIC_GAUGE,
	.label = "transport",
	.values = transports,
	.values_len = METRIC_LEN(transports),
	.cells = METRIC_CELLS(METRIC_LEN(transports)),
};

#define COUNTER(NAME, HELP)                                             \
	{                                                               \
		.name = (NAME), .help = (HELP), .kind = METRIC_COUNTER, \
		.cells = METRIC_CELLS(1)                                \
	}

static struct metric metric_accepted =
    COUNTER("clients_accepted", "Connections taken");
static struct metric metric_refused =
    COUNTER("clients_refused", "Requests that were refused");
static struct metric metric_cut = COUNTER("clients_cut",
    "Clients cut off, as they read too slowly or said nothing");
static struct metric metric_told =
    COUNTER("events_told", "Events told, to all clients together");

static struct metric *const all[] = { &metric_build_info, &metric_clients,
	&metric_accepted, &metric_refused, &metric_cut, &metric_told,
	&metric_service_up, &metric_reconnects, NULL };

void
events_metrics_write(const struct events *events, struct buffer *text)
{
	const struct clients *clients = &events->clients;

	metrics_set(&metric_clients, 0, (int64_t)clients->websockets);
	metrics_set(&metric_clients, 1, (int64_t)clients->streams);
	metrics_set(&metric_accepted, 0, (int64_t)clients->accepted);
	metrics_set(&metric_refused, 0, (int64_t)clients->refused);
	metrics_set(&metric_cut, 0, (int64_t)clients->cut);
	metrics_set(&metric_told, 0, (int64_t)clients->told);
	metrics_write(all, text);
}
