/* SPDX-License-Identifier: MIT */
#include "clients.h"

#include "catch_up.h"
#include "client.h"
#include "events.h"
#include "notice.h"

/* It leaves the list then. */
void
clients_each(struct events *events, void (*deal)(struct client *, void *arg),
    void *arg)
{
	struct client *client, *next;

	for (client = events->clients.first; client != NULL; client = next) {
		next = client->next;
		deal(client, arg);
	}
}

void
clients_add(struct client *client)
{
	struct clients *clients = &client->events->clients;

	client->next = clients->first;
	client->link = &clients->first;
	if (clients->first != NULL)
		clients->first->link = &client->next;
	clients->first = client;
	clients->count++;
	clients->accepted++;
}

static void
forget_unsent(struct client *client)
{
	struct client **at = &client->events->clients.unsent;

	if (!client->is_unsent)
		return;
	while (*at != client)
		at = &(*at)->next_unsent;
	*at = client->next_unsent;
	client->is_unsent = false;
}

void
clients_remove(struct client *client)
{
	struct clients *clients = &client->events->clients;

	forget_unsent(client);
	*client->link = client->next;
	if (client->next != NULL)
		client->next->link = client->link;
	if (--clients->count == 0 && clients->gone != NULL)
		clients->gone(clients->arg);
}

/* -- writing ---------------------------------------------------------------- */

void
clients_note_unsent(struct client *client)
{
	struct clients *clients = &client->events->clients;

	if (client->is_unsent)
		return;
	client->is_unsent = true;
	client->next_unsent = clients->unsent;
	clients->unsent = client;
}

static void
on_turn(uv_prepare_t *turn)
{
	struct events *events = turn->data;
	struct client *client;

	while ((client = events->clients.unsent) != NULL) {
		events->clients.unsent = client->next_unsent;
		client->is_unsent = false;
		outgoing_flush(&client->out);
	}
}

static void
ping(struct client *client, void *arg)
{
	(void)arg;
	client_ping(client);
}

/* One moment for all: each hears of us every PING_INTERVAL. */
static void
on_ping(uv_timer_t *timer)
{
	clients_each(timer->data, ping, NULL);
}

/* -- telling ---------------------------------------------------------------- */

bool
clients_follow(const struct clients *clients)
{
	return clients->websockets + clients->streams > 0;
}

static void
offer(struct client *client, void *event)
{
	client_offer(client, event);
}

void
clients_offer(struct events *events, struct event *event)
{
	clients_each(events, offer, event);
}

static void
begin(struct client *client, void *arg)
{
	(void)arg;
	catch_up_go_on(client);
}

void
clients_begin(struct events *events)
{
	clients_each(events, begin, NULL);
}

static void
tell_status(struct client *client, void *data)
{
	if (client->state == CLIENT_FOLLOWING)
		client_tell(client, "connection_status", data);
}

void
clients_tell_status(struct events *events)
{
	struct buffer data = { 0 };

	notice_status(events, &data);
	clients_each(events, tell_status, &data);
	buffer_free(&data);
}

static void
tell_broken(struct client *client, void *arg)
{
	(void)arg;
	if (client->state == CLIENT_FOLLOWING)
		catch_up_fail(client);
}

void
clients_tell_broken(struct events *events)
{
	clients_each(events, tell_broken, NULL);
}

/* -- all of them ------------------------------------------------------------ */

void
clients_open(struct events *events)
{
	struct clients *clients = &events->clients;
	const uint64_t interval = (uint64_t)events->config->ping_interval;

	clients->turn.data = clients->pinger.data = events;
	/* None of these fails on a fresh handle. */
	(void)uv_prepare_init(events->loop, &clients->turn);
	(void)uv_prepare_start(&clients->turn, on_turn);
	(void)uv_timer_init(events->loop, &clients->pinger);
	(void)uv_timer_start(&clients->pinger, on_ping, interval, interval);
}

static void
send_away(struct client *client, void *arg)
{
	(void)arg;
	client_end(client, CLOSE_GOING_AWAY, "the server stops");
}

void
clients_stop(struct events *events, void (*gone)(void *arg), void *arg)
{
	events->clients.gone = gone;
	events->clients.arg = arg;
	if (events->clients.count == 0)
		gone(arg);
	else
		clients_each(events, send_away, NULL);
}

static void
close_at_once(struct client *client, void *arg)
{
	(void)arg;
	client_close(client);
}

void
clients_close(struct events *events)
{
	events->clients.gone = NULL;
	clients_each(events, close_at_once, NULL);
	uv_close((uv_handle_t *)&events->clients.turn, NULL);
	uv_close((uv_handle_t *)&events->clients.pinger, NULL);
}
