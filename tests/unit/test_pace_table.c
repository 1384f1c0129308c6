/* SPDX-License-Identifier: MIT */
/* unit.pace_table: rates, and the limits of domains in a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pace_table.h"

static void
test_rates(void **state)
{
	static const struct {
		const char *text;
		double rate; /* 0: is none */
	} rows[] = {
		{ "10", 10 },
		{ "10/s", 10 },
		{ "0.5", 0.5 },
		{ "30/m", 0.5 },
		{ "7200/h", 2 },
		{ "100000", 100000 },
		{ "1.", 1 },
		{ "0", 0 },
		{ "0.0/s", 0 },
		{ "100001", 0 },
		{ "", 0 },
		{ "/s", 0 },
		{ ".5", 0 },
		{ "-1", 0 },
		{ "1e3", 0 },
		{ "1/d", 0 },
		{ "1 /s", 0 },
		{ "nan", 0 },
		{ "99999999999999999999999999999999999999", 0 },
	};
	double rate;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const int result = pace_rate_read(&rate, rows[i].text);

		assert_int_equal(result, rows[i].rate > 0 ? 0 : -1);
		if (result == 0)
			assert_true(rate > rows[i].rate * 0.999 &&
			    rate < rows[i].rate * 1.001);
	}
}

/* What faults there are of a file with that text; NULL: none. */
static char *
load(struct pace_table *table, const char *text)
{
	char path[] = "/tmp/pace-table-XXXXXX";
	const int fd = mkstemp(path);
	char *faults = NULL;
	size_t size;
	FILE *out = open_memstream(&faults, &size);
	int result;

	assert_true(fd != -1);
	assert_non_null(out);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	result = pace_table_load(table, path, out);
	unlink(path);
	fclose(out);
	if (result == -1) {
		assert_int_equal(table->len, 0);
		return faults;
	}
	free(faults);
	return NULL;
}

static void
test_whose_line_it_is(void **state)
{
	struct pace_table table;
	const struct pace_limit *limit;

	(void)state;
	assert_null(load(&table,
	    "# limits\n\nExample.com  10/s  5\n*\t-\t20 # the rest\n"
	    "b\xc3\xbc"
	    "cher.example 1 -"));
	assert_int_equal(table.len, 3);
	limit = pace_table_find(&table, "example.com");
	assert_true(limit->rate > 9.9 && limit->most == 5);
	limit = pace_table_find(&table, "sub.example.com");
	assert_string_equal(limit->domain, "*");
	assert_true(limit->rate <= 0 && limit->most == 20);
	limit = pace_table_find(&table, "xn--bcher-kva.example");
	assert_true(limit->rate > 0.9 && limit->most == 0);
	pace_table_free(&table);

	assert_null(load(&table, "a.example 1 1\n"));
	assert_null(pace_table_find(&table, "b.example"));
	pace_table_free(&table);
	assert_null(load(&table, ""));
	assert_null(pace_table_find(&table, "b.example"));
	assert_int_equal(pace_table_load(&table, "", stderr), 0);
}

static void
test_what_is_wrong_is_told_by_its_line(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "a.example 1\n", ":1: 'a.example' must be followed by" },
		{ "\na.example 1 1 1\n", ":2: 'a.example' must be followed" },
		{ "# a\n\nno_domain 1 1\n", ":3: 'no_domain' is no domain" },
		{ "a.example fast 1\n", ":1: 'fast' is not a rate" },
		{ "a.example 0 1\n", ":1: '0' is not a rate" },
		{ "a.example 1 0\n", ":1: '0' is not a number of mails" },
		{ "a.example 1 many\n", ":1: 'many' is not a number" },
		{ "a.example 1 10001\n", ":1: '10001' is not a number" },
		{ "* 1 1\nb.example 1 1\n* - -\n", ":3: '*' has another line" },
		{ "A.example 1 1\na.EXAMPLE 2 2\n", ":2: 'a.example' has" },
	};
	struct pace_table table;
	char *faults;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		faults = load(&table, rows[i].text);
		assert_non_null(faults);
		assert_non_null(strstr(faults, rows[i].words));
		assert_true(strncmp(faults, "PACE_FILE /", 11) == 0);
		free(faults);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_whose_line_it_is),
		cmocka_unit_test(test_what_is_wrong_is_told_by_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
