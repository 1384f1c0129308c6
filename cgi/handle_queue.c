/* SPDX-License-Identifier: MIT */
/*
 * GET /api/queue, POST /api/queue/pause, POST /api/queue/resume: the operator
 * holds all mail back, or that for a recipient's domain. Accepting goes on.
 */
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "handle.h"
#include "json_body.h"
#include "json_scan.h"
#include "json_value.h"
#include "log.h"
#include "problem.h"
#include "read.h"
#include "request.h"
#include "response.h"
#include "timestamp.h"

#define ALL "*" /* the name of the pause of all mail */
#define ROW 3 /* name, since, how many mails wait for its end */

/* -- the answer ------------------------------------------------------------ */

static void
add_domain(struct buffer *out, redisReply *const *row)
{
	char since[TIMESTAMP_SIZE];

	timestamp_format(since, row[1]->integer);
	buffer_add_text(out, "{\"domain\":");
	buffer_add_json_text(out, row[0]->str);
	buffer_printf(out, ",\"paused_since\":\"%s\",\"waiting\":%lld}", since,
	    (long long)row[2]->integer);
}

static void
told_by_redis(struct request *request, const redisReply *reply)
{
	struct response response = { .status = 200 };
	struct buffer domains = { 0 };
	char since[TIMESTAMP_SIZE] = "";
	redisReply *const *row;
	size_t i;

	for (i = 1; i + ROW <= reply->elements; i += ROW) {
		row = &reply->element[i];
		if (strcmp(row[0]->str, ALL) == 0) {
			timestamp_format(since, row[1]->integer);
			continue;
		}
		if (domains.len > 0)
			buffer_add_text(&domains, ",");
		add_domain(&domains, row);
	}
	buffer_printf(&response.body, "{\"paused\":%s,\"paused_since\":",
	    since[0] != '\0' ? "true" : "false");
	buffer_add_json_text(&response.body, since[0] != '\0' ? since : NULL);
	buffer_add_text(&response.body, ",\"domains\":[");
	buffer_add(&response.body, domains.data, domains.len);
	buffer_add_text(&response.body, "]}");
	buffer_free(&domains);
	response_send(request, &response);
}

static void
ask(struct request *request, const char *what, const char *name)
{
	struct store_call script;

	if (strcmp(what, "show") != 0)
		log_info("the operator pauses or resumes sending", "what", what,
		    "domain", strcmp(name, ALL) == 0 ? NULL : name, NULL);
	store_call_begin(&script, STORE_QUEUE);
	store_call_text(&script, what);
	store_call_text(&script, name);
	read_send(request, &script, told_by_redis);
}

/* -- the request ----------------------------------------------------------- */

static void
read_domain(char name[DOMAIN_MAX + 1], const struct json_value *value,
    struct faults *faults)
{
	struct buffer text = { 0 };
	enum address_fault fault;

	if (value->kind != JSON_STRING) {
		faults_add(faults, "domain", "must be a string, not %s",
		    json_kind_names[value->kind]);
		return;
	}
	buffer_reserve(&text, 1); /* also what is empty is a string */
	json_value_decode(value, &text);
	fault = domain_normalize(text.data, text.len, name);
	if (fault != ADDRESS_OK)
		faults_add(faults, "domain", "%s", address_fault_texts[fault]);
	buffer_free(&text);
}

/* {} or nothing: all mail. */
static void
read_name(char name[DOMAIN_MAX + 1], const struct request *request,
    struct faults *faults)
{
	struct json_fault fault;
	struct json_value root, key, value;
	struct json_walk walk;

	snprintf(name, DOMAIN_MAX + 1, ALL);
	if (request->body_len == 0)
		return;
	if (json_scan(request->body, request->body_len, &fault) == -1) {
		faults_add(faults, "", "is not valid JSON: %s at byte %zu",
		    fault.what, fault.at);
		return;
	}
	root = json_value_of(request->body, request->body_len);
	if (root.kind != JSON_OBJECT) {
		faults_add(faults, "", "must be a JSON object, not %s",
		    json_kind_names[root.kind]);
		return;
	}
	walk = json_walk_begin(&root);
	while (json_walk_next(&walk, &key, &value)) {
		if (key.len == strlen("\"domain\"") &&
		    memcmp(key.text, "\"domain\"", key.len) == 0)
			read_domain(name, &value, faults);
		else
			faults_add(faults, "",
			    "has a field that is not domain");
	}
}

static void
change(struct request *request, const char *what)
{
	struct faults faults = { 0 };
	char name[DOMAIN_MAX + 1];

	if (!json_body_take(request))
		return;
	read_name(name, request, &faults);
	if (faults.count > 0)
		problem_send_faults(request, &faults);
	else
		ask(request, what, name);
}

void
handle_queue_show(struct request *request)
{
	ask(request, "show", ALL);
}

void
handle_queue_pause(struct request *request)
{
	change(request, "pause");
}

void
handle_queue_resume(struct request *request)
{
	change(request, "resume");
}
