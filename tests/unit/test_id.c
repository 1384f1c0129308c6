/* SPDX-License-Identifier: MIT */
/* unit.id: UUID v7 in the order of making, and which foreign ids we take. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "id.h"
#include "timestamp.h"

#define THREADS 4
#define IDS 20000 /* of each thread */
#define UUID_LENGTH 36

static int64_t
id_ms(const char *id)
{
	char hex[13];

	memcpy(hex, id, 8);
	memcpy(hex + 8, id + 9, 4);
	hex[12] = '\0';
	return (int64_t)strtoll(hex, NULL, 16);
}

static void
test_shape(void **state)
{
	char id[ID_MAX + 1];
	int64_t before = timestamp_now();
	size_t i;

	(void)state;
	id_new(id);
	assert_int_equal(strlen(id), UUID_LENGTH);
	for (i = 0; i < UUID_LENGTH; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23)
			assert_int_equal(id[i], '-');
		else
			assert_non_null(strchr("0123456789abcdef", id[i]));
	}
	assert_int_equal(id[14], '7'); /* version */
	assert_non_null(strchr("89ab", id[19])); /* variant */
	assert_in_range(id_ms(id), before, timestamp_now());
	assert_true(id_is_valid(id, strlen(id)));
}

static void *
make_ids(void *place)
{
	char(*ids)[ID_MAX + 1] = place;
	size_t i;

	for (i = 0; i < IDS; i++)
		id_new(ids[i]);
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
test_order_and_uniqueness(void **state)
{
	static char ids[THREADS * IDS][ID_MAX + 1];
	pthread_t threads[THREADS];
	size_t i, j;

	(void)state;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_ids,
				     ids[i * IDS]),
		    0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (i = 0; i < THREADS; i++)
		for (j = 1; j < IDS; j++)
			if (strcmp(ids[i * IDS + j - 1], ids[i * IDS + j]) >= 0)
				fail_msg("%s before %s", ids[i * IDS + j - 1],
				    ids[i * IDS + j]);
	qsort(ids, THREADS * IDS, sizeof(ids[0]), compare);
	for (i = 1; i < THREADS * IDS; i++)
		if (strcmp(ids[i - 1], ids[i]) == 0)
			fail_msg("%s twice", ids[i]);
}

static void
test_is_valid(void **state)
{
	static const struct {
		const char *id;
		size_t len;
		bool valid;
	} rows[] = {
		{ "a", 1, true },
		{ "Job_1.2-3", 9, true },
		{ "", 0, false },
		{ "a b", 3, false },
		{ "a/b", 3, false },
		{ "a:b", 3, false },
		{ "a\nb", 3, false },
		{ "a\0b", 3, false },
		{ "{a}", 3, false },
		{ "caf\xc3\xa9", 5, false },
		{ "0123456789012345678901234567890123456789"
		  "012345678901234567890123",
		    64, true },
		{ "0123456789012345678901234567890123456789"
		  "0123456789012345678901234",
		    65, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (id_is_valid(rows[i].id, rows[i].len) != rows[i].valid)
			fail_msg("row %zu: %s", i, rows[i].id);
}

static void
test_random_hex(void **state)
{
	char a[2 * 300 + 1], b[2 * 300 + 1];

	(void)state;
	id_random_hex(a, 300);
	id_random_hex(b, 300);
	assert_int_equal(strlen(a), 600);
	assert_int_equal(strspn(a, "0123456789abcdef"), 600);
	assert_string_not_equal(a, b);
	id_random_hex(a, 0);
	assert_string_equal(a, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_order_and_uniqueness),
		cmocka_unit_test(test_is_valid),
		cmocka_unit_test(test_random_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
