/* SPDX-License-Identifier: MIT */
/* unit.confirmations: when they are told, how many in a call, none twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "confirmations.h"

#define LONG 500
#define ROOM 20

static struct confirmations *confirmations;

static int
set_up(void **state)
{
	(void)state;
	confirmations = confirmations_new(ROOM);
	return confirmations != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	confirmations_free(confirmations);
	return 0;
}

static void
add(int count)
{
	char id[16];
	int i;

	for (i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "job-%d", i);
		confirmations_add(confirmations, id, i);
	}
}

/* How many ids there are in the calls; ends these as Redis would. */
static int
count_and_end(struct pipeline_call *call)
{
	const redisReply reply = { .type = REDIS_REPLY_INTEGER };
	struct pipeline_call *next;
	int ids = 0;

	for (; call != NULL; call = next) {
		next = call->next;
		/* an id and a time each */
		assert_int_equal(call->args % 2, 0);
		ids += (int)call->args / 2;
		pipeline_call_end(call, PIPELINE_REPLIED, &reply);
	}
	return ids;
}

static int
take(bool all)
{
	return count_and_end(confirmations_take(confirmations, all));
}

static void
test_a_few_wait(void **state)
{
	(void)state;
	assert_int_equal(take(true), 0);
	assert_false(confirmations_waiting(confirmations));
	add(LONG - 1);
	assert_true(confirmations_waiting(confirmations));
	assert_int_equal(take(true), LONG - 1);
	assert_false(confirmations_waiting(confirmations));
	assert_int_equal(take(true), 0);
}

static void
test_many_do_not(void **state)
{
	(void)state;
	add(LONG);
	assert_int_equal(take(false), LONG);
}

static void
test_nor_do_old_ones(void **state)
{
	static const struct timespec pause = { 0, 5 * 1000 * 1000 };
	int told = 0;

	(void)state;
	add(3);
	while ((told = take(false)) == 0)
		nanosleep(&pause, NULL);
	assert_int_equal(told, 3);
}

/* What is lost is told by the sweeper's second hint. */
static void
test_full(void **state)
{
	(void)state;
	add(LONG + ROOM + 7);
	assert_int_equal(take(false), LONG + ROOM);
}

#define READY(TEST) cmocka_unit_test_setup_teardown(TEST, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READY(test_a_few_wait),
		READY(test_many_do_not),
		READY(test_nor_do_old_ones),
		READY(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
