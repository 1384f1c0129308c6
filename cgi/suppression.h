/* SPDX-License-Identifier: MIT */
/*
 * What requests say of the suppression list: which entry is to be made, and
 * which are asked for. Pure.
 */
#ifndef POSTRIDER_SUPPRESSION_H
#define POSTRIDER_SUPPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "faults.h"
#include "id.h"
#include "list_name.h"

#define SUPPRESSION_REPLY_MAX 1000 /* bytes */
#define SUPPRESSION_LIMIT 100 /* entries of a page, unless told */
#define SUPPRESSION_LIMIT_MAX 500

struct suppression {
	char address[ADDRESS_MAX + 1]; /* "": it may be any */
	char domain[DOMAIN_MAX + 1]; /* a search's; "" */
	char list[LIST_NAME_MAX + 1]; /* "*": all mail; "": any */
	char reason[16]; /* "": any */
	/* of a new one */
	char reply[SUPPRESSION_REPLY_MAX + 1];
	char job_id[ID_MAX + 1];
	int64_t occurred_at, expires_at; /* ms; 0: now; never */
	/* of a page */
	size_t limit;
	int64_t behind; /* the number of its end; 0: from the newest on */
	bool removed; /* those that were taken back */
};

/* The body of a POST. 0, or -1 with every fault added. */
int suppression_read(struct suppression *, const char *body, size_t len,
    struct faults *);

/*
 * A QUERY_STRING: of a search, or (`one`) of what is to be taken back: then
 * there must be an address.
 */
int suppression_read_query(struct suppression *, const char *query, bool one,
    struct faults *);

#endif
