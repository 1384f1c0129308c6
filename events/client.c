/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <stdlib.h>
#include <string.h>

#include "catch_up.h"
#include "events.h"
#include "log.h"
#include "notice.h"
#include "request.h"
#include "websocket.h"

static const char *const state_names[CLIENT_STATE__MAX] = {
	[CLIENT_ASKING] = "asking",
	[CLIENT_FOLLOWING] = "following",
	[CLIENT_LEAVING] = "leaving",
	[CLIENT_CLOSED] = "closed",
};

static size_t *
count_of(struct client *client)
{
	struct clients *clients = &client->events->clients;

	return client->websocket != NULL ? &clients->websockets :
					   &clients->streams;
}

/* The one place where a client's state changes. */
static void
set_state(struct client *client, enum client_state state)
{
	log_debug("client", "was", state_names[client->state], "is",
	    state_names[state], NULL);
	if (client->state == CLIENT_FOLLOWING)
		--*count_of(client);
	client->state = state;
	if (state == CLIENT_FOLLOWING)
		++*count_of(client);
}

/* -- the end ---------------------------------------------------------------- */

static void
on_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;

	if (--client->handles > 0)
		return;
	websocket_free(client->websocket);
	filter_free(&client->filter);
	outgoing_free(&client->out);
	buffer_free(&client->head);
	free(client);
}

void
client_close(struct client *client)
{
	if (client->state == CLIENT_CLOSED)
		return;
	set_state(client, CLIENT_CLOSED);
	catch_up_cancel(client);
	admission_end(client);
	clients_remove(client);
	uv_close(&client->handle, on_closed);
	uv_close((uv_handle_t *)&client->patience, on_closed);
}

static void
on_patience_over(uv_timer_t *timer)
{
	client_close(timer->data);
}

void
client_wait(struct client *client, int64_t ms, uv_timer_cb over)
{
	/* A timer's start on an open handle cannot fail. */
	(void)uv_timer_start(&client->patience, over, (uint64_t)ms, 0);
}

/*
 * Our half of the connection ends behind the last byte; then it is the
 * client's turn. What it still sends is read, and ignored: closing a socket
 * with unread bytes would take the last of ours from it.
 */
static void
say_goodbye(struct client *client)
{
	if (uv_shutdown(&client->shutdown, &client->stream, NULL) != 0)
		client_close(client);
}

void
client_leave(struct client *client)
{
	if (client->state >= CLIENT_LEAVING)
		return;
	set_state(client, CLIENT_LEAVING);
	catch_up_cancel(client);
	client_wait(client, client->events->config->close_timeout,
	    on_patience_over);
	if (client->out.count == 0)
		say_goodbye(client);
}

void
client_end(struct client *client, enum close_code code, const char *why)
{
	if (client->state == CLIENT_ASKING) {
		client_close(client);
		return;
	}
	if (client->state != CLIENT_FOLLOWING)
		return;
	if (client->websocket != NULL) {
		outgoing_add(&client->out, frame_close(code, why));
		clients_note_unsent(client);
	}
	client_leave(client);
}

static void
on_failed(struct outgoing *out)
{
	client_close(out->stream->data);
}

static void
on_drained(struct outgoing *out)
{
	struct client *client = out->stream->data;

	client->granted = 0;
	if (client->state == CLIENT_LEAVING)
		say_goodbye(client);
	else
		catch_up_go_on(client);
}

/* -- what it is sent -------------------------------------------------------- */

static void
add(struct client *client, struct chunk *chunk)
{
	outgoing_add(&client->out, chunk);
	clients_note_unsent(client);
}

void
client_send(struct client *client, struct chunk *chunk)
{
	const size_t most = client->granted +
	    (size_t)client->events->config->client_buffer_kb * 1024;

	if (client->state >= CLIENT_LEAVING) {
		chunk_drop(chunk);
	} else if (client->out.bytes > 0 &&
	    client->out.bytes + chunk->len > most) {
		chunk_drop(chunk);
		outgoing_forget(&client->out);
		client->events->clients.cut++;
		client_end(client, CLOSE_POLICY, "too slow");
	} else {
		add(client, chunk);
	}
}

static enum form
form_of(const struct client *client)
{
	if (client->websocket == NULL)
		return FORM_SSE;
	return websocket_deflates(client->websocket) ? FORM_DEFLATED :
						       FORM_FRAME;
}

void
client_tell(struct client *client, const char *type, const struct buffer *data)
{
	const struct form_parts parts = {
		.type = type,
		.data = data->data,
		.len = data->len,
	};

	client_send(client,
	    form_new(form_of(client), &parts, client->events->permessage));
}

void
client_catch(struct client *client, struct event *event)
{
	struct chunk *chunk =
	    event_form(event, form_of(client), client->events->permessage);

	client->events->clients.told++;
	if (client->progress != PROGRESS_BEHIND) {
		client_send(client, chunk_hold(chunk));
		return;
	}
	client->granted += chunk->len; /* a page at a time */
	add(client, chunk_hold(chunk));
}

void
client_offer(struct client *client, struct event *event)
{
	if (client->state == CLIENT_FOLLOWING &&
	    client->progress == PROGRESS_LIVE &&
	    position_compare(event->at, client->after) > 0 &&
	    filter_takes(&client->filter, event->job_id, event->status))
		client_catch(client, event);
}

void
client_ping(struct client *client)
{
	static const char comment[] = ":\n\n";

	if (client->state != CLIENT_FOLLOWING)
		return;
	if (client->websocket == NULL) {
		client_send(client, chunk_of(comment, sizeof(comment) - 1));
	} else if (client->is_pinged) {
		client_close(client); /* silent since the last one */
	} else {
		client->is_pinged = true;
		client_send(client, frame_new(FRAME_PING, false, NULL, 0));
	}
}

/* -- what it sends ---------------------------------------------------------- */

/* One for all: what is read is dealt with before the next is. */
static void
on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	static char bytes[16 * 1024];

	(void)handle;
	(void)suggested;
	*buffer = uv_buf_init(bytes, sizeof(bytes));
}

static void
on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer)
{
	struct client *client = stream->data;

	if (len == 0)
		return;
	if (len < 0) {
		client_close(client);
		return;
	}
	switch (client->state) {
	case CLIENT_ASKING:
		buffer_add(&client->head, buffer->base, (size_t)len);
		request_read(client);
		break;
	case CLIENT_FOLLOWING:
		client->is_pinged = false;
		if (client->websocket != NULL)
			websocket_read(client->websocket, buffer->base,
			    (size_t)len);
		break;
	case CLIENT_LEAVING:
	case CLIENT_CLOSED:
	case CLIENT_STATE__MAX:
		break;
	}
}

/* -- the beginning ---------------------------------------------------------- */

static void
on_hold_over(uv_timer_t *timer)
{
	struct client *client = timer->data;

	if (client->progress == PROGRESS_HELD)
		catch_up_begin(client, NULL);
}

void
client_follow(struct client *client)
{
	struct events *events = client->events;
	struct buffer data = { 0 };

	(void)uv_timer_stop(&client->patience); /* it does not fail */
	buffer_free(&client->head);
	set_state(client, CLIENT_FOLLOWING);
	notice_status(events, &data);
	client_tell(client, "connection_status", &data);
	buffer_free(&data);
	if (client->claims_after) {
		catch_up_begin(client, &client->after);
		return;
	}
	client->knows_after = feed_position(events->feed, &client->after);
	if (client->websocket == NULL) {
		catch_up_begin(client, NULL);
		return;
	}
	client->progress = PROGRESS_HELD;
	client_wait(client, events->config->resume_wait, on_hold_over);
}

static struct client *
client_new(struct events *events, uv_handle_type type)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		abort();
	client->events = events;
	/* None of these fails: they allocate nothing. */
	if (type == UV_NAMED_PIPE)
		(void)uv_pipe_init(events->loop, &client->pipe, 0);
	else
		(void)uv_tcp_init(events->loop, &client->tcp);
	(void)uv_timer_init(events->loop, &client->patience);
	client->handles = 2;
	client->handle.data = client->patience.data = client;
	client->out.stream = &client->stream;
	client->out.drained = on_drained;
	client->out.failed = on_failed;
	clients_add(client);
	return client;
}

void
client_pause(struct client *client)
{
	(void)uv_read_stop(&client->stream); /* it does not fail */
}

void
client_listen(struct client *client)
{
	if (uv_read_start(&client->stream, on_room, on_read) != 0)
		client_close(client);
}

void
client_accept(struct events *events, uv_stream_t *listening)
{
	struct client *client = client_new(events, listening->type);

	if (uv_accept(listening, &client->stream) != 0 ||
	    uv_read_start(&client->stream, on_room, on_read) != 0) {
		client_close(client);
		return;
	}
	if (listening->type == UV_TCP)
		(void)uv_tcp_nodelay(&client->tcp, 1); /* slower without */
	client_wait(client, events->config->handshake_timeout,
	    on_patience_over);
	if (events->clients.count > (size_t)events->config->max_clients)
		request_refuse(client);
}
