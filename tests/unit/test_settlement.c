/* SPDX-License-Identifier: MIT */
/* Which script settles an attempt, from the outcome and the recipients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "settlement.h"

static const struct config config = {
	.retry_base = 1000,
	.retry_cap = 60000,
	.retry_for = 9000,
	.job_ttl = 11,
	.failed_ttl = 22,
	.on_unknown_retry = true,
	.unknown_max = 1,
};

/* One recipient a letter: n(one) a(ccepted) r(etry) f(or good). */
static void
fill(struct job *job, struct envelope_recipient *envelope, const char *verdicts)
{
	static const char letters[] = "narf";
	char address[] = "x@b.c";
	size_t i;

	memset(job, 0, sizeof(*job));
	memcpy(job->id, "j1", 3);
	for (i = 0; verdicts[i] != '\0'; i++) {
		address[0] = (char)('a' + i);
		job_add_recipient(job, address, 5);
		envelope[i] = (struct envelope_recipient){
			.address = job->recipients[i].address,
			.verdict = (enum verdict)(
			    strchr(letters, verdicts[i]) - letters),
			.code = 450,
			.reply = "450 later",
		};
	}
}

static void
test_scripts(void **state)
{
	static const struct {
		const char *verdicts;
		enum outcome outcome;
		enum store_script script;
		size_t taken, refused, waiting;
	} rows[] = {
		{ "a", OUTCOME_SENT, STORE_SENT, 1, 0, 0 },
		{ "af", OUTCOME_SENT, STORE_SENT, 1, 1, 0 },
		{ "ar", OUTCOME_SENT, STORE_DEFER, 1, 0, 1 },
		{ "arf", OUTCOME_SENT, STORE_DEFER, 1, 1, 1 },
		{ "n", OUTCOME_DEFERRED, STORE_DEFER, 0, 0, 1 },
		{ "a", OUTCOME_DEFERRED, STORE_DEFER, 0, 0, 1 },
		{ "rf", OUTCOME_DEFERRED, STORE_DEFER, 0, 1, 1 },
		{ "f", OUTCOME_REJECTED, STORE_FAIL, 0, 1, 0 },
		{ "ff", OUTCOME_REJECTED, STORE_FAIL, 0, 2, 0 },
		{ "a", OUTCOME_REJECTED, STORE_FAIL, 0, 1, 0 },
		{ "nn", OUTCOME_REJECTED, STORE_FAIL, 0, 2, 0 },
		{ "a", OUTCOME_UNSENT, STORE_RELEASE, 0, 0, 1 },
		{ "a", OUTCOME_UNKNOWN, STORE_UNKNOWN, 0, 0, 1 },
	};
	struct envelope_recipient envelope[8];
	struct settlement s = { .owner = "o", .claim_seq = 5, .reply = "r" };
	struct buffer results = { 0 };
	struct store_call call;
	struct job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fill(&job, envelope, rows[i].verdicts);
		s.outcome = rows[i].outcome;
		settlement_mark(&job, envelope, job.recipients_len, &s);
		settlement_call(&call, &s, &job, &config, &results);
		if (call.script != rows[i].script)
			fail_msg("row %zu: script %d", i, (int)call.script);
		assert_int_equal(job_count(&job, RECIPIENT_TAKEN),
		    rows[i].taken);
		assert_int_equal(job_count(&job, RECIPIENT_REFUSED),
		    rows[i].refused);
		assert_int_equal(job_count(&job, RECIPIENT_WAITING),
		    rows[i].waiting);
		job_clear(&job);
		buffer_free(&results);
	}
}

/* What was taken on an earlier attempt counts when the rest is refused. */
static void
test_rest_refused(void **state)
{
	struct envelope_recipient envelope[8];
	struct settlement s = { .owner = "o",
		.outcome = OUTCOME_SENT,
		.code = 250,
		.reply = "250 ok" };
	struct buffer results = { 0 };
	struct store_call call;
	struct job job;

	(void)state;
	fill(&job, envelope, "ar");
	settlement_mark(&job, envelope, 2, &s);
	envelope[1].verdict = VERDICT_REFUSED;
	s.outcome = OUTCOME_REJECTED;
	settlement_mark(&job, &envelope[1], 1, &s);
	settlement_call(&call, &s, &job, &config, &results);
	assert_int_equal(call.script, STORE_SENT);
	assert_string_equal(job.recipients[0].reply, "250 ok");
	assert_string_equal(job.recipients[1].reply, "450 later");
	job_clear(&job);
	buffer_free(&results);
}

/* Arguments as the script's head says, the delay growing with the failures. */
static void
test_arguments(void **state)
{
	struct envelope_recipient envelope[8];
	struct settlement s = { .owner = "o",
		.claim_seq = 5,
		.retry_count = 2,
		.outcome = OUTCOME_DEFERRED,
		.code = 451,
		.reply = "451 later",
		.random = 0x80000000u };
	struct buffer results = { 0 };
	struct store_call call;
	struct job job;
	long ms;

	(void)state;
	fill(&job, envelope, "n");
	settlement_call(&call, &s, &job, &config, &results);
	assert_int_equal(call.argc, 11);
	assert_string_equal(call.argv[0], "j1");
	assert_string_equal(call.argv[1], "o");
	assert_string_equal(call.argv[2], "5");
	assert_string_equal(call.argv[4], "451");
	assert_string_equal(call.argv[5], "451 later");
	ms = strtol(call.argv[6], NULL, 10);
	assert_in_range(ms, 16000 * 8 / 10, 16000 * 12 / 10);
	assert_string_equal(call.argv[7], "9000");
	assert_string_equal(call.argv[8], "22");
	assert_string_equal(call.argv[9], "1");
	job_clear(&job);
	buffer_free(&results);
}

/* Some were taken, some wait: no failure, and those that wait say why. */
static void
test_some_taken(void **state)
{
	struct envelope_recipient envelope[8];
	struct settlement s = { .owner = "o",
		.outcome = OUTCOME_SENT,
		.code = 250,
		.reply = "250 ok" };
	struct buffer results = { 0 };
	struct store_call call;
	struct job job;

	(void)state;
	fill(&job, envelope, "aar");
	settlement_mark(&job, envelope, 3, &s);
	settlement_call(&call, &s, &job, &config, &results);
	assert_int_equal(call.script, STORE_DEFER);
	assert_string_equal(call.argv[4], "450");
	assert_string_equal(call.argv[5], "450 later");
	assert_string_equal(call.argv[9], "0");
	job_clear(&job);
	buffer_free(&results);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_rest_refused),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_some_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
