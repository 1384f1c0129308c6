/* SPDX-License-Identifier: MIT */
/*
 * fuzz.request: whatever a web server hands over, a request is read or refused
 * by the rules, its faults are JSON, and a job that it makes is one that the
 * worker reads again.
 * Input: REQUEST_METHOD, REQUEST_URI, QUERY_STRING, CONTENT_LENGTH (empty: the
 * true one), separated; the rest is the body.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "fuzz.h"
#include "input.h"
#include "json_scan.h"
#include "page.h"
#include "problem.h"
#include "query.h"
#include "request.h"
#include "route.h"
#include "submission.h"
#include "utf8.h"

#define REQUEST_KB 4 /* MAX_REQUEST_KB: small, so that inputs go beyond */
#define VARIABLES 4

/* -- answers --------------------------------------------------------------- */

static void
check_json(const char *text, size_t len)
{
	struct json_fault fault;
	json_object *value = json_tokener_parse(text);

	CHECK(strlen(text) == len);
	CHECK(json_scan(text, len, &fault) == 0);
	CHECK(json_object_is_type(value, json_type_object));
	json_object_put(value);
}

/* As problem_send_faults() writes it. */
static void
check_faults(struct faults *faults)
{
	const struct problem_extra extra = { .faults = faults };
	struct buffer body = { 0 };

	CHECK(faults->count > 0);
	problem_write(&body, PROBLEM_VALIDATION, faults->summary.data, &extra);
	check_json(body.data, body.len);
	buffer_free(&body);
}

/* -- the query ------------------------------------------------------------- */

static void
check_query(const char *text)
{
	struct query query = { .at = text };
	const char *begin;
	struct faults faults = { 0 };
	struct page page;
	size_t count = 0;

	while (begin = query.at, query_next(&query)) {
		CHECK(query.bad ||
		    memmem(begin, (size_t)(query.at - begin), "%00", 3) ==
			NULL);
		CHECK(query.at <= text + strlen(text));
		CHECK(strlen(query.name) < QUERY_TEXT_SIZE);
		CHECK(strlen(query.value) < QUERY_TEXT_SIZE);
		count++;
	}
	CHECK(count <= strlen(text));
	if (page_read(&page, strlen(text) % 2 == 0 ? PAGE_HISTORY : PAGE_EMAILS,
		text, &faults) == -1) {
		check_faults(&faults);
	} else {
		CHECK(faults.count == 0);
		CHECK(page.limit >= 1 && page.limit <= PAGE_LIMIT_MAX);
		CHECK(page.status <= JOB_STATUS__MAX);
		CHECK(page.from.id[0] == '\0' ||
		    id_is_valid(page.from.id, strlen(page.from.id)));
		CHECK(page.terms_len <= PAGE_TERMS_MAX);
	}
	faults_free(&faults);
}

/* -- the body -------------------------------------------------------------- */

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
check_same(const struct job *a, const struct job *b)
{
	size_t i;

	CHECK(same_text(a->id, b->id));
	CHECK(same_text(a->from.name, b->from.name));
	CHECK(same_text(a->from.address, b->from.address));
	CHECK(a->recipients_len == b->recipients_len);
	for (i = 0; i < a->recipients_len; i++)
		CHECK(same_text(a->recipients[i].address,
		    b->recipients[i].address));
	CHECK(same_text(a->subject, b->subject));
	CHECK(a->body_len == b->body_len);
	CHECK(memcmp(a->body, b->body, a->body_len) == 0);
	CHECK(a->created_at == b->created_at);
}

static void
check_address(const char *address)
{
	CHECK(address_check(address, strlen(address)) == ADDRESS_OK);
}

/* By way of Redis or RabbitMQ. */
static void
check_job(struct job *job)
{
	struct buffer payload = { 0 };
	json_object *value;
	struct job again = { .recipients_len = 0 };
	const char *why = NULL;
	size_t i;

	CHECK(job->recipients_len > 0);
	for (i = 0; i < job->recipients_len; i++)
		check_address(job->recipients[i].address);
	if (job->from.address != NULL)
		check_address(job->from.address);
	CHECK(job->body_len > 0 && strlen(job->body) == job->body_len);
	memcpy(job->id, "0197-x", sizeof("0197-x"));
	job->created_at = INT64_C(1751212337432);
	job_encode(job, &payload);
	check_json(payload.data, payload.len);
	value = json_tokener_parse(payload.data);
	CHECK(job_decode(&again, value, &why) == 0);
	check_same(job, &again);
	json_object_put(value);
	job_clear(&again);
	buffer_free(&payload);
}

static void
check_body(const char *body, size_t len)
{
	struct lint lint = { NULL, { 0 } };
	struct faults faults = { 0 };
	struct job job = { .recipients_len = 0 };

	if (submission_read(&job, body, len, &faults, &lint) == -1) {
		check_faults(&faults);
	} else {
		CHECK(faults.count == 0);
		check_job(&job);
	}
	job_clear(&job);
	faults_free(&faults);
	faults_free(&lint.warnings);
}

/* -- the request ----------------------------------------------------------- */

static void
at_end(struct FCGX_Stream *stream)
{
	stream->isClosed = 1;
}

/* What libfcgi would have of the web server, all in memory. */
struct given {
	struct buffer texts[VARIABLES];
	struct buffer body;
	struct buffer variables[VARIABLES];
	char *envp[VARIABLES + 1];
	FCGX_Stream in;
};

static void
give(struct given *given, struct input *input)
{
	static const char *const names[VARIABLES] = { "REQUEST_METHOD",
		"REQUEST_URI", "QUERY_STRING", "CONTENT_LENGTH" };
	size_t i;

	memset(given, 0, sizeof(*given));
	for (i = 0; i < VARIABLES; i++)
		input_text(input, &given->texts[i]);
	input_rest(input, &given->body);
	if (given->texts[3].len == 0)
		buffer_add_number(&given->texts[3], (int64_t)given->body.len);
	for (i = 0; i < VARIABLES; i++) {
		buffer_printf(&given->variables[i], "%s=%s", names[i],
		    given->texts[i].data);
		given->envp[i] = given->variables[i].data;
	}
	given->in.rdNext = (unsigned char *)given->body.data;
	given->in.stop = given->in.rdNext + given->body.len;
	given->in.stopUnget = given->in.rdNext;
	given->in.wrNext = given->in.stop;
	given->in.isReader = 1;
	given->in.fillBuffProc = at_end;
}

static void
take_back(struct given *given)
{
	size_t i;

	for (i = 0; i < VARIABLES; i++) {
		buffer_free(&given->texts[i]);
		buffer_free(&given->variables[i]);
	}
	buffer_free(&given->body);
}

static void
check_route(const struct request *request)
{
	static const struct route routes[] = {
		{ "POST", "/api/emails", NULL, ACCESS_SEND },
		{ "GET", "/api/emails/{id}", NULL, ACCESS_READ },
		{ "GET", "/health", NULL, ACCESS_OPEN },
	};
	struct route_match match;
	enum route_result result;

	result = route_find(routes, sizeof(routes) / sizeof(*routes),
	    request->method, request->path, &match);
	CHECK(strlen(match.allow) < ROUTE_ALLOW_SIZE);
	CHECK((result == ROUTE_NO_PATH) == (match.route == NULL));
	CHECK(match.id_len <= strlen(request->path));
	CHECK(match.id == NULL || memchr(match.id, '?', match.id_len) == NULL);
}

static void
check_reading(struct request *request, const struct given *given)
{
	switch (request_read_body(request)) {
	case REQUEST_BODY_READ:
		CHECK(request->body_len == given->body.len);
		CHECK(request->body_len <= REQUEST_KB * 1024);
		CHECK(strtoull(given->texts[3].data, NULL, 10) ==
		    request->body_len);
		CHECK(memcmp(request->body, given->body.data,
			  request->body_len) == 0);
		check_body(request->body, request->body_len);
		break;
	case REQUEST_BODY_NO_LENGTH:
		CHECK(strspn(given->texts[3].data, "0123456789") !=
		    given->texts[3].len);
		break;
	case REQUEST_BODY_BAD_LENGTH:
		CHECK(strtoull(given->texts[3].data, NULL, 10) !=
		    given->body.len);
		break;
	case REQUEST_BODY_TOO_LARGE:
		CHECK(strtoull(given->texts[3].data, NULL, 10) >
		    REQUEST_KB * 1024);
		break;
	case REQUEST_BODY_CUT: /* there is no socket to fail */
	case REQUEST_BODY_NO_ROOM:
		CHECK(false);
	}
	request_drop_body(request);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct config config = { .max_requests = 1,
		.max_request_kb = REQUEST_KB,
		.inflight_mb = 1,
		.accept_timeout = 2000 };
	struct api api = { .config = &config };
	struct input input = { data, size };
	struct request *request;
	struct given given;

	give(&given, &input);
	api.pool = pool_new(&api, -1);
	CHECK(api.pool != NULL);
	request = pool_take(api.pool);
	request->fcgi.ipcFd = -1;
	request->fcgi.envp = given.envp;
	request->fcgi.in = &given.in;
	request_begin(request);
	CHECK(strchr(request->path, '?') == NULL);
	check_route(request);
	check_query(request->query);
	check_reading(request, &given);
	pool_give(api.pool, request);
	CHECK(pool_is_idle(api.pool));
	pool_free(api.pool);
	take_back(&given);
	return 0;
}
