/* SPDX-License-Identifier: MIT */
/*
 * The bytes of one connection that libcurl has made (CURLOPT_CONNECT_ONLY):
 * sending and receiving without blocking, watched by the loop. It knows
 * nothing of SMTP.
 *
 * libcurl's rule for TLS, kept here: a send that ended in CURLE_AGAIN is
 * repeated from the same address with at least the same length. So unsent bytes
 * never move; new ones are added behind them, and the piece is begun anew only
 * when all of it is sent.
 */
#ifndef POSTRIDER_WIRE_H
#define POSTRIDER_WIRE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#define WIRE_PIECE 16384 /* bytes: one TLS record */
#define WIRE_TURN (256 * 1024) /* bytes sent at most in one turn of the loop */

enum wire_result {
	WIRE_OK,
	WIRE_BLOCKED, /* come again when the loop says so */
	WIRE_CLOSED, /* the peer has closed */
	WIRE_BROKEN /* wire->error */
};

struct wire;
/* events: UV_READABLE | UV_WRITABLE; errors show in the next send or recv. */
typedef void wire_event_cb(struct wire *, int events);

struct wire {
	CURL *curl; /* owned */
	uv_poll_t poll;
	wire_event_cb *on_event;
	void (*on_closed)(struct wire *);
	bool tls;
	bool blocked; /* the last send was; writable is awaited */
	size_t sent; /* out[0..sent) is sent, out[sent..len) is not */
	size_t len;
	const char *error;
	char out[WIRE_PIECE];
};

/*
 * Takes the handle over, and watches its socket. 0, or -1 (the handle is freed
 * then, nothing is left to close).
 */
int wire_open(struct wire *, uv_loop_t *, CURL *, bool tls, wire_event_cb *);

/* Room behind what is not sent yet. */
static inline size_t
wire_room(const struct wire *wire)
{
	return wire->sent == wire->len ? WIRE_PIECE : WIRE_PIECE - wire->len;
}
/* Where `wire_room()` bytes may be written; then wire_added() counts them. */
char *wire_space(struct wire *);
void wire_added(struct wire *, size_t len);
/* Whether bytes wait in the piece. */
static inline bool
wire_is_pending(const struct wire *wire)
{
	return wire->sent < wire->len;
}

/* Sends the piece. OK: all of it. */
enum wire_result wire_send(struct wire *);
/*
 * Receives. OK: *len >= 1. With TLS it is called until BLOCKED: bytes in the
 * library's own buffer do not make the socket readable.
 */
enum wire_result wire_receive(struct wire *, char *in, size_t size,
    size_t *len);
/* Asks for an UV_WRITABLE event even if not blocked (the turn's limit). */
void wire_want_write(struct wire *);

/*
 * Closes the connection at once, never blocking; `on_closed` is called on a
 * later turn, the memory must last until then.
 */
void wire_close(struct wire *, void (*on_closed)(struct wire *));

#endif
