/* SPDX-License-Identifier: MIT */
/* unit.http_head: requests, what they say, and bytes that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http_head.h"

static struct http_head head;

static ssize_t
parse(const char *text)
{
	return http_head_parse(&head, text, strlen(text));
}

static void
test_a_request(void **state)
{
	static const char text[] = "GET /ws?a=1&b HTTP/1.1\r\nHost: h\r\n"
				   "X-Empty:\r\nX-Space: \t a b \t\r\n\r\nrest";

	(void)state;
	assert_int_equal(parse(text), sizeof(text) - 1 - strlen("rest"));
	assert_true(http_text_is(&head.method, "GET"));
	assert_true(http_text_is(&head.path, "/ws"));
	assert_true(http_text_is(&head.query, "a=1&b"));
	assert_true(head.is_1_1);
	assert_int_equal(head.count, 3);
	assert_true(http_text_is(http_head_find(&head, "HOST"), "h"));
	assert_true(http_text_is(http_head_find(&head, "X-Empty"), ""));
	assert_true(http_text_is(http_head_find(&head, "x-space"), "a b"));
	assert_null(http_head_find(&head, "X"));
}

static void
test_it_waits_for_the_end(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(text) - 1; len++)
		assert_int_equal(http_head_parse(&head, text, len), 0);
	assert_int_equal(parse(text), len);
}

static void
test_what_is_none(void **state)
{
	static const char *const texts[] = {
		"\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n", /* no Host */
		"GET / HTTP/2.0\r\nHost: h\r\n\r\n",
		"GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
		"GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /\t HTTP/1.1\r\nHost: h\r\n\r\n",
		"G(T / HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nhost: h\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nOrigin: a\r\nOrigin: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nX : a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nX\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nX: a\nY: b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nX: \x1b[0m\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n",
		"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
	};
	static const char nul[] = "GET / HTTP/1.1\r\nHost: h\0\r\n\r\n";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(parse(texts[i]), -1);
	assert_int_equal(http_head_parse(&head, nul, sizeof(nul) - 1), -1);
	assert_int_not_equal(
	    parse("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
	    -1);
	assert_int_not_equal(parse("GET / HTTP/1.0\r\n\r\n"), -1);
}

static void
test_it_has_limits(void **state)
{
	struct buffer text = { 0 };
	int i;

	(void)state;
	buffer_add_text(&text, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (i = 1; i < HTTP_HEADERS_MAX; i++)
		buffer_printf(&text, "X-%d: a\r\n", i);
	buffer_add_text(&text, "\r\n");
	assert_int_equal(parse(text.data), text.len);
	text.len -= 2;
	buffer_add_text(&text, "One-More: a\r\n\r\n");
	assert_int_equal(parse(text.data), -1);
	buffer_clear(&text);
	while (text.len <= HTTP_HEAD_MAX)
		buffer_add_text(&text, "endless");
	assert_int_equal(parse(text.data), -1);
	buffer_free(&text);
}

static void
test_tokens(void **state)
{
	(void)state;
	assert_true(parse("GET / HTTP/1.0\r\nConnection: keep-alive, Upgrade"
			  "\r\nConnection: x ,\r\n\r\n") > 0);
	assert_true(http_head_has_token(&head, "connection", "upgrade"));
	assert_true(http_head_has_token(&head, "Connection", "X"));
	assert_false(http_head_has_token(&head, "Connection", "keep"));
	assert_false(http_head_has_token(&head, "Upgrade", "x"));
}

static void
test_parameters(void **state)
{
	struct buffer value = { 0 };
	size_t at = 0;

	(void)state;
	assert_true(
	    parse("GET /?a=1&b=2&a=%41+%4&aa=x&a&a= HTTP/1.0\r\n\r\n") > 0);
	assert_true(http_head_query(&head, "a", &at, &value));
	assert_string_equal(value.data, "1");
	assert_true(http_head_query(&head, "a", &at, &value));
	assert_string_equal(value.data, "A %4");
	assert_true(http_head_query(&head, "a", &at, &value));
	assert_string_equal(value.data, "");
	assert_false(http_head_query(&head, "a", &at, &value));
	at = 0;
	assert_false(http_head_query(&head, "c", &at, &value));
	buffer_free(&value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request),
		cmocka_unit_test(test_it_waits_for_the_end),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_it_has_limits),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
