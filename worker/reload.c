/* SPDX-License-Identifier: MIT */
/* Keys and limits once more, and what is wrong with them. */
#include "reload.h"

#include <stdlib.h>
#include <string.h>

#include "dkim.h"
#include "log.h"
#include "relay_list.h"
#include "worker.h"

/* Others' From domains are the API's to warn of: it knows what we sign. */
void
reload_warn(const struct worker *worker)
{
	if (worker->config->dkim_keys[0] != '\0' &&
	    !dkim_signer_signs(worker->dkim,
		address_domain(worker->from.address)))
		log_warning("the domain of SMTP_FROM has no DKIM key: mail "
			    "without a from is not signed",
		    NULL);
}

/* Each line of them, for the log. */
static void
tell_faults(FILE *out, char **faults, const char *message)
{
	char *line, *rest;

	if (fclose(out) != 0)
		abort();
	for (line = strtok_r(*faults, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		log_error(message, "why", line, NULL);
	free(*faults);
}

/* Faulty ones are told, and those of before stay. */
static void
reload_keys(struct worker *worker)
{
	struct dkim_signer *signer;
	char *faults = NULL;
	size_t size;
	FILE *out = open_memstream(&faults, &size);

	if (out == NULL)
		abort();
	signer = dkim_signer_new(worker->config->dkim_keys, out);
	tell_faults(out, &faults, "DKIM keys stay as they were");
	if (signer == NULL)
		return;
	dkim_signer_free(worker->dkim);
	worker->dkim = signer;
	log_info("DKIM keys were read again", NULL);
	reload_warn(worker);
}

static void
reload_pace(struct worker *worker)
{
	char *faults = NULL;
	size_t size;
	FILE *out = open_memstream(&faults, &size);
	int result;

	if (out == NULL)
		abort();
	result = pace_reload(&worker->pace, worker->config, out);
	tell_faults(out, &faults, "the limits of PACE_FILE stay as they were");
	if (result == 0 && worker->config->pace_file[0] != '\0')
		log_info("PACE_FILE was read again", "limits",
		    log_number((int64_t)worker->pace.table.len), NULL);
}

void
reload_files(struct worker *worker)
{
	reload_keys(worker);
	reload_pace(worker);
}

int
reload_check(const struct config *config, FILE *faults)
{
	struct dkim_signer *signer = dkim_signer_new(config->dkim_keys, faults);
	struct relay_list relays;
	struct pace pace;
	int found = 0;

	dkim_signer_free(signer);
	if (relay_list_load(&relays, config, faults) == -1)
		found = -1;
	relay_list_free(&relays);
	if (pace_open(&pace, config, faults) == -1)
		found = -1;
	pace_close(&pace);
	return signer == NULL ? -1 : found;
}
