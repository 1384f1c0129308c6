/* SPDX-License-Identifier: MIT */
/*
 * One attempt to connect to the relay: addresses, TCP, TLS, greeting, EHLO,
 * STARTTLS and AUTH, all through libcurl (CURLOPT_CONNECT_ONLY), without
 * blocking and within SMTP_CONNECT_TIMEOUT. What comes out is a handle on which
 * the next thing to say is MAIL, or a fault with a text that holds no secret.
 */
#ifndef POSTRIDER_CONNECT_H
#define POSTRIDER_CONNECT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "connected_at.h"
#include "curl_loop.h"
#include "ehlo.h"
#include "resolver.h"

enum connect_fault {
	CONNECT_OK,
	CONNECT_DNS,
	CONNECT_NETWORK,
	CONNECT_TLS,
	CONNECT_GREETING, /* greeting or EHLO refused, or no SMTP */
	CONNECT_AUTH, /* not logged in */
	CONNECT_FAULT__MAX
};
extern const char *const connect_fault_names[CONNECT_FAULT__MAX];

struct connected {
	enum connect_fault fault;
	const char *error; /* NULL for CONNECT_OK; good during the call */
	bool broken; /* trying again alone will not help */
	int64_t pause; /* ms: not to be tried again sooner */
	/* for CONNECT_OK: */
	CURL *curl; /* the callee's from now on */
	unsigned keywords; /* bits of enum ehlo_keyword */
	size_t size_max; /* of a message; 0: no limit is told */
	bool tls;
	const char *starttls_refusal; /* why there is no TLS; NULL: none */
	int64_t latency; /* ms */
	struct connected_at at;
};

struct connect;

struct connect_options {
	struct curl_loop *loop; /* opened with connect_on_done */
	struct resolver *resolver;
	const struct config *config; /* all three borrowed */
	bool plain; /* opportunistic TLS is not even tried */
	/* Called once, on a later turn; the connect is gone after it. */
	void (*done)(struct connect *, const struct connected *, void *arg);
	void *arg;
};

/* Never fails at once. It frees itself after `done`. */
struct connect *connect_start(const struct connect_options *);
/* Ends it without a call; its memory goes on a later turn. */
void connect_cancel(struct connect *);

/* For curl_loop_open(). */
void connect_on_done(CURL *, CURLcode);

#endif
