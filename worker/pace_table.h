/* SPDX-License-Identifier: MIT */
/*
 * How fast mail may go to a recipient's domain, as a file says: PACE_FILE, one
 * domain a line,
 *
 *	example.com   10/s   5
 *	example.org   -      2
 *	*             30/m   -
 *
 * with its rate (mails a second, a minute or an hour: /s, /m, /h; a second's
 * when nothing is said) and the most mails that are in hand at a time; `-` is no
 * limit. `*` is each domain that has no line. A `#` begins a comment. Of a
 * domain its subdomains are others.
 */
#ifndef POSTRIDER_PACE_TABLE_H
#define POSTRIDER_PACE_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct pace_limit {
	char *domain; /* owned, in its normal form, or "*" */
	double rate; /* mails a second; 0: no limit */
	int most; /* at a time; 0: no limit */
	int line; /* of the file */
};

/* The zero value limits nothing. */
struct pace_table {
	struct pace_limit *rows; /* by domain */
	size_t len;
};

#define PACE_RATE_MAX 100000 /* mails a second */
#define PACE_MOST_MAX 10000

/* "10", "0.5", "10/s", "30/m", "500/h": above 0. 0 or -1. */
int pace_rate_read(double *rate, const char *text);

/*
 * Reads the file; "" is none. 0, or -1 after writing each fault to `faults`
 * with its line's number, and then the table limits nothing.
 */
int pace_table_load(struct pace_table *, const char *path, FILE *faults);
void pace_table_free(struct pace_table *);

/* The domain's own line, or `*`, or NULL. */
const struct pace_limit *pace_table_find(const struct pace_table *,
    const char *domain);

#endif
