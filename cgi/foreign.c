/* SPDX-License-Identifier: MIT */
/* Two tables; in both the whole name has to fit. */
#include "foreign.h"

#include <string.h>

#include "field.h"

#define SEE "; docs/clients.md lists what there is of Resend's API"

static const struct {
	const char *name, *fault;
} foreign_fields[] = {
	{ "template",
	    "is not taken: Postrider keeps no templates. Send subject, html "
	    "and text" },
	{ "topic_id",
	    "is not taken: Postrider keeps no topics. unsubscribe and headers "
	    "tell receivers how to leave a list" },
	{ "react", "is not taken: render it and send it as html" },
};

/* Behind /api; what is below one of them belongs to it. */
static const struct {
	const char *path, *fault;
} paths[] = {
	{ "/api-keys",
	    "API keys are made by the operator: postrider keys add" SEE },
	{ "/audiences", "Postrider keeps no audiences" SEE },
	{ "/automations", "Postrider has no automations" SEE },
	{ "/broadcasts",
	    "Postrider has no broadcasts: POST /api/emails/batch takes 1000 "
	    "mails" SEE },
	{ "/contact-properties", "Postrider keeps no contacts" SEE },
	{ "/contacts", "Postrider keeps no contacts" SEE },
	{ "/domains",
	    "Domains are the operator's: ALLOWED_FROM, DKIM_KEYS, and "
	    "postrider doctor" SEE },
	{ "/emails/metrics", "GET /api/stats and /metrics tell figures" SEE },
	{ "/emails/receiving", "Postrider receives no mail" SEE },
	{ "/inboxes", "Postrider receives no mail" SEE },
	{ "/logs", "GET /api/jobs/history tells what was sent" SEE },
	{ "/oauth", "Postrider has no OAuth grants" SEE },
	{ "/segments", "Postrider keeps no contacts" SEE },
	{ "/templates",
	    "Postrider keeps no templates: send subject, html and text" SEE },
	{ "/topics", "Postrider keeps no topics" SEE },
	{ "/usage", "GET /api/stats tells figures" SEE },
	{ "/webhooks",
	    "Postrider has no webhooks: /ws and /api/events tell what becomes "
	    "of mails" SEE },
};

static const char *
field_fault(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(foreign_fields) / sizeof(foreign_fields[0]); i++)
		if (strlen(foreign_fields[i].name) == len &&
		    memcmp(foreign_fields[i].name, name, len) == 0)
			return foreign_fields[i].fault;
	return NULL;
}

void
foreign_field_tell(struct faults *faults, const char *name, size_t len)
{
	const char *nearest = field_nearest(name, len);
	const char *fault = field_fault(name, len);

	if (len == 0)
		faults_add(faults, "", "has a field without a name");
	else if (fault != NULL)
		faults_add(faults, name, "%s", fault);
	else if (nearest != NULL)
		faults_add(faults, name, "is not a field: did you mean %s?",
		    nearest);
	else
		faults_add(faults, name, "is not a field");
}

const char *
foreign_path_fault(const char *path)
{
	size_t i, len;

	if (strncmp(path, "/api/", 5) != 0)
		return NULL;
	path += 4;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		len = strlen(paths[i].path);
		if (strncmp(path, paths[i].path, len) == 0 &&
		    (path[len] == '\0' || path[len] == '/'))
			return paths[i].fault;
	}
	return NULL;
}
