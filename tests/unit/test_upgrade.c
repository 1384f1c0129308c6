/* SPDX-License-Identifier: MIT */
/* unit.upgrade: the handshake, and offers of compression. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "upgrade.h"

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

static enum upgrade_result
ask(struct upgrade *upgrade, const char *headers)
{
	static struct buffer text;
	static struct http_head head;

	buffer_clear(&text);
	buffer_printf(&text, "GET /ws HTTP/1.1\r\nHost: h\r\n%s\r\n", headers);
	assert_true(http_head_parse(&head, text.data, text.len) > 0);
	return upgrade_read(upgrade, &head);
}

#define ASKED "Upgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define KEYED "Sec-WebSocket-Key: " KEY "\r\n"

static void
test_the_standard_s_example(void **state)
{
	struct upgrade upgrade;
	struct buffer answer = { 0 };

	(void)state;
	assert_int_equal(ask(&upgrade, ASKED VERSION KEYED), UPGRADE_OK);
	assert_string_equal(upgrade.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_false(upgrade.deflates);
	upgrade_answer(&upgrade, &answer);
	assert_string_equal(answer.data,
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: "
	    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
	buffer_free(&answer);
}

static void
test_what_is_none(void **state)
{
	struct upgrade upgrade;

	(void)state;
	assert_int_equal(ask(&upgrade, VERSION KEYED), UPGRADE_NOT_ASKED);
	assert_int_equal(ask(&upgrade, "Upgrade: websocket\r\n" VERSION KEYED),
	    UPGRADE_NOT_ASKED);
	assert_int_equal(ask(&upgrade, ASKED KEYED), UPGRADE_NOT_ASKED);
	assert_int_equal(ask(&upgrade,
			     ASKED KEYED "Sec-WebSocket-Version: 8\r\n"),
	    UPGRADE_NOT_ASKED);
	assert_int_equal(ask(&upgrade, ASKED VERSION), UPGRADE_WRONG);
	assert_int_equal(ask(&upgrade,
			     ASKED VERSION "Sec-WebSocket-Key: AAAA\r\n"),
	    UPGRADE_WRONG);
	assert_int_equal(ask(&upgrade,
			     ASKED VERSION "Sec-WebSocket-Key: "
					   "????????????????????????\r\n"),
	    UPGRADE_WRONG);
}

static void
test_offers(void **state)
{
	static const struct {
		const char *offer;
		bool taken;
	} rows[] = {
		{ "permessage-deflate", true },
		{ "Permessage-Deflate;client_max_window_bits", true },
		{ "permessage-deflate; client_max_window_bits=\"15\"", true },
		{ "x, permessage-deflate; server_no_context_takeover", true },
		{ "permessage-deflate; server_max_window_bits=9,"
		  "permessage-deflate",
		    true },
		{ "permessage-deflate; server_max_window_bits=9", false },
		{ "permessage-deflate; client_max_window_bits=16", false },
		{ "permessage-deflate; client_max_window_bits;"
		  "client_max_window_bits",
		    false },
		{ "permessage-deflate; server_no_context_takeover=1", false },
		{ "permessage-deflate; x", false },
		{ "permessage-deflate-x", false },
		{ ", ;", false },
	};
	struct upgrade upgrade;
	char headers[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(headers, sizeof(headers),
		    ASKED VERSION KEYED "Sec-WebSocket-Extensions: %s\r\n",
		    rows[i].offer);
		assert_int_equal(ask(&upgrade, headers), UPGRADE_OK);
		assert_int_equal(upgrade.deflates, rows[i].taken);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_standard_s_example),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_offers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
