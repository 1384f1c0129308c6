/* SPDX-License-Identifier: MIT */
/* Opens a record by its URL and brings its schema up. */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record_driver.h"

static const struct record_driver *const drivers[] = {
	[RECORD_SQLITE] = &record_sqlite,
	[RECORD_POSTGRES] = &record_postgres,
};

int
record_fail(struct record *record, const char *what, const char *why)
{
	char *end;

	if (record->why[0] != '\0')
		return -1;
	(void)snprintf(record->why, sizeof(record->why), "%s: %s", what, why);
	while ((end = strpbrk(record->why, "\r\n")) != NULL)
		*end = end[1] == '\0' ? '\0' : ' ';
	return -1;
}

size_t
record_prepared(struct record *record, const char *sql, bool *is_new)
{
	size_t i = 0;

	while (record->prepared[i] != NULL && record->prepared[i] != sql)
		if (++i == RECORD_PREPARED_MAX)
			abort(); /* it is too small for our statements */
	*is_new = record->prepared[i] == NULL;
	record->prepared[i] = sql;
	return i;
}

const char *
record_why(const struct record *record)
{
	return record->why;
}

/* -- schema --------------------------------------------------------------- */

#define VERSION "SELECT coalesce(max(version), 0) FROM schema_migration"

static void
read_version(void *arg, const struct record_column *columns)
{
	int *version = arg;

	*version = atoi(columns[0].data);
}

static int
newest_version(void)
{
	return record_migrations[record_migrations_len - 1].version;
}

/* What the database has. 0, or -1: it cannot be told, or is too new. */
static int
get_version(struct record *record, int *version)
{
	struct record_call call;
	char why[RECORD_WHY_SIZE];

	record_call_begin(&call, VERSION);
	if (record_query(record, &call, read_version, version) == -1)
		return -1;
	if (*version <= newest_version())
		return 0;
	(void)snprintf(why, sizeof(why),
	    "its schema is version %d, this program knows %d: it is not used, "
	    "upgrade the program",
	    *version, newest_version());
	return record_fail(record, "record", why);
}

static int
apply(struct record *record, const struct record_migration *migration)
{
	const struct record_driver *driver = record->driver;
	struct record_call call;

	if (driver->script(record, migration->first[driver->dialect]) == -1 ||
	    driver->script(record, migration->sql) == -1)
		return -1;
	record_call_begin(&call,
	    "INSERT INTO schema_migration (version) VALUES ($1)");
	record_call_number(&call, migration->version);
	return record_run(record, &call);
}

static int
migrate(struct record *record)
{
	int version;
	size_t i;

	if (record_begin(record) == -1 ||
	    record->driver->script(record,
		"CREATE TABLE IF NOT EXISTS schema_migration ("
		"version INTEGER PRIMARY KEY, "
		"applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)") ==
		-1 ||
	    get_version(record, &version) == -1)
		return -1;
	for (i = 0; i < record_migrations_len; i++)
		if (record_migrations[i].version > version &&
		    apply(record, &record_migrations[i]) == -1)
			return -1;
	return record_commit(record);
}

static int
expect_schema(struct record *record)
{
	int version;

	if (get_version(record, &version) == -1)
		return -1;
	return version == newest_version() ?
	    0 :
	    record_fail(record, "record",
		"its schema is older than this program's: a worker of this "
		"version brings it up");
}

/* -- a connection ---------------------------------------------------------- */

struct record *
record_open(const struct record_options *options, char why[RECORD_WHY_SIZE])
{
	struct record *record = calloc(1, sizeof(*record));

	if (record == NULL)
		abort();
	record->options = *options;
	record->driver = drivers[record_url_dialect(options->url)];
	if (record->driver->open(record) == 0 &&
	    (options->write ? migrate(record) : expect_schema(record)) == 0)
		return record;
	(void)snprintf(why, RECORD_WHY_SIZE, "%s", record->why);
	record_close(record);
	return NULL;
}

void
record_close(struct record *record)
{
	if (record == NULL)
		return;
	record->driver->close(record);
	free(record);
}

/* -- statements ------------------------------------------------------------- */

void
record_call_begin(struct record_call *call, const char *sql)
{
	call->sql = sql;
	call->n = 0;
}

static struct record_value *
next_value(struct record_call *call)
{
	if (call->n == RECORD_VALUES_MAX)
		abort();
	return &call->values[call->n++];
}

void
record_call_text(struct record_call *call, const char *text, size_t len)
{
	struct record_value *value = next_value(call);

	value->is_number = false;
	value->len = text != NULL ? len : 0;
	call->texts[call->n - 1] = text != NULL ? text : "";
}

void
record_call_number(struct record_call *call, int64_t number)
{
	struct record_value *value = next_value(call);

	value->is_number = true;
	value->number = number;
	(void)snprintf(value->text, sizeof(value->text), "%lld",
	    (long long)number);
	call->texts[call->n - 1] = value->text;
}

int
record_begin(struct record *record)
{
	return record->driver->script(record, record->driver->begin);
}

int
record_commit(struct record *record)
{
	return record->driver->script(record, "COMMIT");
}

int
record_run(struct record *record, const struct record_call *call)
{
	return record->driver->run(record, call);
}

int
record_query(struct record *record, const struct record_call *call,
    record_row_fn *row, void *arg)
{
	return record->driver->query(record, call, row, arg);
}
