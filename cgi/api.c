/* SPDX-License-Identifier: MIT */
/* Pool, commit pipeline, reads, record, acceptors: made in this order. */
#include "api.h"

#include <string.h>

#include "acceptor.h"
#include "api_metrics.h"
#include "log.h"
#include "timestamp.h"

#define READS_A_TURN 8 /* their replies are pages: not too many at once */

int
api_start(struct api *api, const struct config *config,
    const struct listener *listener)
{
	const struct pipeline_options reads = {
		.config = config,
		.name = "reads",
		.group_max = READS_A_TURN,
	};

	memset(api, 0, sizeof(*api));
	api->config = config;
	api->began = timestamp_monotonic();
	api_metrics_open();
	api->pool = pool_new(api, listener->socket.fd);
	if (api->pool != NULL)
		api->commit = commit_new(config);
	if (api->commit != NULL)
		api->reads = pipeline_new(&reads);
	if (config->database_url[0] != '\0')
		api->record = record_reader_new(config);
	if (api->reads != NULL &&
	    (api->record != NULL || config->database_url[0] == '\0'))
		api->acceptors =
		    acceptors_new(api->pool, (size_t)config->acceptors);
	if (api->acceptors != NULL)
		return 0;
	log_error("no memory or no thread to start with", NULL);
	return -1;
}

bool
api_is_idle(struct api *api)
{
	return acceptors_are_over(api->acceptors) && pool_is_idle(api->pool);
}

void
api_stop(struct api *api)
{
	acceptors_free(api->acceptors);
	record_reader_free(api->record);
	pipeline_free(api->reads);
	commit_free(api->commit);
	pool_free(api->pool);
}
