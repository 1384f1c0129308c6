/* SPDX-License-Identifier: MIT */
/*
 * A record in PostgreSQL, by libpq. Statements without rows go out one behind
 * the other (pipeline mode) and are waited for together.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "record_driver.h"
#include "timestamp.h"

/* Their answers, small ones, must fit what the sockets hold. */
#define UNANSWERED_MAX 256
#define NAME_SIZE 16
#define NUMBER_SIZE 24

struct connection {
	PGconn *db;
	size_t unanswered; /* commands in the pipeline */
};

static int
fail(struct record *record)
{
	struct connection *connection = record->connection;

	return record_fail(record, "postgres", PQerrorMessage(connection->db));
}

static void
ignore_notice(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

/*
 * Also tcp_user_timeout and statement_timeout: else one that hangs would be
 * waited for by the other side.
 */
static int
open_connection(struct record *record)
{
	const long long ms = record->options.timeout;
	struct connection *connection = calloc(1, sizeof(*connection));
	char seconds[NUMBER_SIZE], timeout[NUMBER_SIZE], options[64];
	const char *const words[] = { "application_name", "client_encoding",
		"connect_timeout", "tcp_user_timeout", "options", "dbname",
		NULL };
	const char *const values[] = { "postrider", "UTF8", seconds, timeout,
		options, record->options.url, NULL };

	if (connection == NULL)
		abort();
	record->connection = connection;
	(void)snprintf(seconds, sizeof(seconds), "%lld", (ms + 999) / 1000);
	(void)snprintf(timeout, sizeof(timeout), "%lld", ms);
	(void)snprintf(options, sizeof(options), "-c statement_timeout=%lld",
	    ms);
	connection->db = PQconnectdbParams(words, values, 1);
	if (connection->db == NULL)
		abort();
	if (PQstatus(connection->db) != CONNECTION_OK)
		return fail(record);
	PQsetNoticeProcessor(connection->db, ignore_notice, NULL);
	return 0;
}

static void
close_connection(struct record *record)
{
	struct connection *connection = record->connection;

	if (connection == NULL)
		return;
	PQfinish(connection->db);
	free(connection);
}

/* -- answers ---------------------------------------------------------------- */

/* Until PQgetResult() does not block. 0, or -1. */
static int
await(struct record *record)
{
	PGconn *db = ((struct connection *)record->connection)->db;
	struct pollfd fd = { PQsocket(db), POLLIN, 0 };
	const int64_t until = timestamp_monotonic() + record->options.timeout;
	int64_t left;

	while (PQisBusy(db)) {
		left = until - timestamp_monotonic();
		if (left <= 0)
			return record_fail(record, "postgres",
			    "no answer in time");
		if (poll(&fd, 1, (int)left) > 0 && !PQconsumeInput(db))
			return fail(record);
	}
	return 0;
}

/* The next result, NULL at the end of those of one command; -1. */
static int
next_result(struct record *record, PGresult **result)
{
	struct connection *connection = record->connection;
	ExecStatusType status;

	if (await(record) == -1)
		return -1;
	*result = PQgetResult(connection->db);
	if (*result == NULL)
		return 0;
	status = PQresultStatus(*result);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	    status == PGRES_EMPTY_QUERY || status == PGRES_PIPELINE_SYNC)
		return 0;
	record_fail(record, "postgres",
	    status == PGRES_PIPELINE_ABORTED ? "aborted" :
					       PQresultErrorMessage(*result));
	PQclear(*result);
	return -1;
}

static void
give_row(const PGresult *result, int row_number, record_row_fn *row, void *arg)
{
	struct record_column columns[RECORD_VALUES_MAX];
	int i;

	for (i = 0; i < PQnfields(result); i++) {
		columns[i].data = PQgetvalue(result, row_number, i);
		columns[i].len = (size_t)PQgetlength(result, row_number, i);
	}
	row(arg, columns);
}

/* All results of one command; without `row` there are no rows. */
static int
take_results(struct record *record, record_row_fn *row, void *arg)
{
	PGresult *result;
	int i;

	while (next_result(record, &result) == 0) {
		if (result == NULL)
			return 0;
		for (i = 0; row != NULL && i < PQntuples(result); i++)
			give_row(result, i, row, arg);
		PQclear(result);
	}
	return -1;
}

/* -- statements ------------------------------------------------------------- */

/* Its name is its number. 0 or -1. */
static int
prepare(struct record *record, const char *sql, char name[NAME_SIZE])
{
	struct connection *connection = record->connection;
	bool is_new;

	(void)snprintf(name, NAME_SIZE, "%zu",
	    record_prepared(record, sql, &is_new));
	if (!is_new)
		return 0;
	connection->unanswered++;
	return PQsendPrepare(connection->db, name, sql, 0, NULL) ? 0 :
								   fail(record);
}

static int
wait_for_all(struct record *record)
{
	struct connection *connection = record->connection;
	PGresult *result;

	if (connection->unanswered == 0)
		return 0;
	if (!PQpipelineSync(connection->db))
		return fail(record);
	for (; connection->unanswered > 0; connection->unanswered--)
		if (take_results(record, NULL, NULL) == -1)
			return -1;
	if (next_result(record, &result) == -1)
		return -1;
	PQclear(result); /* the sync's */
	return PQexitPipelineMode(connection->db) ? 0 : fail(record);
}

static int
run_script(struct record *record, const char *sql)
{
	struct connection *connection = record->connection;

	if (wait_for_all(record) == -1)
		return -1;
	if (!PQsendQuery(connection->db, sql))
		return fail(record);
	return take_results(record, NULL, NULL);
}

static int
run(struct record *record, const struct record_call *call)
{
	struct connection *connection = record->connection;
	char name[NAME_SIZE];

	if (connection->unanswered == 0 && !PQenterPipelineMode(connection->db))
		return fail(record);
	if (prepare(record, call->sql, name) == -1)
		return -1;
	if (!PQsendQueryPrepared(connection->db, name, (int)call->n,
		call->texts, NULL, NULL, 0))
		return fail(record);
	connection->unanswered++;
	return connection->unanswered < UNANSWERED_MAX ? 0 :
							 wait_for_all(record);
}

static int
query(struct record *record, const struct record_call *call, record_row_fn *row,
    void *arg)
{
	struct connection *connection = record->connection;

	if (wait_for_all(record) == -1)
		return -1;
	if (!PQsendQueryParams(connection->db, call->sql, (int)call->n, NULL,
		call->texts, NULL, NULL, 0))
		return fail(record);
	return take_results(record, row, arg);
}

const struct record_driver record_postgres = {
	.dialect = RECORD_POSTGRES,
	/* One writer at a time; the number is this program's own. */
	.begin = "BEGIN; SELECT pg_advisory_xact_lock(7236837641)",
	.open = open_connection,
	.close = close_connection,
	.script = run_script,
	.run = run,
	.query = query,
};
