/* SPDX-License-Identifier: MIT */
/* GET, POST and DELETE /api/suppressions: who is not sent to. */
#include <string.h>

#include "api.h"
#include "gate.h"
#include "handle.h"
#include "json_body.h"
#include "log.h"
#include "problem.h"
#include "read.h"
#include "request.h"
#include "response.h"
#include "suppression.h"

#define LOOK_MAX 5000 /* entries that a search looks at: some 15 ms of Redis */

/* JSON as the scripts give it. */
static void
add_entries(struct buffer *out, const redisReply *reply, size_t first)
{
	size_t i;

	buffer_add_text(out, "{\"object\":\"list\",\"data\":[");
	for (i = first; i < reply->elements; i++) {
		if (i > first)
			buffer_add_text(out, ",");
		buffer_add_utf8(out, reply->element[i]->str,
		    (size_t)reply->element[i]->len);
	}
	buffer_add_text(out, "]");
}

/* -- the list --------------------------------------------------------------- */

static void
answer_page(struct request *request, const redisReply *reply)
{
	struct response response = { .status = 200 };
	struct buffer *body = &response.body;
	const long long next = reply->element[1]->integer;

	add_entries(body, reply, 2);
	buffer_printf(body, ",\"total\":%lld,\"has_more\":%s,\"next_cursor\":",
	    (long long)reply->element[0]->integer, next > 0 ? "true" : "false");
	if (next > 0)
		buffer_printf(body, "\"%lld\"}", next);
	else
		buffer_add_text(body, "null}");
	response_send(request, &response);
}

void
handle_suppression_list(struct request *request)
{
	struct faults faults = { 0 };
	struct suppression asked;
	struct store_call script;

	if (suppression_read_query(&asked, request->query, false, &faults) ==
	    -1) {
		problem_send_faults(request, &faults);
		return;
	}
	store_call_begin(&script, STORE_SUPPRESSIONS);
	store_call_number(&script, asked.removed);
	store_call_text(&script, asked.address);
	store_call_text(&script, asked.domain);
	store_call_text(&script, asked.list);
	store_call_text(&script, asked.reason);
	store_call_number(&script, asked.behind);
	store_call_number(&script, (int64_t)asked.limit);
	store_call_number(&script, LOOK_MAX);
	read_send(request, &script, answer_page);
}

/* -- one is added ------------------------------------------------------------ */

static void
answer_added(struct request *request, const redisReply *reply)
{
	const bool added = strcmp(reply->element[0]->str, "added") == 0;
	struct response response = { .status = added ? 201 : 200 };

	buffer_add_utf8(&response.body, reply->element[1]->str,
	    (size_t)reply->element[1]->len);
	response_send(request, &response);
}

void
handle_suppression_add(struct request *request)
{
	struct faults faults = { 0 };
	struct suppression wanted;
	struct store_call script;

	if (!json_body_take(request))
		return;
	if (suppression_read(&wanted, request->body, request->body_len,
		&faults) == -1) {
		problem_send_faults(request, &faults);
		return;
	}
	store_call_begin(&script, STORE_SUPPRESS);
	store_call_text(&script, wanted.address);
	store_call_text(&script, wanted.list);
	store_call_text(&script, wanted.reason);
	store_call_text(&script, wanted.reply);
	store_call_text(&script, wanted.job_id);
	store_call_number(&script, wanted.occurred_at);
	store_call_number(&script, wanted.expires_at);
	store_call_text(&script, gate_key_id(request));
	store_call_number(&script, request->api->config->failed_ttl);
	read_send(request, &script, answer_added);
}

/* -- some are taken back ------------------------------------------------------ */

static void
answer_removed(struct request *request, const redisReply *reply)
{
	struct response response = { .status = 200 };

	if (reply->elements == 0) {
		problem_send(request, PROBLEM_NOT_FOUND,
		    "This address is not suppressed (any more), or not for "
		    "that",
		    NULL);
		return;
	}
	add_entries(&response.body, reply, 0);
	buffer_add_text(&response.body, "}");
	response_send(request, &response);
}

void
handle_suppression_remove(struct request *request)
{
	struct faults faults = { 0 };
	struct suppression asked;
	struct store_call script;

	if (suppression_read_query(&asked, request->query, true, &faults) ==
	    -1) {
		problem_send_faults(request, &faults);
		return;
	}
	log_info("a suppression is taken back", "address", asked.address, "by",
	    gate_key_id(request), NULL);
	store_call_begin(&script, STORE_UNSUPPRESS);
	store_call_text(&script, asked.address);
	store_call_text(&script, asked.list);
	store_call_text(&script, asked.reason);
	store_call_text(&script, gate_key_id(request));
	read_send(request, &script, answer_removed);
}
