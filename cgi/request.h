/* SPDX-License-Identifier: MIT */
/*
 * One HTTP request, from accept to answer. It belongs to one thread at a time
 * and moves along: acceptor, then commit or read pipeline, then publisher. Who
 * answers it (response_send) gives it back; nobody may touch it after that.
 */
#ifndef POSTRIDER_REQUEST_H
#define POSTRIDER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fcgiapp.h>

#include "change.h"
#include "commit.h"
#include "id.h"
#include "keyring.h"
#include "pipeline.h"
#include "record_reader.h"
#include "route.h"
#include "ticket.h"

struct api;
struct listing;

struct request {
	struct request *next; /* the pool's */
	struct api *api;
	FCGX_Request fcgi;
	size_t held; /* bytes that it counts for; the pool's */

	/* request_begin(): texts of the web server, good until the answer */
	int64_t began; /* monotonic ms */
	const char *method;
	const char *path;
	const char *query; /* "" when there is none */

	/* whose it is, and where it goes: the gate, dispatch */
	struct keyring_ask ask; /* zeroed until then */
	void (*go)(struct request *); /* through the gate */
	enum route_result found;
	struct route_match match;

	char id[ID_MAX + 1]; /* what the route has at {id}; "" */
	char ticket[TICKET_SIZE]; /* that it is given */
	char *body; /* request_read_body(); owned */
	size_t body_len;

	/* on the way */
	struct buffer warnings; /* of the mail: JSON objects with commas */
	bool scheduled; /* the mail is, for a time to come */
	struct span *span; /* of the request; NULL: it is not traced */
	char traceparent[TRACEPARENT_SIZE]; /* its client's, or "" */
	const char *tracestate; /* likewise; NULL: none */
	struct commit_job commit;
	struct commit_mail *mails; /* of a batch; owned */
	bool permissive; /* a batch that has `errors` in its answer: */
	struct buffer errors; /* of its mails: JSON objects with commas */
	struct pipeline_call call;
	struct change change; /* change_send() */
	void (*answer)(struct request *, const redisReply *); /* read_send() */
	struct record_read read;
	bool asks_why; /* for a job's why, not the job */
	struct listing *listing; /* what a list is made of; owned */
};

void request_init(struct request *, struct api *, int fd);

/* After a successful FCGX_Accept_r(). */
void request_begin(struct request *);
/* The value of a header or CGI variable, which may be ""; NULL when absent. */
const char *request_header(const struct request *, const char *name);
/* The value of a header or CGI variable; NULL when absent or empty. */
const char *request_param(const struct request *, const char *name);

enum request_body {
	REQUEST_BODY_READ,
	REQUEST_BODY_NO_LENGTH, /* CONTENT_LENGTH is no number */
	REQUEST_BODY_BAD_LENGTH, /* it is not the body's */
	REQUEST_BODY_CUT, /* the web server did not bring all of it in time */
	REQUEST_BODY_TOO_LARGE, /* over MAX_REQUEST_KB */
	REQUEST_BODY_NO_ROOM /* INFLIGHT_MB: later */
};
enum request_body request_read_body(struct request *);
void request_drop_body(struct request *); /* as soon as it is of no use */

/*
 * Until when it is to be answered, by ACCEPT_TIMEOUT from now on: asked for when
 * it is read and checked, which a large mail takes its time for.
 */
int64_t request_deadline(const struct request *);

/* Before writing more than a socket takes at once: writing will not hang. */
void request_expect_large_answer(struct request *);

/* Ends the exchange and gives the object back to its pool. */
void request_end(struct request *);

#endif
