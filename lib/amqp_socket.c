/* SPDX-License-Identifier: MIT */
#include "amqp_socket.h"

#include <stdio.h>

#include "tls_trust.h"

/* NULL: no memory, or no CAs. */
static amqp_socket_t *
new_tls(struct amqp_link *link)
{
	amqp_socket_t *socket = amqp_ssl_socket_new(link->connection);

	if (socket == NULL ||
	    tls_trust(amqp_ssl_socket_get_context(socket),
		link->config->rabbitmq_ca) == -1)
		return NULL; /* it is the connection's, and freed with it */
	amqp_ssl_socket_set_verify_peer(socket, 1);
	amqp_ssl_socket_set_verify_hostname(socket, 1);
	return socket;
}

static const char *
advice(int status)
{
	if (status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED)
		return ": its certificate is not of a CA that RABBITMQ_CA, or "
		       "this host, knows, or has expired";
	if (status == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED)
		return ": its certificate is for another name than "
		       "RABBITMQ_URL has";
	if (status == AMQP_STATUS_SSL_CONNECTION_FAILED)
		return ": no TLS is spoken there, or its certificate is not "
		       "of a CA that RABBITMQ_CA, or this host, knows";
	return "";
}

int
amqp_socket_connect(struct amqp_link *link,
    const struct amqp_connection_info *to, char *why, size_t size)
{
	const int64_t ms = link->config->amqp_timeout;
	struct timeval timeout = { ms / 1000, ms % 1000 * 1000 };
	amqp_socket_t *socket;
	int status;

	link->tls = to->ssl;
	socket =
	    to->ssl ? new_tls(link) : amqp_tcp_socket_new(link->connection);
	if (socket == NULL) {
		snprintf(why, size,
		    to->ssl ? "RABBITMQ_CA: no CA certificates can be read" :
			      "out of memory");
		return -1;
	}
	status = amqp_socket_open_noblock(socket, to->host, to->port, &timeout);
	if (status == AMQP_STATUS_OK)
		return 0;
	snprintf(why, size, "connect to %s:%d: %s%s", to->host, to->port,
	    amqp_error_string2(status), advice(status));
	return -1;
}
