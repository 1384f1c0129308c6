/* SPDX-License-Identifier: MIT */
/* unit.lane: names, queues and turns of the lanes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lane.h"

static void
test_names(void **state)
{
	(void)state;
	assert_int_equal(lane_find("normal", 6), LANE_NORMAL);
	assert_int_equal(lane_find("high", 4), LANE_HIGH);
	assert_int_equal(lane_find("bulk", 4), LANE_BULK);
	assert_int_equal(lane_find("bul", 3), LANE__MAX);
	assert_int_equal(lane_find("High", 4), LANE__MAX);
	assert_int_equal(lane_find("", 0), LANE__MAX);
	assert_int_equal(lane_read("", 0), LANE_NORMAL);
	assert_int_equal(lane_read("bulk", 4), LANE_BULK);
	assert_int_equal(lane_read("first", 5), LANE_NORMAL);
}

static void
test_queues(void **state)
{
	char name[LANE_QUEUE_SIZE], longest[LANE_QUEUE_SIZE];

	(void)state;
	lane_queue(name, LANE_NORMAL, "email_tasks");
	assert_string_equal(name, "email_tasks");
	lane_queue(name, LANE_HIGH, "email_tasks");
	assert_string_equal(name, "email_tasks_high");
	lane_queue(name, LANE_BULK, "q");
	assert_string_equal(name, "q_bulk");
	memset(longest, 'q', sizeof(longest));
	longest[LANE_QUEUE_SIZE - 1 - LANE_SUFFIX_MAX] = '\0';
	lane_queue(name, LANE_HIGH, longest);
	assert_int_equal(strlen(name), LANE_QUEUE_SIZE - 1);
}

/* How many of `turns` turns each lane gets while those of `waiting` have mail. */
static void
take_turns(struct lane_turns *lanes, const size_t waiting[LANE__MAX], int turns,
    int got[LANE__MAX])
{
	memset(got, 0, LANE__MAX * sizeof(*got));
	for (; turns > 0; turns--)
		got[lane_next(lanes, waiting)]++;
}

static void
test_turns(void **state)
{
	static const struct {
		size_t waiting[LANE__MAX];
		int turns, got[LANE__MAX];
	} rows[] = {
		/* normal, high, bulk */
		{ { 1, 1, 1 }, 13, { 4, 8, 1 } },
		{ { 9, 1, 70 }, 1300, { 400, 800, 100 } },
		{ { 1, 0, 1 }, 10, { 8, 0, 2 } },
		{ { 0, 1, 1 }, 9, { 0, 8, 1 } },
		{ { 0, 0, 1 }, 5, { 0, 0, 5 } },
	};
	struct lane_turns lanes;
	int got[LANE__MAX];
	size_t i;
	int lane;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&lanes, 0, sizeof(lanes));
		take_turns(&lanes, rows[i].waiting, rows[i].turns, got);
		for (lane = 0; lane < LANE__MAX; lane++)
			assert_int_equal(got[lane], rows[i].got[lane]);
	}
}

/* Whoever had nothing for long has no right to all that follows. */
static void
test_an_empty_lane_gathers_nothing(void **state)
{
	static const size_t nothing[LANE__MAX] = { 0 };
	static const size_t bulk[LANE__MAX] = { [LANE_BULK] = 1 };
	static const size_t all[LANE__MAX] = { 1, 1, 1 };
	struct lane_turns lanes = { { 0 } };
	int got[LANE__MAX];

	(void)state;
	assert_int_equal(lane_next(&lanes, nothing), LANE__MAX);
	take_turns(&lanes, bulk, 1000, got);
	assert_int_equal(lane_next(&lanes, all), LANE_HIGH);
	take_turns(&lanes, all, 12, got);
	assert_int_equal(got[LANE_HIGH], 7);
	assert_int_equal(got[LANE_NORMAL], 4);
	assert_int_equal(got[LANE_BULK], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_queues),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_an_empty_lane_gathers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
