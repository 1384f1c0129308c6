/* SPDX-License-Identifier: MIT */
/*
 * Error answers, all of one shape:
 *
 *	{"error":"Bad Request","statusCode":400,"name":"validation_error",
 *	 "message":"to is required","details":[{"field":"to","message":"..."}]}
 */
#ifndef POSTRIDER_PROBLEM_H
#define POSTRIDER_PROBLEM_H

#include "faults.h"

struct request;

enum problem {
	PROBLEM_VALIDATION,
	PROBLEM_IDEMPOTENCY_KEY,
	PROBLEM_MISSING_KEY,
	PROBLEM_INVALID_KEY,
	PROBLEM_RESTRICTED_KEY, /* it is not for that */
	PROBLEM_FROM, /* its domain is not allowed */
	PROBLEM_NOT_FOUND,
	PROBLEM_METHOD,
	PROBLEM_IDEMPOTENT_REQUEST, /* the key was used for another one */
	PROBLEM_STATUS, /* the mail's status is in the way */
	PROBLEM_EXPIRED, /* the mail's expires_at is */
	PROBLEM_PAYLOAD_LOST, /* there is nothing left to send */
	PROBLEM_TOO_LARGE,
	PROBLEM_MEDIA_TYPE,
	PROBLEM_RATE, /* too many requests */
	PROBLEM_QUOTA, /* too many mails of a day */
	PROBLEM_INTERNAL,
	PROBLEM_UNAVAILABLE, /* nothing was done: try again */
	PROBLEM_UNKNOWN, /* it may have been done */
	PROBLEM__MAX
};

/* What only some answers have; the zero value is none of it. */
struct problem_extra {
	const struct faults *faults; /* becomes details */
	const char *allow; /* PROBLEM_METHOD */
	const char *job_id; /* which one it is about */
	const char *status; /* its status */
};

int problem_status(enum problem);
const char *problem_name(enum problem); /* the answer's `name` */

/* The body; pure. */
void problem_write(struct buffer *out, enum problem, const char *message,
    const struct problem_extra *extra);

/* Answers the request with it: as response_send(). `extra` may be NULL. */
void problem_send(struct request *, enum problem, const char *message,
    const struct problem_extra *extra);

/* VALIDATION with what the list holds, which is freed. */
void problem_send_faults(struct request *, struct faults *);

#endif
