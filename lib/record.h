/* SPDX-License-Identifier: MIT */
/*
 * The record: what became of every mail, in SQL (sql/), kept when Redis has let
 * go of it. One connection to it, blocking, used by one thread; statements are
 * in the common subset of SQLite and PostgreSQL, parameters are $1, $2...
 * in the order of their numbers.
 *
 * After a failure the connection is of no use any more but for record_why()
 * and record_close(): what was not committed is undone.
 */
#ifndef POSTRIDER_RECORD_H
#define POSTRIDER_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libpq tells of each address that it tried, the deciding one last. */
#define RECORD_WHY_SIZE 512
#define RECORD_VALUES_MAX 128

struct record_options {
	const char *url; /* one that record_url_check() took */
	int64_t timeout; /* ms: for the connect, and for one answer */
	/*
	 * For writing: what the schema lacks is applied, under a lock. For
	 * reading: it must be there.
	 */
	bool write;
};

struct record;

/*
 * NULL with the reason, without a secret, in `why`: also when the schema is
 * newer than this program knows.
 */
struct record *record_open(const struct record_options *,
    char why[RECORD_WHY_SIZE]);
void record_close(struct record *); /* also NULL */
const char *record_why(const struct record *);

/* A statement and its parameters, in order; all is borrowed until it has run. */
struct record_call {
	const char *sql;
	size_t n;
	const char *texts[RECORD_VALUES_MAX]; /* also of the numbers */
	struct record_value {
		bool is_number;
		size_t len;
		int64_t number;
		char text[24];
	} values[RECORD_VALUES_MAX];
};
void record_call_begin(struct record_call *, const char *sql);
/* UTF-8 without NUL, but with one behind it; NULL is "". */
void record_call_text(struct record_call *, const char *, size_t len);
void record_call_number(struct record_call *, int64_t);

/*
 * Begins a transaction which no other of this kind runs beside, and ends it
 * when all that was run in it is done. 0 or -1.
 */
int record_begin(struct record *);
int record_commit(struct record *);

/*
 * Runs a statement that has no rows, in a transaction. `sql` is prepared once:
 * a constant. A failure may be told by a later call, at record_commit() at last.
 */
int record_run(struct record *, const struct record_call *);

/* A column of a row, as text; NULL is "". */
struct record_column {
	const char *data; /* with a NUL behind it */
	size_t len;
};
typedef void record_row_fn(void *arg, const struct record_column *columns);
/* Runs a query; `row` is called for each row, whose texts end with the call. */
int record_query(struct record *, const struct record_call *,
    record_row_fn *row, void *arg);

#endif
