/* SPDX-License-Identifier: MIT */
/* GET /api/jobs/history, GET /api/emails: lists of jobs, a page at a time. */
#include "api.h"
#include "handle.h"
#include "listing.h"
#include "log.h"
#include "problem.h"
#include "read.h"
#include "request.h"
#include "response.h"

static void
answer(struct request *request)
{
	struct response response = { .status = 200 };

	listing_write(request->listing, &response.body);
	response_send(request, &response);
}

static void
answer_no_place(struct request *request)
{
	struct faults faults = { 0 };

	faults_add(&faults,
	    request->listing->page.from.newer ? "before" : "after",
	    "is not the id of a mail");
	problem_send_faults(request, &faults);
}

/* What Redis has, where that is of use. */
static void
answer_without_record(struct request *request)
{
	struct listing *listing = request->listing;

	if (listing->page.filter != NULL ||
	    listing->page.from.created_at == -1) {
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "The record (DATABASE_URL) is away, or was not fast "
		    "enough: ask for less of it",
		    NULL);
		return;
	}
	listing->record.len = 0;
	listing->incomplete = listing->total_is_estimate = true;
	answer(request);
}

static void ask_redis(struct request *request);

static void
read_record(struct record_read *read, struct record *record)
{
	struct request *request =
	    (void *)((char *)read - offsetof(struct request, read));
	struct listing *listing = request->listing;
	int found;

	if (record == NULL) {
		answer_without_record(request);
	} else if (listing->page.from.created_at == -1) {
		found = listing_find_place(listing, record);
		if (found == 0)
			ask_redis(request);
		else if (found == 1)
			answer_no_place(request);
		else
			answer_without_record(request);
	} else if (listing_read_record(listing, record) == 0) {
		answer(request);
	} else {
		answer_without_record(request);
	}
}

static void
ask_record(struct request *request)
{
	request->read.run = read_record;
	record_reader_send(request->api->record, &request->read);
}

static void
told_by_redis(struct request *request, const redisReply *reply)
{
	struct listing *listing = request->listing;
	const bool has_record = request->api->record != NULL;

	switch (listing_read_redis(listing, reply)) {
	case LISTING_READ:
		if (has_record && listing_wants_record(listing))
			ask_record(request);
		else
			answer(request);
		break;
	case LISTING_NO_PLACE:
		if (has_record)
			ask_record(request);
		else
			answer_no_place(request);
		break;
	case LISTING_BAD:
		log_error("a history page is not in its shape", NULL);
		problem_send(request, PROBLEM_INTERNAL,
		    "The page cannot be shown; the log tells why", NULL);
		break;
	}
}

static void
ask_redis(struct request *request)
{
	struct store_call script;

	listing_ask_redis(request->listing, &script);
	read_send(request, &script, told_by_redis);
}

static void
handle_list(struct request *request, enum page_list list)
{
	struct faults faults = { 0 };
	struct page page;

	if (page_read(&page, list, request->query, &faults) == 0 &&
	    page.filter != NULL && request->api->record == NULL)
		faults_add(&faults, page.filter, "needs DATABASE_URL");
	if (faults.count > 0) {
		problem_send_faults(request, &faults);
		return;
	}
	request->listing = listing_new(&page);
	ask_redis(request);
}

void
handle_history(struct request *request)
{
	handle_list(request, PAGE_HISTORY);
}

void
handle_email_list(struct request *request)
{
	handle_list(request, PAGE_EMAILS);
}
