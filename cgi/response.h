/* SPDX-License-Identifier: MIT */
/*
 * The answer to a request. There is one way to give it: fill the struct, then
 * response_send(); so status, headers and body cannot come in a wrong order,
 * and small ones are one write.
 */
#ifndef POSTRIDER_RESPONSE_H
#define POSTRIDER_RESPONSE_H

#include <stdbool.h>

#include "buffer.h"

struct request;

struct response {
	int status; /* one that response_reason() knows */
	struct buffer body; /* owned */
	const char *type; /* of the body; NULL: it is JSON */
	const char *allow; /* 405: the methods; else NULL */
	int retry_after; /* s; 0: do not say */
	bool challenge; /* 401: which scheme is wanted */
	bool replayed; /* 2xx: this was answered before */
};

/* "Bad Request"; "" for a status that we do not use. */
const char *response_reason(int status);

/*
 * Sends it, frees the body, ends the request: neither may be touched after
 * that. A client that has left is no error. Blocks only for a body over what
 * the socket holds (some 200 KB), and ACCEPT_TIMEOUT at most.
 */
void response_send(struct request *, struct response *);

#endif
