/* SPDX-License-Identifier: MIT */
/*
 * A record in a file of this host. WAL: readers and the writer do not wait for
 * each other; synchronous=FULL: what is committed survives a power loss, for
 * Redis forgets a job when it is.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "record_driver.h"
#include "timestamp.h"

#define STEPS 10000 /* between two looks at the clock */

struct connection {
	sqlite3 *db;
	int64_t deadline; /* monotonic ms; 0: none */
	sqlite3_stmt *prepared[RECORD_PREPARED_MAX];
};

static int
fail(struct record *record)
{
	struct connection *connection = record->connection;

	return record_fail(record, "sqlite", sqlite3_errmsg(connection->db));
}

static int
is_late(void *arg)
{
	const struct connection *connection = arg;

	return connection->deadline != 0 &&
	    timestamp_monotonic() > connection->deadline;
}

static int
run_script(struct record *record, const char *sql)
{
	struct connection *connection = record->connection;

	return sqlite3_exec(connection->db, sql, NULL, NULL, NULL) ==
		SQLITE_OK ?
	    0 :
	    fail(record);
}

static int
open_file(struct record *record)
{
	const char *path = record_url_path(record->options.url);
	struct connection *connection = calloc(1, sizeof(*connection));
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
	    (record->options.write ? SQLITE_OPEN_CREATE : 0);

	if (connection == NULL)
		abort();
	record->connection = connection;
	if (sqlite3_open_v2(path, &connection->db, flags, NULL) != SQLITE_OK)
		return fail(record);
	sqlite3_busy_timeout(connection->db, (int)record->options.timeout);
	if (!record->options.write) {
		sqlite3_progress_handler(connection->db, STEPS, is_late,
		    connection);
		return run_script(record, "PRAGMA query_only = 1");
	}
	return run_script(record,
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
}

static void
close_file(struct record *record)
{
	struct connection *connection = record->connection;
	size_t i;

	if (connection == NULL)
		return;
	for (i = 0; i < RECORD_PREPARED_MAX; i++)
		sqlite3_finalize(connection->prepared[i]);
	sqlite3_close(connection->db);
	free(connection);
}

/* The statement of a constant text, prepared once. NULL: it failed. */
static sqlite3_stmt *
prepared(struct record *record, const char *sql)
{
	struct connection *connection = record->connection;
	bool is_new;
	const size_t i = record_prepared(record, sql, &is_new);

	/* A failure leaves it NULL. */
	if (is_new)
		(void)sqlite3_prepare_v3(connection->db, sql, -1,
		    SQLITE_PREPARE_PERSISTENT, &connection->prepared[i], NULL);
	return connection->prepared[i];
}

/* SQLite takes $1, $2 for names, and numbers them as they come. */
static int
bind(sqlite3_stmt *statement, const struct record_call *call)
{
	const struct record_value *value;
	int i, result = SQLITE_OK;

	for (i = 0; i < (int)call->n && result == SQLITE_OK; i++) {
		value = &call->values[i];
		result = value->is_number ?
		    sqlite3_bind_int64(statement, i + 1, value->number) :
		    sqlite3_bind_text(statement, i + 1, call->texts[i],
			(int)value->len, SQLITE_STATIC);
	}
	return result;
}

static int
run(struct record *record, const struct record_call *call)
{
	sqlite3_stmt *statement = prepared(record, call->sql);
	int result;

	if (statement == NULL || bind(statement, call) != SQLITE_OK)
		return fail(record);
	result = sqlite3_step(statement);
	if (result != SQLITE_DONE)
		fail(record);
	/* It says again what step did. */
	(void)sqlite3_reset(statement);
	return result == SQLITE_DONE ? 0 : -1;
}

static void
give_row(sqlite3_stmt *statement, record_row_fn *row, void *arg)
{
	struct record_column columns[RECORD_VALUES_MAX];
	int i;

	for (i = 0; i < sqlite3_column_count(statement); i++) {
		columns[i].data =
		    (const char *)sqlite3_column_text(statement, i);
		columns[i].len = (size_t)sqlite3_column_bytes(statement, i);
	}
	row(arg, columns);
}

static int
query(struct record *record, const struct record_call *call, record_row_fn *row,
    void *arg)
{
	struct connection *connection = record->connection;
	sqlite3_stmt *statement = NULL;
	int result;

	connection->deadline = timestamp_monotonic() + record->options.timeout;
	result =
	    sqlite3_prepare_v2(connection->db, call->sql, -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = bind(statement, call);
	if (result == SQLITE_OK)
		while ((result = sqlite3_step(statement)) == SQLITE_ROW)
			give_row(statement, row, arg);
	if (result != SQLITE_DONE)
		fail(record);
	sqlite3_finalize(statement);
	connection->deadline = 0;
	return result == SQLITE_DONE ? 0 : -1;
}

const struct record_driver record_sqlite = {
	.dialect = RECORD_SQLITE,
	.begin = "BEGIN IMMEDIATE",
	.open = open_file,
	.close = close_file,
	.script = run_script,
	.run = run,
	.query = query,
};
