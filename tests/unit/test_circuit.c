/* SPDX-License-Identifier: MIT */
/* unit.circuit: when a relay counts as down, when it may be tried, and proof. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "circuit.h"

static const struct config config = { .reconnect_base = 100,
	.smtp_reconnect_cap = 1000 };

static void
open_circuit(struct circuit *circuit)
{
	circuit_open(circuit, &config, "mx:25", 5);
	assert_int_equal(circuit->state, RELAY_IDLE);
	assert_int_equal(circuit->since, 5);
	assert_int_equal(circuit->latency, -1);
}

/* At loop time `at`, with no jitter; the pause. */
static int64_t
fail_at(struct circuit *circuit, int64_t at, bool connected, bool others)
{
	const struct circuit_failure failure = { .why = "no",
		.others = others,
		.connected = connected };
	const struct circuit_moment moment = { .loop = at,
		.wall = 1000 + at,
		.random = 0x80000000U };

	return circuit_fail(circuit, &failure, &moment);
}

static void
test_down_and_back(void **state)
{
	struct circuit circuit;

	(void)state;
	open_circuit(&circuit);
	assert_int_equal(circuit_allows(&circuit, 0), SIZE_MAX);
	assert_in_range(fail_at(&circuit, 0, false, false), 100, 101);
	assert_int_equal(circuit.state, RELAY_DOWN);
	assert_int_equal(circuit.since, 1000);
	assert_string_equal(circuit.error, "no");
	assert_int_equal(circuit_allows(&circuit, 50), 0);
	assert_int_equal(circuit_allows(&circuit, 101), 1); /* a probe */
	assert_in_range(fail_at(&circuit, 101, false, false), 400, 401);
	assert_in_range(fail_at(&circuit, 600, false, false), 1000, 1001);
	assert_int_equal(circuit.since, 1000);
	circuit_connected(&circuit, 7, 9000);
	assert_int_equal(circuit.state, RELAY_UP);
	assert_int_equal(circuit.since, 9000);
	assert_int_equal(circuit.latency, 7);
	assert_string_equal(circuit.error, "");
	assert_int_equal(circuit_allows(&circuit, 601), SIZE_MAX);
}

/* Sixteen attempts that fail together are one failure. */
static void
test_failures_of_one_moment(void **state)
{
	struct circuit circuit;
	int i;

	(void)state;
	open_circuit(&circuit);
	for (i = 0; i < 16; i++)
		assert_in_range(fail_at(&circuit, i, false, false), 100, 101);
	assert_int_equal(circuit.failures, 1);
}

/* A relay that allows no more connections is up for those it has. */
static void
test_others_in_use(void **state)
{
	struct circuit circuit;

	(void)state;
	open_circuit(&circuit);
	circuit_connected(&circuit, 1, 1);
	(void)fail_at(&circuit, 10, false, true);
	assert_int_equal(circuit.state, RELAY_UP);
	assert_int_equal(circuit_allows(&circuit, 11), 0);
	assert_int_equal(circuit_allows(&circuit, 200), 1);
}

/* It connects and then serves nobody: pauses grow until a mail is answered. */
static void
test_doubt(void **state)
{
	struct circuit circuit;

	(void)state;
	open_circuit(&circuit);
	circuit_connected(&circuit, 1, 1);
	assert_in_range(fail_at(&circuit, 0, true, false), 100, 101);
	assert_int_equal(circuit.state, RELAY_DOWN);
	circuit_connected(&circuit, 1, 200);
	assert_int_equal(circuit.state, RELAY_UP);
	assert_int_equal(circuit_allows(&circuit, 200), 1);
	assert_in_range(fail_at(&circuit, 200, true, false), 400, 401);
	circuit_connected(&circuit, 1, 900);
	circuit_proven(&circuit, 901);
	assert_int_equal(circuit.state, RELAY_UP);
	assert_int_equal(circuit_allows(&circuit, 901), SIZE_MAX);
}

/* A refused login: not asked again as soon as a lost connection. */
static void
test_longer_pause(void **state)
{
	const struct circuit_failure failure = { .why = "no", .pause = 5000 };
	const struct circuit_moment moment = { .random = 0x80000000U };
	struct circuit circuit;

	(void)state;
	open_circuit(&circuit);
	assert_int_equal(circuit_fail(&circuit, &failure, &moment), 5000);
	assert_int_equal(circuit_allows(&circuit, 4999), 0);
	assert_int_equal(circuit_allows(&circuit, 5000), 1);
}

/* Down is told, and then, if it is so, that a person must look at it. */
static void
test_what_is_told(void **state)
{
	struct circuit_failure failure = { .why = "no" };
	const struct circuit_moment moment = { .random = 0x80000000U };
	struct circuit circuit;

	(void)state;
	open_circuit(&circuit);
	(void)circuit_fail(&circuit, &failure, &moment);
	assert_true(circuit.told);
	assert_false(circuit.told_broken);
	failure.broken = true;
	(void)circuit_fail(&circuit, &failure, &moment);
	assert_true(circuit.told_broken);
	failure.broken = false;
	(void)circuit_fail(&circuit, &failure, &moment);
	assert_true(circuit.told_broken);
	circuit_connected(&circuit, 1, 1);
	assert_false(circuit.told || circuit.told_broken);
}

static void
test_idle(void **state)
{
	struct circuit circuit;

	(void)state;
	open_circuit(&circuit);
	circuit_connected(&circuit, 1, 1);
	circuit_idle(&circuit, 2);
	assert_int_equal(circuit.state, RELAY_IDLE);
	(void)fail_at(&circuit, 3, false, false);
	circuit_idle(&circuit, 4);
	assert_int_equal(circuit.state, RELAY_DOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_down_and_back),
		cmocka_unit_test(test_failures_of_one_moment),
		cmocka_unit_test(test_others_in_use),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_longer_pause),
		cmocka_unit_test(test_what_is_told),
		cmocka_unit_test(test_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
