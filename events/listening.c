/* SPDX-License-Identifier: MIT */
#include "listening.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "events.h"
#include "log.h"

#define BACKLOG 1024
#define PORT_SIZE 8

static void
on_connection(uv_stream_t *stream, int status)
{
	struct listening *listening = stream->data;

	if (status == 0)
		client_accept(listening->events, stream);
	else
		log_warning("a client cannot be accepted", "why",
		    uv_strerror(status), NULL);
}

/* A name is looked up once, at the start. */
static int
bind_tcp(struct listening *listening, char *why, size_t size)
{
	const struct config *config = listening->events->config;
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE,
	};
	struct addrinfo *found;
	char port[PORT_SIZE];
	int status;

	(void)snprintf(port, sizeof(port), "%d", (int)config->events_port);
	status = getaddrinfo(config->events_host, port, &hints, &found);
	if (status != 0) {
		(void)snprintf(why, size, "%s: %s", config->events_host,
		    gai_strerror(status));
		return -1;
	}
	status = uv_tcp_bind(&listening->tcp, found->ai_addr, 0);
	freeaddrinfo(found);
	if (status == 0) /* only here it is known whether the port is taken */
		status = uv_listen(&listening->stream, BACKLOG, on_connection);
	if (status != 0)
		(void)snprintf(why, size, "%s:%s: %s", config->events_host,
		    port, uv_strerror(status));
	return status == 0 ? 0 : -1;
}

static int
bind_unix(struct listening *listening, const char *path, char *why, size_t size)
{
	int status;

	if (unix_socket_open(&listening->socket, path, why, size) == -1)
		return -1;
	status = uv_pipe_open(&listening->pipe, listening->socket.fd);
	if (status == 0) {
		listening->socket.fd = -1; /* libuv's from now on */
		status = uv_listen(&listening->stream, BACKLOG, on_connection);
	}
	if (status != 0)
		(void)snprintf(why, size, "%s: %s", path, uv_strerror(status));
	return status == 0 ? 0 : -1;
}

int
listening_open(struct listening *listening, struct events *events,
    const char *path, char *why, size_t size)
{
	memset(listening, 0, sizeof(*listening));
	listening->events = events;
	listening->socket.fd = -1;
	/* Neither fails: they allocate nothing. */
	if (path == NULL)
		(void)uv_tcp_init(events->loop, &listening->tcp);
	else
		(void)uv_pipe_init(events->loop, &listening->pipe, 0);
	listening->handle.data = listening;
	return path == NULL ? bind_tcp(listening, why, size) :
			      bind_unix(listening, path, why, size);
}

void
listening_close(struct listening *listening)
{
	if (uv_is_closing(&listening->handle))
		return;
	unix_socket_close(&listening->socket);
	uv_close(&listening->handle, NULL);
}
