/* SPDX-License-Identifier: MIT */
/* One small rule each. */
#include "lint.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "literal.h"

static const char *
find_header(const struct extras *extras, const char *name)
{
	size_t i;

	for (i = 0; i < extras->headers_len; i++)
		if (strcasecmp(extras->headers[i].name, name) == 0)
			return extras->headers[i].value;
	return NULL;
}

/* RFC 2076 3.9: as lists and mailings mark themselves. */
static bool
is_bulk(const struct extras *extras)
{
	const char *precedence = find_header(extras, "Precedence");

	return find_header(extras, "List-Id") != NULL ||
	    (precedence != NULL &&
		(strcasecmp(precedence, "bulk") == 0 ||
		    strcasecmp(precedence, "list") == 0));
}

static void
lint_extras(const struct job *job, struct faults *warnings)
{
	const struct extras *extras = job->extras;

	if (extras->html != NULL && job->body == NULL)
		faults_add(warnings, "text",
		    "is missing: HTML without a text beside it looks like "
		    "junk, and some cannot read it");
	if (extras->html_len > LINT_HTML_KB * 1024)
		faults_add(warnings, "html",
		    "has more than " LITERAL(
			LINT_HTML_KB) " KiB: Gmail shows no more of it");
	if (is_bulk(extras) && extras->unsubscribe == NULL &&
	    find_header(extras, "List-Unsubscribe") == NULL)
		faults_add(warnings, "unsubscribe",
		    "is missing: this is bulk mail by its header, and Gmail "
		    "and Yahoo refuse that without List-Unsubscribe");
}

/* Mail without a From is of the worker's own, which it looks at itself. */
static void
lint_sender(const struct job *job, const struct lint *lint,
    struct faults *warnings)
{
	if (job->from.address == NULL || lint->signing == NULL ||
	    signing_covers(lint->signing, address_domain(job->from.address)))
		return;
	faults_add(warnings, "from",
	    "is of a domain without a DKIM key: Gmail and Yahoo file mail "
	    "that is not signed as junk, or refuse it");
}

void
lint_mail(const struct job *job, const struct lint *lint,
    struct faults *warnings)
{
	lint_sender(job, lint, warnings);
	if (strlen(job->subject) > LINT_SUBJECT_MAX)
		faults_add(warnings, "subject",
		    "has more than " LITERAL(
			LINT_SUBJECT_MAX) " bytes: it is cut off");
	if (job->extras != NULL)
		lint_extras(job, warnings);
}
