/* SPDX-License-Identifier: MIT */
/*
 * The addresses of one host. Looked up on libuv's threads (libcurl's own look-up
 * would hold the loop), one look-up at a time whoever asks, kept for a moment,
 * handed out shuffled and without those that failed lately, as long as others
 * are there.
 */
#ifndef POSTRIDER_RESOLVER_H
#define POSTRIDER_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

#include "buffer.h"
#include "config.h"

#define RESOLVER_ENDPOINTS_MAX 16

struct resolver;

/* One who waits for an answer. */
struct resolver_wait {
	void (*done)(struct resolver_wait *, const char *error); /* NULL: ok */
	void *arg;
	struct resolver_wait *next; /* the resolver's own */
};

/*
 * Of SMTP_HOST; a literal address needs no look-up. The look-up's own time limit
 * is the C library's (resolv.conf); who waits has SMTP_CONNECT_TIMEOUT.
 */
struct resolver *resolver_new(uv_loop_t *, const struct config *);

/*
 * Asks for addresses. `done` is called exactly once, maybe before this returns
 * (a fresh answer); *wait must last until then or until resolver_cancel(). It
 * may ask again, but neither cancel another's question nor free the resolver.
 * An answer of before is given when a new look-up fails.
 */
void resolver_ask(struct resolver *, struct resolver_wait *wait);
void resolver_cancel(struct resolver *, struct resolver_wait *wait);

/* Appends "a,b,[c]" for CURLOPT_RESOLVE. */
void resolver_write(struct resolver *, struct buffer *);
/* Whether the host's name is an address itself. */
bool resolver_is_literal(const struct resolver *);

/* A connection to this address failed; it was made. */
void resolver_shun(struct resolver *, const struct sockaddr *);
void resolver_trust(struct resolver *, const struct sockaddr *);

/* Who still waits is not called. A look-up under way ends by itself. */
void resolver_free(struct resolver *);

#endif
