/* SPDX-License-Identifier: MIT */
/* https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server */
#include "request_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail_trace.h"
#include "otlp.h"
#include "request.h"
#include "response.h"

/* Where there is no route, the method is all that names a span. */
static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH",
	"DELETE", "OPTIONS", NULL };

#define METHODS_LEN (sizeof(methods) / sizeof(methods[0]))

static struct {
	const struct route *table;
	size_t table_len;
	struct span_form *routes; /* of each two: as it stands, and by HEAD */
	struct span_form unknown[METHODS_LEN];
} forms;

/* -- made once ------------------------------------------------------------- */

static void
begin_form(struct span_form *form, const char *method, const char *pattern)
{
	struct buffer name = { 0 };

	buffer_add_text(&name, method != NULL ? method : "HTTP");
	if (pattern != NULL) {
		buffer_add_text(&name, " ");
		buffer_add_text(&name, pattern);
	}
	span_form_begin(form, name.data, SPAN_SERVER, "http.request.method",
	    method != NULL ? method : "_OTHER");
	span_form_text(form, "url.scheme", "http");
	if (pattern != NULL)
		span_form_text(form, "http.route", pattern);
	/* Else it is told with each. */
	if (pattern != NULL && strchr(pattern, '{') == NULL)
		span_form_text(form, "url.path", pattern);
	buffer_free(&name);
}

void
request_trace_open(const struct route *table, size_t table_len)
{
	size_t i;

	if (!otlp_is_on())
		return;
	forms.table = table;
	forms.table_len = table_len;
	forms.routes = calloc(2 * table_len, sizeof(*forms.routes));
	if (forms.routes == NULL)
		abort();
	for (i = 0; i < table_len; i++) {
		begin_form(&forms.routes[2 * i], table[i].method,
		    table[i].pattern);
		begin_form(&forms.routes[2 * i + 1], "HEAD", table[i].pattern);
	}
	for (i = 0; i < METHODS_LEN; i++)
		begin_form(&forms.unknown[i], methods[i], NULL);
}

void
request_trace_close(void)
{
	size_t i;

	for (i = 0; i < 2 * forms.table_len; i++)
		span_form_free(&forms.routes[i]);
	for (i = 0; i < METHODS_LEN; i++)
		span_form_free(&forms.unknown[i]);
	free(forms.routes);
	memset(&forms, 0, sizeof(forms));
}

/* -- a request's ----------------------------------------------------------- */

/* Its client's trace, as far as it is one. */
static void
read_context(struct request *request)
{
	const char *state = NULL;

	traceparent_read(request->traceparent,
	    request_header(request, "HTTP_TRACEPARENT"));
	if (request->traceparent[0] != '\0')
		state = request_header(request, "HTTP_TRACESTATE");
	request->tracestate =
	    state != NULL && tracestate_is_valid(state) ? state : NULL;
}

static const struct span_form *
form_of(const struct request *request)
{
	const struct route *route = request->match.route;
	size_t i = 0;

	if (request->found == ROUTE_FOUND)
		return &forms.routes[2 * (size_t)(route - forms.table) +
		    (strcmp(request->method, route->method) != 0)];
	while (methods[i] != NULL && strcmp(methods[i], request->method) != 0)
		i++;
	return &forms.unknown[i];
}

void
request_trace_begin(struct request *request)
{
	request->span = NULL;
	if (!otlp_is_on())
		return;
	read_context(request);
	request->span = span_begin(form_of(request), request->traceparent,
	    request->tracestate);
	if (request->found != ROUTE_FOUND || request->match.id_len > 0)
		span_text(request->span, "url.path", request->path);
}

void
request_trace_end(struct request *request, int status)
{
	const char *reason = status >= 500 ? response_reason(status) : NULL;
	char error[12];

	if (request->span == NULL)
		return;
	span_number(request->span, "http.response.status_code", status);
	if (reason != NULL)
		(void)snprintf(error, sizeof(error), "%d", status);
	span_end(&request->span, reason != NULL ? error : NULL, reason);
}

void
request_trace_mail(struct request *request, struct job *job,
    struct commit_mail *mail)
{
	if (!otlp_is_on())
		read_context(request);
	memcpy(job->traceparent, request->traceparent,
	    sizeof(job->traceparent));
	if (request->tracestate != NULL)
		job->tracestate = strdup(request->tracestate);
	mail->sending = mail_trace_send(request->span, job);
	span_text(mail->sending, "messaging.message.id", mail->id);
}
