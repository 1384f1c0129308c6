/* SPDX-License-Identifier: MIT */
/* Reads PACE_FILE. It knows nothing of what a limit does. */
#include "pace_table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "buffer.h"
#include "literal.h"
#include "setting.h"

#define SETTING "PACE_FILE"
#define BLANKS " \t\r\n"

/* The file being read. */
struct reading {
	struct pace_table *table;
	const char *path;
	int line;
	FILE *faults;
	int found;
};

static void
fault(struct reading *reading, const char *value, const char *why)
{
	struct buffer where = { 0 };

	buffer_printf(&where, SETTING " %s:%d", reading->path, reading->line);
	setting_fault(where.data, value, why, reading->faults);
	buffer_free(&where);
	reading->found++;
}

/* Digits with a point between at most; what stands behind them, or NULL. */
static const char *
read_number(double *number, const char *text)
{
	double unit = 1;

	*number = 0;
	if (*text < '0' || *text > '9')
		return NULL;
	for (; *text >= '0' && *text <= '9'; text++)
		*number = *number * 10 + (*text - '0');
	if (*text != '.')
		return text;
	for (text++; *text >= '0' && *text <= '9'; text++)
		*number += (*text - '0') * (unit /= 10);
	return text;
}

int
pace_rate_read(double *rate, const char *text)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = { { "", 1 }, { "/s", 1 }, { "/m", 60 }, { "/h", 3600 } };
	const char *unit = read_number(rate, text);
	size_t i;

	for (i = 0; unit != NULL && i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(unit, units[i].name) == 0) {
			*rate /= units[i].seconds;
			return *rate > 0 && *rate <= PACE_RATE_MAX ? 0 : -1;
		}
	return -1;
}

static void
read_rate(struct reading *reading, double *rate, const char *text)
{
	if (strcmp(text, "-") != 0 && pace_rate_read(rate, text) == -1)
		fault(reading, text,
		    "is not a rate: say 10, 0.5, 10/s, 30/m or 500/h, up to " LITERAL(
			PACE_RATE_MAX) "/s, or - for none");
}

static void
read_most(struct reading *reading, int *most, const char *text)
{
	static const struct setting row = { .type = SETTING_NUMBER,
		.min = 1,
		.max = PACE_MOST_MAX };
	int64_t number = 0;

	if (strcmp(text, "-") != 0 &&
	    setting_store(&row, &number, text) != NULL)
		fault(reading, text,
		    "is not a number of mails at a time: say 1 to " LITERAL(
			PACE_MOST_MAX) ", or - for no limit");
	*most = (int)number;
}

static void
read_domain(struct reading *reading, char **name, const char *text)
{
	char domain[DOMAIN_MAX + 1] = "*";

	if (strcmp(text, "*") != 0 &&
	    domain_normalize(text, strlen(text), domain) != ADDRESS_OK)
		fault(reading, text, "is no domain, and not *");
	*name = strdup(domain);
	if (*name == NULL)
		abort();
}

/* `text` is changed. */
static void
read_line(struct reading *reading, char *text)
{
	struct pace_table *table = reading->table;
	struct pace_limit *row;
	char *domain, *rate, *most, *rest;

	text[strcspn(text, "#")] = '\0';
	domain = strtok_r(text, BLANKS, &rest);
	if (domain == NULL)
		return;
	rate = strtok_r(NULL, BLANKS, &rest);
	most = strtok_r(NULL, BLANKS, &rest);
	if (rate == NULL || most == NULL ||
	    strtok_r(NULL, BLANKS, &rest) != NULL) {
		fault(reading, domain,
		    "must be followed by two words: its rate, and the most "
		    "mails at a time");
		return;
	}
	table->rows =
	    realloc(table->rows, (table->len + 1) * sizeof(*table->rows));
	if (table->rows == NULL)
		abort();
	row = &table->rows[table->len++];
	memset(row, 0, sizeof(*row));
	row->line = reading->line;
	read_domain(reading, &row->domain, domain);
	read_rate(reading, &row->rate, rate);
	read_most(reading, &row->most, most);
}

static int
compare(const void *a, const void *b)
{
	const struct pace_limit *one = a, *other = b;

	return strcmp(one->domain, other->domain);
}

static void
check_twice(struct reading *reading)
{
	const struct pace_limit *row;
	size_t i;

	for (i = 1; i < reading->table->len; i++) {
		row = &reading->table->rows[i];
		if (strcmp(row[-1].domain, row->domain) != 0)
			continue;
		reading->line =
		    row->line > row[-1].line ? row->line : row[-1].line;
		fault(reading, row->domain, "has another line above");
	}
}

int
pace_table_load(struct pace_table *table, const char *path, FILE *faults)
{
	struct reading reading = { .table = table,
		.path = path,
		.faults = faults };
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	memset(table, 0, sizeof(*table));
	if (path[0] == '\0')
		return 0;
	file = fopen(path, "re");
	if (file == NULL) {
		setting_fault(SETTING, path, strerror(errno), faults);
		return -1;
	}
	while (getline(&line, &size, file) != -1) {
		reading.line++;
		read_line(&reading, line);
	}
	if (ferror(file) != 0) {
		setting_fault(SETTING, path, "cannot be read", faults);
		reading.found++;
	}
	(void)fclose(file); /* it was read */
	free(line);
	if (table->len > 0)
		qsort(table->rows, table->len, sizeof(*table->rows), compare);
	check_twice(&reading);
	if (reading.found == 0)
		return 0;
	pace_table_free(table);
	return -1;
}

void
pace_table_free(struct pace_table *table)
{
	size_t i;

	for (i = 0; i < table->len; i++)
		free(table->rows[i].domain);
	free(table->rows);
	memset(table, 0, sizeof(*table));
}

static const struct pace_limit *
find(const struct pace_table *table, char *domain)
{
	const struct pace_limit wanted = { .domain = domain };

	return table->len == 0 ? NULL :
				 bsearch(&wanted, table->rows, table->len,
				     sizeof(*table->rows), compare);
}

const struct pace_limit *
pace_table_find(const struct pace_table *table, const char *domain)
{
	const struct pace_limit *found = find(table, (char *)domain);

	return found != NULL ? found : find(table, (char *)"*");
}
