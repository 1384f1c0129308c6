/* SPDX-License-Identifier: MIT */
#include "websocket.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#include "catch_up.h"
#include "client.h"
#include "events.h"
#include "message.h"
#include "notice.h"
#include "utf8.h"

struct websocket {
	struct client *client;
	bool deflates;
	wslay_event_context_ptr frames;
	const char *bytes; /* of the client, not read yet */
	size_t len;
	enum close_code wrong; /* 0: nothing */
	const char *why;
};

/* Reads no more; the client ends when the frames' reader has returned. */
static void
refuse(struct websocket *ws, enum close_code code, const char *why)
{
	ws->wrong = code;
	ws->why = why;
	wslay_event_shutdown_read(ws->frames);
}

/* -- messages --------------------------------------------------------------- */

static void
subscribe_job(struct client *client, const struct message *message)
{
	struct buffer data = { 0 };

	if (filter_add_job(&client->filter, message->job_id,
		(size_t)client->events->config->max_subscriptions) == 0) {
		notice_subscribed(client, &data);
		client_tell(client, "subscribed", &data);
	} else {
		notice_error("too many jobs: see MAX_SUBSCRIPTIONS", &data);
		client_tell(client, "error", &data);
	}
	buffer_free(&data);
}

static void
subscribe(struct client *client, const struct message *message)
{
	struct buffer data = { 0 };

	client->filter.statuses = message->statuses;
	notice_subscribed(client, &data);
	client_tell(client, "subscribed", &data);
	buffer_free(&data);
}

static void
answer_ping(struct client *client)
{
	struct buffer data = { 0 };

	notice_pong(&data);
	client_tell(client, "pong", &data);
	buffer_free(&data);
}

static void
answer_wrong(struct client *client, const char *why)
{
	struct buffer data = { 0 };

	notice_error(why, &data);
	client_tell(client, "error", &data);
	buffer_free(&data);
}

static void
take_message(struct client *client, const char *text, size_t len)
{
	struct message message;
	const char *why;

	if (message_read(&message, text, len, &why) == -1) {
		answer_wrong(client, why);
		return;
	}
	switch (message.type) {
	case MESSAGE_PING:
		answer_ping(client);
		break;
	case MESSAGE_SUBSCRIBE_JOB:
		subscribe_job(client, &message);
		break;
	case MESSAGE_SUBSCRIBE:
		subscribe(client, &message);
		break;
	case MESSAGE_RESUME:
		catch_up_begin(client, &message.after);
		break;
	case MESSAGE_TYPE__MAX:
		break;
	}
}

static void
take_deflated(struct websocket *ws, const void *bytes, size_t len)
{
	struct events *events = ws->client->events;
	struct buffer text = { 0 };

	switch (permessage_inflate(events->permessage, bytes, len, &text,
	    (size_t)events->config->max_message_kb * 1024)) {
	case PERMESSAGE_TOO_LARGE:
		refuse(ws, CLOSE_TOO_LARGE, "see MAX_MESSAGE_KB");
		break;
	case PERMESSAGE_WRONG:
		refuse(ws, CLOSE_INVALID_DATA, "no DEFLATE");
		break;
	case PERMESSAGE_OK:
		if (utf8_is_valid(text.data, text.len))
			take_message(ws->client, text.data, text.len);
		else
			refuse(ws, CLOSE_INVALID_DATA, "no UTF-8");
		break;
	}
	buffer_free(&text);
}

/* -- frames ----------------------------------------------------------------- */

/* Pings were answered before this; a close was, too. */
static void
on_message(wslay_event_context_ptr frames,
    const struct wslay_event_on_msg_recv_arg *arg, void *user)
{
	struct websocket *ws = user;

	(void)frames;
	if (ws->wrong != 0)
		return;
	switch (arg->opcode) {
	case WSLAY_TEXT_FRAME:
		if (wslay_get_rsv1(arg->rsv))
			take_deflated(ws, arg->msg, arg->msg_length);
		else
			take_message(ws->client,
			    arg->msg_length > 0 ? (const char *)arg->msg : "",
			    arg->msg_length);
		break;
	case WSLAY_BINARY_FRAME:
		refuse(ws, CLOSE_UNSUPPORTED_DATA, "only text");
		break;
	case WSLAY_CONNECTION_CLOSE:
		if (arg->msg_length == 1) /* half a code */
			refuse(ws, CLOSE_PROTOCOL_ERROR, "");
		break;
	default: /* wslay knows no other than ping and pong */
		break;
	}
}

static ssize_t
on_want(wslay_event_context_ptr frames, uint8_t *room, size_t size, int flags,
    void *user)
{
	struct websocket *ws = user;

	(void)flags;
	if (ws->len == 0) {
		wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	if (size > ws->len)
		size = ws->len;
	memcpy(room, ws->bytes, size);
	ws->bytes += size;
	ws->len -= size;
	return (ssize_t)size;
}

/* wslay's own: a pong, or a close. */
static ssize_t
on_answer(wslay_event_context_ptr frames, const uint8_t *bytes, size_t len,
    int flags, void *user)
{
	struct websocket *ws = user;

	(void)frames;
	(void)flags;
	client_send(ws->client, chunk_of(bytes, len));
	return (ssize_t)len;
}

void
websocket_read(struct websocket *ws, const char *bytes, size_t len)
{
	struct client *client = ws->client;

	ws->bytes = bytes;
	ws->len = len;
	/* An error of the frame itself: wslay has no code for it. */
	if (wslay_event_recv(ws->frames) != 0 && ws->wrong == 0)
		refuse(ws, CLOSE_PROTOCOL_ERROR, "");
	if (ws->wrong != 0) {
		client_end(client, ws->wrong, ws->why);
		return;
	}
	/* What is sent goes into memory: it does not fail. */
	(void)wslay_event_send(ws->frames);
	if (wslay_event_get_close_sent(ws->frames))
		client_leave(client);
}

bool
websocket_deflates(const struct websocket *ws)
{
	return ws->deflates;
}

struct websocket *
websocket_new(struct client *client, bool deflates)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = on_want,
		.send_callback = on_answer,
		.on_msg_recv_callback = on_message,
	};
	struct websocket *ws = calloc(1, sizeof(*ws));

	if (ws == NULL ||
	    wslay_event_context_server_init(&ws->frames, &callbacks, ws) != 0)
		abort();
	ws->client = client;
	ws->deflates = deflates;
	if (deflates)
		wslay_event_config_set_allowed_rsv_bits(ws->frames,
		    WSLAY_RSV1_BIT);
	wslay_event_config_set_max_recv_msg_length(ws->frames,
	    (uint64_t)client->events->config->max_message_kb * 1024);
	return ws;
}

void
websocket_free(struct websocket *ws)
{
	if (ws == NULL)
		return;
	wslay_event_context_free(ws->frames);
	free(ws);
}
