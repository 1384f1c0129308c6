/* SPDX-License-Identifier: MIT */
/* A scripted SMTP server; one thread listens, one serves each connection. */
#include "smtp_peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY 10 /* ms: how soon a thread sees that the peer stops */

struct connection {
	struct peer *peer;
	int fd;
	struct buffer in;
	bool data; /* a message is coming */
	size_t searched; /* how far its end was looked for */
	bool body_seen;
	bool closed;
	pthread_t thread;
	struct connection *next;
};

static void
sleep_ms(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&time, NULL);
}

static void
say(struct connection *connection, const char *text)
{
	size_t i, len = strlen(text);

	if (connection->peer->mode != PEER_BYTE_BY_BYTE) {
		(void)!send(connection->fd, text, len, MSG_NOSIGNAL);
		return;
	}
	for (i = 0; i < len; i++) {
		(void)!send(connection->fd, text + i, 1, MSG_NOSIGNAL);
		sleep_ms(1);
	}
}

static void
reply(struct connection *connection, const char *text)
{
	struct buffer line = { 0 };

	buffer_printf(&line, "%s\r\n", text);
	say(connection, line.data);
	buffer_free(&line);
}

static void
wait_until_spoken(struct peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	while (!peer->speak && !peer->stopping)
		pthread_cond_wait(&peer->spoken, &peer->lock);
	pthread_mutex_unlock(&peer->lock);
}

/* The rule for the command, which is counted by all that fit. */
static const struct peer_rule *
find_rule(struct peer *peer, const char *command)
{
	struct peer_rule *rule, *found = NULL;

	pthread_mutex_lock(&peer->lock);
	for (rule = peer->rules; rule != NULL && rule->command; rule++) {
		if (strncmp(command, rule->command, strlen(rule->command)) != 0)
			continue;
		rule->seen++;
		if (found == NULL &&
		    (rule->nth == 0 || rule->nth == rule->seen))
			found = rule;
	}
	pthread_mutex_unlock(&peer->lock);
	return found;
}

static void
obey(struct connection *connection, const struct peer_rule *rule)
{
	switch (rule->action) {
	case PEER_REPLY:
		reply(connection, rule->reply);
		break;
	case PEER_CUT:
		if (rule->reply != NULL)
			say(connection, rule->reply);
		connection->closed = true;
		break;
	case PEER_REPLY_CUT:
		reply(connection, rule->reply);
		connection->closed = true;
		break;
	case PEER_SILENT:
		wait_until_spoken(connection->peer);
		reply(connection, rule->reply);
		break;
	case PEER_READ_NOT:
		reply(connection, rule->reply);
		sleep_ms(300);
		break;
	}
}

/* What is said without a rule. */
static const char *
usual_reply(const struct connection *connection, const char *command)
{
	if (strcmp(command, "CONNECT") == 0)
		return "220 peer ESMTP";
	if (strncmp(command, "EHLO", 4) == 0)
		return connection->peer->mode == PEER_STEPWISE ?
		    "250 peer" :
		    "250-peer\r\n250 PIPELINING";
	if (strcmp(command, "DATA") == 0)
		return "354 go ahead";
	if (strcmp(command, "QUIT") == 0)
		return "221 bye";
	return "250 2.0.0 Ok";
}

static void
act(struct connection *connection, const char *command)
{
	const struct peer_rule *rule = find_rule(connection->peer, command);
	const char *usual = usual_reply(connection, command);

	if (strcmp(command, "DATA") == 0)
		connection->data = rule == NULL ||
		    (rule->reply != NULL &&
			strncmp(rule->reply, "354", 3) == 0);
	connection->body_seen = false;
	if (rule != NULL)
		obey(connection, rule);
	else
		reply(connection, usual);
}

static void
note(struct peer *peer, const char *text)
{
	pthread_mutex_lock(&peer->lock);
	buffer_printf(&peer->told, "%s\n", text);
	pthread_mutex_unlock(&peer->lock);
}

static void
take_command(struct connection *connection)
{
	char *end = memmem(connection->in.data, connection->in.len, "\r\n", 2);
	char command[1024];

	(void)snprintf(command, sizeof(command), "%.*s",
	    (int)(end - connection->in.data), connection->in.data);
	buffer_drop(&connection->in, (size_t)(end + 2 - connection->in.data));
	note(connection->peer, command);
	act(connection, command);
}

/* The length of the message with its dot, or 0 when it is not all here. */
static size_t
message_len(struct connection *connection)
{
	const struct buffer *in = &connection->in;
	const size_t from = connection->searched;
	const char *end;

	if (in->len >= 3 && memcmp(in->data, ".\r\n", 3) == 0)
		return 3;
	end = memmem(in->data + from, in->len - from, "\r\n.\r\n", 5);
	connection->searched = in->len < 4 ? 0 : in->len - 4;
	return end == NULL ? 0 : (size_t)(end + 5 - in->data);
}

static void
take_message(struct connection *connection, size_t len)
{
	struct peer *peer = connection->peer;

	pthread_mutex_lock(&peer->lock);
	buffer_printf(&peer->told, "[%zu bytes]\n", len);
	buffer_add(&peer->messages, connection->in.data, len);
	pthread_mutex_unlock(&peer->lock);
	buffer_drop(&connection->in, len);
	connection->data = false;
	connection->searched = 0;
	act(connection, ".");
}

static void
look_at_read(struct peer *peer, const struct buffer *in, size_t from)
{
	const char *bytes = in->data + from;
	const size_t len = in->len - from;

	pthread_mutex_lock(&peer->lock);
	if (memmem(bytes, len, "MAIL FROM", 9) &&
	    memmem(bytes, len, "RCPT TO", 7) && memmem(bytes, len, "DATA", 4))
		peer->pipelined = true;
	if (memmem(bytes, len, "\r\n.\r\nMAIL FROM", 14))
		peer->followed = true;
	pthread_mutex_unlock(&peer->lock);
}

/* Waits for bytes; false when there are none to come. */
static bool
read_more(struct connection *connection)
{
	struct pollfd poll_fd = { connection->fd, POLLIN, 0 };
	const size_t from = connection->in.len;
	char bytes[65536];
	ssize_t n;

	while (poll(&poll_fd, 1, LOOK_EVERY) == 0)
		if (connection->peer->stopping)
			return false;
	n = recv(connection->fd, bytes, sizeof(bytes), 0);
	if (n <= 0)
		return false;
	buffer_add(&connection->in, bytes, (size_t)n);
	look_at_read(connection->peer, &connection->in, from);
	return true;
}

/* Takes what is whole; false when more is needed. */
static bool
take_input(struct connection *connection)
{
	struct buffer *in = &connection->in;
	const struct peer_rule *rule;
	size_t len;

	if (in->len == 0)
		return false;
	if (!connection->data) {
		if (memmem(in->data, in->len, "\r\n", 2) == NULL)
			return false;
		take_command(connection);
		return true;
	}
	if (!connection->body_seen) {
		connection->body_seen = true;
		rule = find_rule(connection->peer, "BODY");
		if (rule != NULL)
			obey(connection, rule);
	}
	if (connection->closed || (len = message_len(connection)) == 0)
		return false;
	take_message(connection, len);
	return true;
}

static void *
serve(void *arg)
{
	struct connection *connection = arg;
	struct peer *peer = connection->peer;

	act(connection, "CONNECT");
	while (!connection->closed) {
		if (!take_input(connection) &&
		    (connection->closed || !read_more(connection)))
			break;
	}
	buffer_free(&connection->in);
	(void)close(connection->fd);
	pthread_mutex_lock(&peer->lock);
	peer->open--;
	pthread_mutex_unlock(&peer->lock);
	return NULL;
}

static void
accept_one(struct peer *peer, struct connection **list)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	const int yes = 1;

	if (connection == NULL)
		abort();
	connection->fd = accept(peer->listener, NULL, NULL);
	(void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &yes,
	    sizeof(yes));
	connection->peer = peer;
	connection->next = *list;
	*list = connection;
	pthread_mutex_lock(&peer->lock);
	peer->connections++;
	peer->open++;
	if (peer->open > peer->open_most)
		peer->open_most = peer->open;
	pthread_mutex_unlock(&peer->lock);
	pthread_create(&connection->thread, NULL, serve, connection);
}

static void *
listen_on(void *arg)
{
	struct peer *peer = arg;
	struct pollfd poll_fd = { peer->listener, POLLIN, 0 };
	struct connection *list = NULL, *next;

	while (!peer->stopping)
		if (poll(&poll_fd, 1, LOOK_EVERY) > 0)
			accept_one(peer, &list);
	for (; list != NULL; list = next) {
		next = list->next;
		pthread_join(list->thread, NULL);
		free(list);
	}
	return NULL;
}

/* Bound to the port, 0: a free one, which `port` then is. */
static int
bound_socket(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int yes = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&address, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		abort();
	*port = ntohs(address.sin_port);
	return fd;
}

static void
start(struct peer *peer, int port, enum peer_mode mode, struct peer_rule *rules)
{
	memset(peer, 0, sizeof(*peer));
	peer->mode = mode;
	peer->rules = rules;
	peer->port = port;
	peer->listener = bound_socket(&peer->port);
	if (listen(peer->listener, 64) != 0)
		abort();
	pthread_mutex_init(&peer->lock, NULL);
	pthread_cond_init(&peer->spoken, NULL);
	pthread_create(&peer->thread, NULL, listen_on, peer);
}

void
peer_start(struct peer *peer, enum peer_mode mode, struct peer_rule *rules)
{
	start(peer, 0, mode, rules);
}

int
peer_leave(struct peer *peer)
{
	int port = peer->port;

	peer_stop(peer);
	return bound_socket(&port);
}

void
peer_return(struct peer *peer, int held, enum peer_mode mode,
    struct peer_rule *rules)
{
	start(peer, peer->port, mode, rules);
	(void)close(held);
}

void
peer_speak(struct peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	peer->speak = true;
	pthread_cond_broadcast(&peer->spoken);
	pthread_mutex_unlock(&peer->lock);
}

void
peer_stop(struct peer *peer)
{
	if (peer->port == 0 || peer->stopping)
		return;
	pthread_mutex_lock(&peer->lock);
	peer->stopping = true;
	pthread_cond_broadcast(&peer->spoken);
	pthread_mutex_unlock(&peer->lock);
	pthread_join(peer->thread, NULL);
	(void)close(peer->listener);
	buffer_free(&peer->told);
	buffer_free(&peer->messages);
	pthread_cond_destroy(&peer->spoken);
	pthread_mutex_destroy(&peer->lock);
}

size_t
peer_count(struct peer *peer, const char *command)
{
	const char *line, *end;
	size_t n = 0;

	pthread_mutex_lock(&peer->lock);
	for (line = peer->told.data; line != NULL && *line != '\0';
	     line = end + 1) {
		end = strchr(line, '\n');
		n += strncmp(line, command, strlen(command)) == 0;
	}
	pthread_mutex_unlock(&peer->lock);
	return n;
}

size_t
peer_await(struct peer *peer, const char *command, size_t n)
{
	int i;

	for (i = 0; i < 10000 && peer_count(peer, command) < n; i++)
		sleep_ms(1);
	return peer_count(peer, command);
}
