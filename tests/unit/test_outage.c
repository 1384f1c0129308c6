/* SPDX-License-Identifier: MIT */
/*
 * unit.outage: one line when a service goes and one when it is back, whichever
 * of its connections finds out, and how often.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"
#include "outage.h"

static struct outage outage;
static struct presence one, two;
static char output[65536];
static int real_stderr;
static FILE *file;

static int
set_up(void **state)
{
	(void)state;
	outage = (struct outage){ .service = "redis",
		.setting = "REDIS_URL",
		.lock = PTHREAD_MUTEX_INITIALIZER };
	one = (struct presence){ &outage, "one", PRESENCE_NEW };
	two = (struct presence){ &outage, "two", PRESENCE_NEW };
	file = tmpfile();
	assert_non_null(file);
	real_stderr = dup(STDERR_FILENO);
	assert_int_equal(dup2(fileno(file), STDERR_FILENO), STDERR_FILENO);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	assert_int_equal(dup2(real_stderr, STDERR_FILENO), STDERR_FILENO);
	close(real_stderr);
	(void)fclose(file);
	return 0;
}

/* How many lines hold `text` so far. */
static int
count(const char *text)
{
	ssize_t n = pread(fileno(file), output, sizeof(output) - 1, 0);
	const char *at = output;
	int found = 0;

	assert_true(n >= 0);
	output[n] = '\0';
	while ((at = strstr(at, text)) != NULL) {
		at += strlen(text);
		found++;
	}
	return found;
}

static void
assert_why(const char *why)
{
	char text[OUTAGE_WHY_SIZE];

	outage_why(&outage, text);
	assert_string_equal(text, why);
}

static void
test_there_from_the_start(void **state)
{
	(void)state;
	presence_found(&one);
	presence_found(&one);
	presence_found(&two);
	assert_int_equal(count("redis is connected"), 2);
	assert_int_equal(count("redis is back"), 0);
	assert_why("");
}

static void
test_two_connections_one_outage(void **state)
{
	(void)state;
	presence_found(&one);
	presence_found(&two);
	presence_lost(&one, "closed");
	presence_lost(&one, "refused");
	presence_lost(&two, "reset");
	assert_int_equal(count("level=warning"), 1);
	assert_int_equal(count("msg=\"redis is away\" why=closed"), 1);
	assert_why("reset"); /* the latest */
	presence_found(&two);
	assert_int_equal(count("redis is back"), 0);
	assert_why("reset");
	presence_lost(&two, "closed again");
	presence_found(&two);
	presence_found(&one);
	assert_int_equal(count("msg=\"redis is back\" after="), 1);
	assert_int_equal(count("level=warning"), 1);
	assert_why("");
	presence_lost(&two, "down");
	assert_int_equal(count("level=warning"), 2);
}

static void
test_away_from_the_start(void **state)
{
	(void)state;
	presence_lost(&one, "refused");
	presence_found(&one);
	assert_int_equal(count("redis is away"), 1);
	assert_int_equal(count("redis is back"), 1);
}

static void
test_a_setting(void **state)
{
	(void)state;
	presence_found(&one);
	presence_lost(&one, "closed");
	presence_lost(&one, "REDIS_URL: NOAUTH");
	presence_lost(&one, "REDIS_URL: NOAUTH");
	presence_lost(&two, "REDIS_URL: NOAUTH");
	assert_int_equal(count("redis is away"), 1);
	assert_int_equal(count("level=error"), 1);
	assert_int_equal(count("setting is put right\" why=\"REDIS_URL: "), 1);
	presence_found(&one);
	presence_found(&two);
	presence_lost(&one, "REDIS_URL: WRONGPASS");
	presence_lost(&one, "REDIS_URL: WRONGPASS");
	assert_int_equal(count("WRONGPASS"), 1);
}

#define CAPTURED(TEST) cmocka_unit_test_setup_teardown(TEST, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CAPTURED(test_there_from_the_start),
		CAPTURED(test_two_connections_one_outage),
		CAPTURED(test_away_from_the_start),
		CAPTURED(test_a_setting),
	};

	log_open(&(struct log_options){ .program = "test", .least = LOG_INFO });
	return cmocka_run_group_tests(tests, NULL, NULL);
}
