/* SPDX-License-Identifier: MIT */
/* What AMQP goes over: TCP for amqp://, TLS for amqps://. */
#ifndef POSTRIDER_AMQP_SOCKET_H
#define POSTRIDER_AMQP_SOCKET_H

#include <stddef.h>

#include "amqp_link.h"

/* Blocks for AMQP_TIMEOUT at most. 0, or -1 with what failed in `why`. */
int amqp_socket_connect(struct amqp_link *,
    const struct amqp_connection_info *to, char *why, size_t size);

#endif
