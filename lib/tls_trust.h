/* SPDX-License-Identifier: MIT */
/* TLS to RabbitMQ and Redis: never unchecked, never older than 1.2. */
#ifndef POSTRIDER_TLS_TRUST_H
#define POSTRIDER_TLS_TRUST_H

#include <openssl/ssl.h>

/*
 * Certificates must be of a CA of this file or folder (ca_path.h), "": of one
 * of the system's. 0, or -1: they cannot be had.
 */
int tls_trust(SSL_CTX *, const char *ca);

#endif
