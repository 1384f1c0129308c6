/* SPDX-License-Identifier: MIT */
/*
 * One connection to RabbitMQ. What rabbitmq-c can block on (connect, login,
 * declares) happens in amqp_link_connect, on the caller's own thread.
 */
#include "amqp_link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "amqp_socket.h"
#include "id.h"
#include "log.h"
#include "publisher.h"
#include "retry.h"
#include "timestamp.h"
#include "topology.h"
#include "version.h"

#define FRAME_MAX (128 * 1024) /* bytes; RabbitMQ's own default */
#define SEND_BUFFER (512 * 1024) /* bytes */

static struct timeval
interval(int64_t ms)
{
	return (struct timeval){ ms / 1000, (ms % 1000) * 1000 };
}

/* The next of RABBITMQ_URL's comma list, a copy to free. */
static char *
next_url(struct amqp_link *link)
{
	const char *p = link->config->rabbitmq_url, *end;
	unsigned i, commas = 0;

	for (end = p; *end != '\0'; end++)
		commas += *end == ',';
	for (i = link->url++ % (commas + 1); i > 0; i--)
		p = strchr(p, ',') + 1;
	while (*p == ' ')
		p++;
	return strndup(p, strcspn(p, ", "));
}

static const char *
rpc_fault(amqp_rpc_reply_t reply, char *text, size_t size)
{
	const amqp_connection_close_t *connection = reply.reply.decoded;
	const amqp_channel_close_t *channel = reply.reply.decoded;

	if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
		return amqp_error_string2(reply.library_error);
	if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION)
		return "no answer";
	if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
		snprintf(text, size, "%.*s", (int)connection->reply_text.len,
		    (char *)connection->reply_text.bytes);
	else if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
		snprintf(text, size, "%.*s", (int)channel->reply_text.len,
		    (char *)channel->reply_text.bytes);
	else
		snprintf(text, size, "unexpected method %u", reply.reply.id);
	return text;
}

static amqp_table_entry_t
entry_bool(const char *key)
{
	return (amqp_table_entry_t){ amqp_cstring_bytes(key),
		{ .kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1 } };
}

static amqp_table_entry_t
entry_text(const char *key, const char *text)
{
	return (amqp_table_entry_t){ amqp_cstring_bytes(key),
		{ .kind = AMQP_FIELD_KIND_UTF8,
		    .value.bytes = amqp_cstring_bytes(text) } };
}

static amqp_rpc_reply_t
log_in(struct amqp_link *link, const struct amqp_connection_info *to)
{
	amqp_table_entry_t capabilities[] = {
		entry_bool("connection.blocked"),
		entry_bool("consumer_cancel_notify"),
	};
	amqp_table_entry_t properties[] = {
		entry_text("product", "Postrider"),
		entry_text("version", POSTRIDER_VERSION),
		entry_text("connection_name", link->name),
		{ amqp_cstring_bytes("capabilities"),
		    { .kind = AMQP_FIELD_KIND_TABLE,
			.value.table = { 2, capabilities } } },
	};
	amqp_table_t table = { 4, properties };

	/* amqp://host/ names the vhost "": RabbitMQ's default one is meant. */
	return amqp_login_with_properties(link->connection,
	    to->vhost[0] != '\0' ? to->vhost : "/", 0, FRAME_MAX,
	    (int)(link->config->amqp_heartbeat / 1000), &table,
	    AMQP_SASL_METHOD_PLAIN, to->user, to->password);
}

/*
 * What would let a dead peer hang a write is bounded here; the largest hint
 * (HINT_CONTENT_MAX) goes into an empty buffer at one go.
 */
static void
tune_socket(struct amqp_link *link)
{
	unsigned timeout = (unsigned)link->config->amqp_timeout;
	int fd = amqp_get_sockfd(link->connection), on = 1;
	int size = 0, wanted = SEND_BUFFER;
	socklen_t len = sizeof(size);

	/* Neither failing changes what is right, only how soon it is seen. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout,
	    sizeof(timeout));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len) == 0 &&
	    size < wanted)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &wanted,
		    sizeof(wanted));
}

/* 0, or -1 with what failed in `why`. */
static int
open_connection(struct amqp_link *link, char *url, char *why, size_t size)
{
	struct timeval timeout = interval(link->config->amqp_timeout);
	struct amqp_connection_info to;
	amqp_rpc_reply_t reply;
	char text[256];

	if (amqp_parse_url(url, &to) != AMQP_STATUS_OK) {
		snprintf(why, size,
		    "RABBITMQ_URL is not amqp://user:password@"
		    "host:port/vhost, or amqps://...");
		return -1;
	}
	if (amqp_socket_connect(link, &to, why, size) == -1)
		return -1;
	tune_socket(link);
	amqp_set_handshake_timeout(link->connection, &timeout);
	amqp_set_rpc_timeout(link->connection, &timeout);
	reply = log_in(link, &to);
	if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
		amqp_channel_open(link->connection, AMQP_LINK_CHANNEL);
		reply = amqp_get_rpc_reply(link->connection);
	}
	if (reply.reply_type == AMQP_RESPONSE_NORMAL)
		return 0;
	snprintf(why, size, "RABBITMQ_URL: log in at %s:%d: %s", to.host,
	    to.port, rpc_fault(reply, text, sizeof(text)));
	return -1;
}

static void
destroy(struct amqp_link *link)
{
	if (link->connection != NULL)
		amqp_destroy_connection(link->connection);
	link->connection = NULL;
	link->blocked = false;
}

static struct presence *
presence_of(struct amqp_link *link)
{
	link->presence.outage = &rabbitmq_outage;
	link->presence.connection = link->name;
	return &link->presence;
}

static void
plan_retry(struct amqp_link *link, const char *why)
{
	struct retry_policy policy = { link->config->reconnect_base,
		link->config->reconnect_cap };

	link->retry_at = timestamp_monotonic() +
	    retry_delay(&policy, ++link->failures, id_random());
	presence_lost(presence_of(link), why);
}

int
amqp_link_open(struct amqp_link *link, char *why, size_t size)
{
	char *url = next_url(link);
	int result = -1;

	snprintf(why, size, "out of memory");
	link->connection = amqp_new_connection();
	if (url != NULL && link->connection != NULL)
		result = open_connection(link, url, why, size);
	free(url);
	if (result == -1)
		destroy(link);
	return result;
}

int
amqp_link_connect(struct amqp_link *link)
{
	char why[512];
	int result = amqp_link_open(link, why, sizeof(why));

	if (result == 0)
		result = topology_declare(link->connection, link->config->queue,
		    why, sizeof(why));
	if (result == -1) {
		destroy(link);
		plan_retry(link, why);
		return -1;
	}
	presence_found(presence_of(link));
	link->failures = 0;
	return 0;
}

void
amqp_link_close(struct amqp_link *link, const char *why)
{
	if (link->connection == NULL)
		return;
	if (why == NULL)
		/* A broken goodbye changes nothing: the socket closes next. */
		(void)amqp_connection_close(link->connection,
		    AMQP_REPLY_SUCCESS);
	destroy(link);
	if (why != NULL)
		plan_retry(link, why);
}

static int
closed_by_broker(struct amqp_link *link, const amqp_method_t *method)
{
	amqp_rpc_reply_t reply = { .reply_type = AMQP_RESPONSE_SERVER_EXCEPTION,
		.reply = *method };
	char text[256], why[256];

	snprintf(why, sizeof(why), "%s", rpc_fault(reply, text, sizeof(text)));
	amqp_link_close(link, why);
	return -1;
}

static void
set_blocked(struct amqp_link *link, bool blocked)
{
	if (link->blocked == blocked)
		return; /* a second alarm */
	link->blocked = blocked;
	if (blocked) {
		link->blocked_at = timestamp_monotonic();
		log_warning("rabbitmq takes no messages now (memory or disk "
			    "alarm)",
		    "connection", link->name, NULL);
	} else {
		log_info("rabbitmq takes messages again", "connection",
		    link->name, "after",
		    log_duration(timestamp_monotonic() - link->blocked_at),
		    NULL);
	}
}

int
amqp_link_frame(struct amqp_link *link, amqp_frame_t *frame)
{
	struct timeval now = { 0, 0 };
	int status;

	for (;;) {
		amqp_maybe_release_buffers(link->connection);
		status = amqp_simple_wait_frame_noblock(link->connection, frame,
		    &now);
		if (status == AMQP_STATUS_TIMEOUT)
			return 0;
		if (status != AMQP_STATUS_OK) {
			amqp_link_close(link, amqp_error_string2(status));
			return -1;
		}
		if (frame->frame_type != AMQP_FRAME_METHOD)
			continue;
		switch (frame->payload.method.id) {
		case AMQP_CONNECTION_BLOCKED_METHOD:
		case AMQP_CONNECTION_UNBLOCKED_METHOD:
			set_blocked(link,
			    frame->payload.method.id ==
				AMQP_CONNECTION_BLOCKED_METHOD);
			continue;
		case AMQP_CONNECTION_CLOSE_METHOD:
		case AMQP_CHANNEL_CLOSE_METHOD:
			return closed_by_broker(link, &frame->payload.method);
		default:
			return 1;
		}
	}
}

int
amqp_link_message(struct amqp_link *link, amqp_message_t *message)
{
	amqp_rpc_reply_t reply =
	    amqp_read_message(link->connection, AMQP_LINK_CHANNEL, message, 0);
	char text[256];

	if (reply.reply_type == AMQP_RESPONSE_NORMAL)
		return 0;
	amqp_link_close(link, rpc_fault(reply, text, sizeof(text)));
	return -1;
}

/*
 * A socket that took less than there seemed to be room for: the frames must go
 * on where they stopped, so that they are waited with, as rabbitmq-c would.
 */
static int
wait_writable(const struct amqp_link *link)
{
	struct pollfd fd = { amqp_link_fd(link), POLLOUT, 0 };
	int n;

	do
		n = poll(&fd, 1, (int)link->config->amqp_timeout);
	while (n == -1 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	return n > 0 ? 0 : -1;
}

int
amqp_link_write(struct amqp_link *link, const char *bytes, size_t len)
{
	const int fd = amqp_link_fd(link);
	ssize_t n;

	while (len > 0) {
		n = send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno != EINTR &&
		    (errno != EAGAIN || wait_writable(link) == -1)) {
			amqp_link_close(link, strerror(errno));
			return -1;
		}
	}
	return 0;
}

int
amqp_link_publish(struct amqp_link *link, const struct publish *p)
{
	amqp_table_entry_t reason[1];
	amqp_basic_properties_t properties = {
		._flags = AMQP_BASIC_CONTENT_TYPE_FLAG |
		    AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG,
		.content_type = amqp_cstring_bytes("application/json"),
		.delivery_mode = AMQP_DELIVERY_PERSISTENT,
		.message_id = amqp_cstring_bytes(p->message_id),
	};
	int status;

	if (p->reason != NULL) {
		reason[0] = entry_text("x-reason", p->reason);
		properties._flags |= AMQP_BASIC_HEADERS_FLAG;
		properties.headers = (amqp_table_t){ 1, reason };
	}
	status = amqp_basic_publish(link->connection, AMQP_LINK_CHANNEL,
	    amqp_cstring_bytes(p->exchange), amqp_cstring_bytes(p->routing_key),
	    1, 0, &properties,
	    (amqp_bytes_t){ p->body_len, (void *)(uintptr_t)p->body });
	if (status == AMQP_STATUS_OK)
		return 0;
	amqp_link_close(link, amqp_error_string2(status));
	return -1;
}

size_t
amqp_link_frame_max(const struct amqp_link *link)
{
	return (size_t)amqp_get_frame_max(link->connection);
}

bool
amqp_link_buffered(const struct amqp_link *link)
{
	return amqp_frames_enqueued(link->connection) ||
	    amqp_data_in_buffer(link->connection);
}

int
amqp_link_fd(const struct amqp_link *link)
{
	return link->connection != NULL ? amqp_get_sockfd(link->connection) :
					  -1;
}
