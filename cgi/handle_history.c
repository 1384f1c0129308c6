/* SPDX-License-Identifier: MIT */
/* GET /api/jobs/history: one page, newest first. */
#include "api.h"
#include "handle.h"
#include "job_view.h"
#include "log.h"
#include "page.h"
#include "problem.h"
#include "read.h"
#include "request.h"
#include "response.h"

/* A page that is not full is the last one. */
static void
write_next(struct buffer *out, const redisReply *reply, size_t limit)
{
	char text[CURSOR_SIZE];
	struct cursor cursor;
	struct snapshot job = { 0 };

	if (reply->elements - 1 < limit ||
	    snapshot_read(&job, reply->element[reply->elements - 1]) == -1) {
		snapshot_free(&job);
		buffer_add_text(out, "null");
		return;
	}
	job_view_cursor(&cursor, &job);
	snapshot_free(&job);
	cursor_encode(&cursor, text);
	buffer_printf(out, "\"%s\"", text);
}

/* `reply` is {total, job...}. */
static void
answer_page(struct request *request, const redisReply *reply)
{
	struct response response = { .status = 200 };
	struct buffer *body = &response.body;
	struct snapshot job;
	size_t i;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
		log_error("a history page is not in its shape", NULL);
		problem_send(request, PROBLEM_INTERNAL,
		    "The page cannot be shown; the log tells why", NULL);
		return;
	}
	buffer_printf(body, "{\"total\":%lld,\"jobs\":[",
	    reply->element[0]->integer);
	for (i = 1; i < reply->elements; i++) {
		if (i > 1)
			buffer_add_text(body, ",");
		if (snapshot_read(&job, reply->element[i]) == 0)
			job_view_write(body, &job);
		else
			buffer_add_text(body, "null"); /* never seen */
		snapshot_free(&job);
	}
	buffer_add_text(body, "],\"next_cursor\":");
	write_next(body, reply, request->limit);
	buffer_add_text(body, "}");
	response_send(request, &response);
}

void
handle_history(struct request *request)
{
	struct faults faults = { 0 };
	struct store_call script;
	struct page page;

	if (page_read(&page, request->query, &faults) == -1) {
		problem_send_faults(request, &faults);
		return;
	}
	request->limit = page.limit;
	store_call_begin(&script, STORE_HISTORY);
	store_call_text(&script,
	    page.status == JOB_STATUS__MAX ? "" :
					     job_status_names[page.status]);
	store_call_text(&script, page.after.id);
	store_call_number(&script, page.after.created_at);
	store_call_number(&script, (int64_t)page.limit);
	read_send(request, &script, answer_page);
}
