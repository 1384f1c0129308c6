/* SPDX-License-Identifier: MIT */
/* rabbitmq-c's headers, which moved into a folder with its version 0.12. */
#ifndef POSTRIDER_RABBITMQ_C_H
#define POSTRIDER_RABBITMQ_C_H

/* clang-format off */
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif
/* clang-format on */

#endif
