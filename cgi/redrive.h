/* SPDX-License-Identifier: MIT */
/* What a redrive is asked for, and how it is told of. Pure. */
#ifndef POSTRIDER_REDRIVE_H
#define POSTRIDER_REDRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "address.h"
#include "buffer.h"
#include "faults.h"
#include "job.h"

#define REDRIVE_RATE 10 /* mails/s, unless told */
#define REDRIVE_RATE_MAX 10000
#define REDRIVE_REASON_SIZE 32

struct redrive {
	enum job_status status; /* FAILED or UNKNOWN */
	char reason[REDRIVE_REASON_SIZE]; /* "": any */
	int64_t since, until; /* ms of created_at; until is not in it */
	char domain[DOMAIN_MAX + 1]; /* of a recipient in `to`; "": any */
	int64_t rate; /* mails/s */
	bool dry_run;
};

/* 0, or -1 with what is wrong with the body. */
int redrive_read(struct redrive *, const char *body, size_t len,
    struct faults *);

/* Of what the script `redrive` answered. */
void redrive_write(struct buffer *out, const char *id, const redisReply *);

#endif
