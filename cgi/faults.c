/* SPDX-License-Identifier: MIT */
/* Faults are written as JSON the moment they are found. */
#include "faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_SIZE 256
#define FIELD_SIZE 128 /* an unknown one may be as long as the request */

static void
summarize(struct faults *faults, const char *field, const char *message)
{
	const char *whole =
	    faults->whole != NULL ? faults->whole : "The request";

	if (faults->count > FAULTS_SUMMARY)
		return;
	buffer_printf(&faults->summary, "%s%s %s",
	    faults->count > 1 ? "; " : "", field[0] != '\0' ? field : whole,
	    message);
}

void
faults_add(struct faults *faults, const char *field, const char *format, ...)
{
	char message[MESSAGE_SIZE], name[FIELD_SIZE];
	va_list args;

	if (faults->count++ >= FAULTS_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args); /* may cut */
	va_end(args);
	(void)snprintf(name, sizeof(name), "%s%s%s", faults->within,
	    faults->within[0] != '\0' && field[0] != '\0' ? "." : "",
	    field); /* may cut, too */
	summarize(faults, name, message);
	if (faults->count > 1)
		buffer_add_text(&faults->details, ",");
	buffer_add_text(&faults->details, "{\"field\":");
	buffer_add_json_text(&faults->details, name);
	buffer_add_text(&faults->details, ",\"message\":");
	buffer_add_json_text(&faults->details, message);
	buffer_add_text(&faults->details, "}");
}

void
faults_message(const struct faults *faults, struct buffer *out)
{
	buffer_add(out, faults->summary.data, faults->summary.len);
	if (faults->count > FAULTS_SUMMARY)
		buffer_printf(out, "; and %zu more",
		    faults->count - FAULTS_SUMMARY);
}

void
faults_free(struct faults *faults)
{
	buffer_free(&faults->details);
	buffer_free(&faults->summary);
	memset(faults, 0, sizeof(*faults));
}
