/* SPDX-License-Identifier: MIT */
/* Pool, commit pipeline, reads, signing, record, acceptors: in this order. */
#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "acceptor.h"
#include "api_metrics.h"
#include "domain_list.h"
#include "log.h"
#include "timestamp.h"

#define READS_A_TURN 8 /* their replies are pages: not too many at once */

/* It was checked; owned by the caller. */
static char *
allowed_from(const struct config *config)
{
	struct buffer list = { 0 };

	buffer_reserve(&list, 1); /* an empty one is a text, too */
	(void)domain_list_normalize(&list, config->allowed_from);
	return buffer_take(&list);
}

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
	if (api->reads != NULL)
		api->signing = signing_new();
	api->allowed_from = allowed_from(config);
	if (config->auth_required)
		api->keyring = keyring_new(config);
	if (config->database_url[0] != '\0')
		api->record = record_reader_new(config);
	if (api->signing != NULL &&
	    (api->keyring != NULL || !config->auth_required) &&
	    (api->record != NULL || config->database_url[0] == '\0'))
		api->acceptors =
		    acceptors_new(api->pool, (size_t)config->acceptors);
	if (api->acceptors != NULL) {
		api_look(api);
		return 0;
	}
	log_error("no memory or no thread to start with", NULL);
	return -1;
}

void
api_look(struct api *api)
{
	signing_look(api->signing, api->reads);
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
	keyring_free(api->keyring);
	free(api->allowed_from);
	pipeline_free(api->reads);
	signing_free(api->signing);
	commit_free(api->commit);
	pool_free(api->pool);
}
