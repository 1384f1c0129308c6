/* SPDX-License-Identifier: MIT */
/*
 * Each page begins with the event that the client had last: if the stream no
 * longer has that one, others are gone, too.
 */
#include "catch_up.h"

#include <stdlib.h>

#include "events.h"
#include "notice.h"

#define PAGE 64 /* events */

/* A page on its way: the entries, then a job each. */
struct catch_up {
	struct client *client; /* NULL: it does not wait for it any more */
	struct position last; /* of the page */
	size_t unread; /* jobs that are being read */
};

struct reading {
	struct catch_up *page;
	struct event *event;
};

static void
finish(struct catch_up *page)
{
	struct client *client = page->client;

	if (client != NULL) {
		client->after = page->last;
		client->catch_up = NULL;
		catch_up_go_on(client);
	}
	free(page);
}

void
catch_up_cancel(struct client *client)
{
	if (client->catch_up != NULL)
		client->catch_up->client = NULL;
	client->catch_up = NULL;
}

void
catch_up_fail(struct client *client)
{
	struct buffer data = { 0 };

	catch_up_cancel(client);
	client->knows_after =
	    feed_position(client->events->feed, &client->after);
	client->claims_after = false;
	if (client->progress == PROGRESS_BEHIND)
		client->progress = PROGRESS_LIVE;
	notice_resume_failed(client->events,
	    "the stream no longer has what came after that event", &data);
	client_tell(client, "resume_failed", &data);
	buffer_free(&data);
}

/* -- a page ----------------------------------------------------------------- */

static void
on_job(void *arg, const redisReply *reply)
{
	struct reading *reading = arg;
	struct catch_up *page = reading->page;

	if (reply != NULL && page->client != NULL) {
		event_complete(reading->event, reply);
		client_catch(page->client, reading->event);
	}
	event_free(reading->event);
	free(reading);
	if (--page->unread > 0)
		return;
	if (reply != NULL)
		finish(page);
	else
		free(page); /* the program ends */
}

static void
read_job(struct catch_up *page, struct event *event)
{
	struct reading *reading = malloc(sizeof(*reading));
	struct buffer command = { 0 };

	if (reading == NULL)
		abort();
	reading->page = page;
	reading->event = event;
	page->unread++;
	event_add_command(event, &command);
	store_client_command(page->client->events->reader, on_job, reading,
	    command.data);
	buffer_free(&command);
}

static void
take_entry(struct catch_up *page, const redisReply *entry)
{
	struct event *event = event_new(entry);

	/* What has no position is no stream's entry. */
	(void)event_position(entry, &page->last);
	if (event != NULL &&
	    filter_takes(&page->client->filter, event->job_id, event->status))
		read_job(page, event);
	else
		event_free(event);
}

static bool
is_beginning(struct position position)
{
	return position.ms == 0 && position.n == 0;
}

/* Whether the page begins with what the client had last. */
static bool
is_joined(const struct client *client, const redisReply *reply)
{
	struct position first;

	return reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 &&
	    event_position(reply->element[0], &first) == 0 &&
	    position_compare(first, client->after) == 0;
}

static void
on_page(void *arg, const redisReply *reply)
{
	struct catch_up *page = arg;
	struct client *client = page->client;
	size_t i;

	if (reply == NULL || client == NULL) {
		free(page);
		return;
	}
	if (is_beginning(client->after)) {
		i = 0;
	} else if (is_joined(client, reply)) {
		i = 1;
	} else {
		catch_up_fail(client);
		free(page);
		return;
	}
	page->last = client->after;
	client->claims_after = false;
	for (; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++)
		take_entry(page, reply->element[i]);
	if (page->unread == 0)
		finish(page);
}

static void
ask_page(struct client *client)
{
	struct catch_up *page = calloc(1, sizeof(*page));
	char at[POSITION_SIZE];

	if (page == NULL)
		abort();
	page->client = client;
	client->catch_up = page;
	position_format(at, client->after);
	store_client_command(client->events->reader, on_page, page,
	    "XRANGE job_events %s + COUNT %d", at, PAGE + 1);
}

/* -- the client ------------------------------------------------------------- */

void
catch_up_go_on(struct client *client)
{
	const size_t room =
	    (size_t)client->events->config->client_buffer_kb * 1024 / 2;
	struct position now;

	if (client->progress != PROGRESS_BEHIND || client->catch_up != NULL ||
	    client->state != CLIENT_FOLLOWING || client->out.bytes >= room ||
	    !feed_position(client->events->feed, &now))
		return;
	if (!client->knows_after) {
		client->after = now;
		client->knows_after = true;
	}
	if (!client->claims_after && position_compare(client->after, now) >= 0)
		client->progress = PROGRESS_LIVE;
	else
		ask_page(client);
}

void
catch_up_begin(struct client *client, const struct position *after)
{
	catch_up_cancel(client);
	client->progress = PROGRESS_BEHIND;
	if (after != NULL) {
		client->after = *after;
		client->knows_after = true;
		client->claims_after = !is_beginning(*after);
	}
	catch_up_go_on(client);
}
