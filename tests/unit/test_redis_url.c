/* SPDX-License-Identifier: MIT */
/* REDIS_URL in all its shapes, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "redis_tls.h"
#include "redis_url.h"

static void
test_shapes(void **state)
{
	static const struct {
		const char *text, *host, *path, *user, *password;
		int port, db;
	} rows[] = {
		{ "redis://h", "h", NULL, NULL, NULL, 6379, 0 },
		{ "redis://127.0.0.1:7000/3", "127.0.0.1", NULL, NULL, NULL,
		    7000, 3 },
		{ "redis://h/", "h", NULL, NULL, NULL, 6379, 0 },
		{ "redis://:p%40ss@h:1", "h", NULL, "", "p@ss", 1, 0 },
		{ "redis://u:p@h", "h", NULL, "u", "p", 6379, 0 },
		{ "redis://[::1]:7000", "::1", NULL, NULL, NULL, 7000, 0 },
		{ "unix:///run/redis.sock", NULL, "/run/redis.sock", NULL, NULL,
		    0, 0 },
		{ "unix:///r.sock?db=2", NULL, "/r.sock", NULL, NULL, 0, 2 },
	};
	struct redis_url url;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(redis_url_parse(&url, rows[i].text, &why), 0);
		assert_int_equal(url.port, rows[i].port);
		assert_int_equal(url.db, rows[i].db);
		if (rows[i].host != NULL)
			assert_string_equal(url.host, rows[i].host);
		else
			assert_string_equal(url.path, rows[i].path);
		if (rows[i].password != NULL)
			assert_string_equal(url.password, rows[i].password);
		else
			assert_null(url.password);
		if (rows[i].user != NULL && rows[i].user[0] != '\0')
			assert_string_equal(url.user, rows[i].user);
		redis_url_clear(&url);
	}
}

static void
test_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"localhost:6379",
		"http://h",
		"redis://h?ca=/x",
		"redis://h?db=1",
		"rediss://h?ca=x",
		"rediss://h?db=1",
		"redis://",
		"redis://h:0",
		"redis://h:70000",
		"redis://h/x",
		"redis://h/-1",
		"unix://relative",
		"unix:///s?database=1",
		"unix:///s?db=x",
	};
	struct redis_url url;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		why = NULL;
		if (redis_url_parse(&url, rows[i], &why) != -1)
			fail_msg("taken: %s", rows[i]);
		assert_non_null(why);
		assert_null(url.host);
		assert_null(url.path);
	}
}

/* Where hiredis has it; elsewhere it says what is missing. */
static void
test_tls(void **state)
{
	struct redis_url url;
	const char *why;

	(void)state;
	if (!redis_tls_is_built()) {
		assert_int_equal(redis_url_parse(&url, "rediss://h", &why), -1);
		assert_non_null(strstr(why, "hiredis 1.0"));
		return;
	}
	assert_int_equal(redis_url_parse(&url, "rediss://:p@h:6380/2?ca=/c.pem",
			     &why),
	    0);
	assert_true(url.tls);
	assert_string_equal(url.host, "h");
	assert_string_equal(url.ca, "/c.pem");
	assert_int_equal(url.port, 6380);
	assert_int_equal(url.db, 2);
	redis_url_clear(&url);
	assert_int_equal(redis_url_parse(&url, "rediss://h", &why), 0);
	assert_null(url.ca);
	redis_url_clear(&url);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
