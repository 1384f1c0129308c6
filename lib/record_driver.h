/* SPDX-License-Identifier: MIT */
/*
 * What differs between the databases that keep a record: record_sqlite.c and
 * record_postgres.c. For record.c alone.
 */
#ifndef POSTRIDER_RECORD_DRIVER_H
#define POSTRIDER_RECORD_DRIVER_H

#include "record.h"
#include "record_url.h"

#define RECORD_PREPARED_MAX 16

struct record {
	const struct record_driver *driver;
	struct record_options options;
	void *connection; /* the driver's */
	char why[RECORD_WHY_SIZE]; /* "" until something failed */
	const char *prepared[RECORD_PREPARED_MAX]; /* by record_run() */
};

/* The statement's number; `*is_new`: it is to be prepared. */
size_t record_prepared(struct record *, const char *sql, bool *is_new);

/* All return 0, or -1 with `why` set. */
struct record_driver {
	enum record_dialect dialect;
	const char *begin; /* the statements of record_begin() */
	int (*open)(struct record *);
	void (*close)(struct record *); /* also after a failed open */
	/* What follows run(), which may return before it is done, waits for it. */
	int (*run)(struct record *, const struct record_call *);
	int (*script)(struct record *, const char *sql); /* of any statements */
	int (*query)(struct record *, const struct record_call *,
	    record_row_fn *row, void *arg);
};

extern const struct record_driver record_sqlite, record_postgres;

/* Sets `why` if it is not set yet, without line ends. -1. */
int record_fail(struct record *, const char *what, const char *why);

/* Made at build time from sql/, in order; see cmake/EmbedSchema.cmake. */
struct record_migration {
	int version;
	const char
	    *first[RECORD_DIALECT__MAX]; /* what a dialect needs; or "" */
	const char *sql; /* the same for all */
};
extern const struct record_migration record_migrations[];
extern const size_t record_migrations_len;

#endif
