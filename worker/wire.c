/* SPDX-License-Identifier: MIT */
/* A connected libcurl handle under the loop: see wire.h for the send rule. */
#include "wire.h"

#include <string.h>

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct wire *wire = poll->data;

	/* What is wrong with the socket, the next recv tells. */
	if (status < 0)
		events = UV_READABLE;
	wire->on_event(wire, events);
}

static void
watch(struct wire *wire)
{
	const int events = UV_READABLE | (wire->blocked ? UV_WRITABLE : 0);

	/* Fails only for a closed handle. */
	(void)uv_poll_start(&wire->poll, events, on_poll);
}

int
wire_open(struct wire *wire, uv_loop_t *loop, CURL *curl, bool tls,
    wire_event_cb *on_event)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	memset(wire, 0, offsetof(struct wire, out));
	wire->curl = curl;
	wire->tls = tls;
	wire->on_event = on_event;
	if (curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK ||
	    fd == CURL_SOCKET_BAD ||
	    uv_poll_init_socket(loop, &wire->poll, fd) != 0) {
		curl_easy_cleanup(curl);
		return -1;
	}
	wire->poll.data = wire;
	watch(wire);
	return 0;
}

char *
wire_space(struct wire *wire)
{
	if (wire->sent == wire->len)
		wire->sent = wire->len = 0;
	return wire->out + wire->len;
}

void
wire_added(struct wire *wire, size_t len)
{
	wire->len += len;
}

static void
set_blocked(struct wire *wire, bool blocked)
{
	if (wire->blocked == blocked)
		return;
	wire->blocked = blocked;
	watch(wire);
}

enum wire_result
wire_send(struct wire *wire)
{
	CURLcode rc;
	size_t n;

	while (wire->sent < wire->len) {
		n = 0;
		rc = curl_easy_send(wire->curl, wire->out + wire->sent,
		    wire->len - wire->sent, &n);
		if (rc == CURLE_AGAIN) {
			set_blocked(wire, true);
			return WIRE_BLOCKED;
		}
		if (rc != CURLE_OK) {
			wire->error = curl_easy_strerror(rc);
			return WIRE_BROKEN;
		}
		wire->sent += n;
	}
	set_blocked(wire, false);
	return WIRE_OK;
}

enum wire_result
wire_receive(struct wire *wire, char *in, size_t size, size_t *len)
{
	const CURLcode rc = curl_easy_recv(wire->curl, in, size, len);

	if (rc == CURLE_AGAIN)
		return WIRE_BLOCKED;
	if (rc != CURLE_OK) {
		wire->error = curl_easy_strerror(rc);
		return WIRE_BROKEN;
	}
	/* The end of the stream is CURLE_OK with nothing. */
	return *len == 0 ? WIRE_CLOSED : WIRE_OK;
}

void
wire_want_write(struct wire *wire)
{
	set_blocked(wire, true);
}

static void
on_poll_closed(uv_handle_t *handle)
{
	struct wire *wire = handle->data;

	wire->on_closed(wire);
}

void
wire_close(struct wire *wire, void (*on_closed)(struct wire *))
{
	wire->on_closed = on_closed;
	/* First the watch, then the socket: its number may be used again. */
	uv_close((uv_handle_t *)&wire->poll, on_poll_closed);
	curl_easy_cleanup(wire->curl);
	wire->curl = NULL;
}
