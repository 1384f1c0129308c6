/* SPDX-License-Identifier: MIT */
/*
 * TLS with the relay: what SMTP_TLS and SMTP_CA mean to libcurl, and why it
 * failed, in words that say what to do.
 */
#ifndef POSTRIDER_TLS_H
#define POSTRIDER_TLS_H

#include <curl/curl.h>
#include <stdbool.h>

#include "buffer.h"
#include "config.h"

/* Opportunistic, and no secret is to be said: goes on without (RFC 7435). */
bool tls_is_optional(const struct config *);

/* `plain`: optional TLS is not tried. 0, or -1: libcurl refused an option. */
int tls_set(CURL *, const struct config *, bool plain);

struct tls_failure {
	CURLcode code;
	const char *error; /* libcurl's text */
	bool refused; /* STARTTLS was answered with 4xx or 5xx */
	/* by tls_inspect(): */
	long verified; /* what is wrong with the certificate: openssl's
			* X509_V_ERR_*; 0 or 1: not that */
	const char *names; /* the certificate's, or NULL; the handle's */
};

void tls_inspect(struct tls_failure *, CURL *);

/* Appends the words; whether trying again alone will not help. */
bool tls_explain(struct buffer *, const struct config *,
    const struct tls_failure *);

/* What it means that a port takes a connection and says nothing. */
const char *tls_silence(const struct config *);

#endif
