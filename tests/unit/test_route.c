/* SPDX-License-Identifier: MIT */
/* unit.route: which row answers, and what else may be asked for there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "key.h"
#include "route.h"

static const struct route table[] = {
	{ "POST", "/api/emails", NULL, ACCESS_SEND },
	{ "GET", "/api/emails", NULL, ACCESS_SEND },
	{ "GET", "/api/emails/{id}", NULL, ACCESS_SEND },
	{ "PATCH", "/api/emails/{id}", NULL, ACCESS_SEND },
	{ "POST", "/api/emails/{id}/cancel", NULL, ACCESS_SEND },
	{ "GET", "/health", NULL, ACCESS_SEND },
};
#define TABLE_LEN (sizeof(table) / sizeof(table[0]))

static void
test_found(void **state)
{
	static const struct {
		const char *method, *path;
		size_t row;
		const char *id;
	} rows[] = {
		{ "POST", "/api/emails", 0, "" },
		{ "GET", "/api/emails", 1, "" },
		{ "HEAD", "/api/emails", 1, "" },
		{ "GET", "/api/emails/a-1", 2, "a-1" },
		{ "HEAD", "/api/emails/a", 2, "a" },
		{ "PATCH", "/api/emails/%41", 3, "%41" },
		{ "POST", "/api/emails/x/cancel", 4, "x" },
		{ "GET", "/health", 5, "" },
	};
	struct route_match match;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(route_find(table, TABLE_LEN, rows[i].method,
				     rows[i].path, &match),
		    ROUTE_FOUND);
		assert_ptr_equal(match.route, &table[rows[i].row]);
		assert_int_equal(match.id_len, strlen(rows[i].id));
		if (match.id_len > 0)
			assert_memory_equal(match.id, rows[i].id, match.id_len);
	}
}

static void
test_no_path(void **state)
{
	static const char *const paths[] = { "", "/", "/api", "/api/",
		"/api/emails/", "/api/emails/a/", "/api/emails/a/b",
		"/api/emails//cancel", "/api/emailsx", "/apix/emails",
		"//api/emails", "/API/emails", "/health/x", "*" };
	struct route_match match;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(route_find(table, TABLE_LEN, "GET", paths[i],
				     &match),
		    ROUTE_NO_PATH);
}

static void
test_no_method(void **state)
{
	static const struct {
		const char *method, *path, *allow;
	} rows[] = {
		{ "DELETE", "/api/emails", "POST, GET, HEAD" },
		{ "DELETE", "/api/emails/a", "GET, HEAD, PATCH" },
		{ "GET", "/api/emails/a/cancel", "POST" },
		{ "HEAD", "/api/emails/a/cancel", "POST" },
		{ "get", "/health", "GET, HEAD" },
		{ "", "/health", "GET, HEAD" },
	};
	struct route_match match;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(route_find(table, TABLE_LEN, rows[i].method,
				     rows[i].path, &match),
		    ROUTE_NO_METHOD);
		assert_string_equal(match.allow, rows[i].allow);
	}
}

static void
test_scopes(void **state)
{
	static const struct route forgotten = { .method = "POST" };

	(void)state;
	assert_int_equal(route_scopes(ACCESS_SEND), KEY_SEND);
	assert_int_equal(route_scopes(ACCESS_READ), KEY_READ);
	assert_int_equal(route_scopes(ACCESS_KEY), 0);
	assert_int_equal(route_scopes(ACCESS_OPEN), 0);
	assert_int_equal(route_scopes(forgotten.access), KEY_ADMIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_no_path),
		cmocka_unit_test(test_no_method),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
