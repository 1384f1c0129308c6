/* SPDX-License-Identifier: MIT */
/*
 * unit.reply: replies as real servers send them, in one piece and a byte at a
 * time, two at once, and everything that is no reply.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reply.h"
#include "utf8.h"

static const struct {
	const char *bytes;
	int code;
	const char *enhanced; /* "a.b.c", "" for none */
	const char *text;
} replies[] = {
	/* Postfix */
	{ "250 2.1.0 Ok\r\n", 250, "2.1.0", "250 2.1.0 Ok" },
	{ "250 2.0.0 Ok: queued as 4XyZ12345\r\n", 250, "2.0.0",
	    "250 2.0.0 Ok: queued as 4XyZ12345" },
	{ "354 End data with <CR><LF>.<CR><LF>\r\n", 354, "",
	    "354 End data with <CR><LF>.<CR><LF>" },
	{ "450 4.2.0 <a@b.c>: Recipient address rejected: Greylisted\r\n", 450,
	    "4.2.0",
	    "450 4.2.0 <a@b.c>: Recipient address rejected: Greylisted" },
	{ "554 5.5.1 Error: no valid recipients\r\n", 554, "5.5.1",
	    "554 5.5.1 Error: no valid recipients" },
	/* Exim: no enhanced codes */
	{ "250 OK id=1q2w3e-0004Rk-1a\r\n", 250, "",
	    "250 OK id=1q2w3e-0004Rk-1a" },
	{ "550 Unrouteable address\r\n", 550, "", "550 Unrouteable address" },
	/* Gmail: several lines, each with its codes */
	{ "550-5.1.1 The email account that you tried to reach does not "
	  "exist.\r\n550-5.1.1 Please try double-checking the address.\r\n"
	  "550 5.1.1  https://support.google.com/mail/?p=NoSuchUser - gsmtp"
	  "\r\n",
	    550, "5.1.1",
	    "550 5.1.1 The email account that you tried to reach does not "
	    "exist.\nPlease try double-checking the address.\n "
	    "https://support.google.com/mail/?p=NoSuchUser - gsmtp" },
	{ "421-4.7.28 Our system has detected an unusual rate.\r\n"
	  "421 4.7.28 To protect our users it was limited.\r\n",
	    421, "4.7.28",
	    "421 4.7.28 Our system has detected an unusual rate.\n"
	    "To protect our users it was limited." },
	/* Exchange Online */
	{ "250 2.6.0 <1@x.y> [InternalId=42, Hostname=A.B.PROD.OUTLOOK.COM] "
	  "8120 bytes in 0.103, 76.583 KB/sec Queued mail for delivery\r\n",
	    250, "2.6.0",
	    "250 2.6.0 <1@x.y> [InternalId=42, Hostname=A.B.PROD.OUTLOOK.COM] "
	    "8120 bytes in 0.103, 76.583 KB/sec Queued mail for delivery" },
	{ "550 5.4.1 Recipient address rejected: Access denied.\r\n", 550,
	    "5.4.1", "550 5.4.1 Recipient address rejected: Access denied." },
	/* SES */
	{ "250 Ok 0100018f-aaaa-bbbb-cccc-000000\r\n", 250, "",
	    "250 Ok 0100018f-aaaa-bbbb-cccc-000000" },
	{ "454 Throttling failure: Maximum sending rate exceeded.\r\n", 454, "",
	    "454 Throttling failure: Maximum sending rate exceeded." },
	{ "554 Message rejected: Email address is not verified.\r\n", 554, "",
	    "554 Message rejected: Email address is not verified." },
	/* bare, without CR, with an empty line's text, with odd bytes */
	{ "250\r\n", 250, "", "250" },
	{ "250 \r\n", 250, "", "250" },
	{ "250 no CR\n", 250, "", "250 no CR" },
	{ "250-\r\n250 \r\n", 250, "", "250\n" },
	{ "571 a\tb\x01\x7f\r\n", 571, "", "571 a b??" },
	{ "550 caf\xc3\xa9 \xe9\xc2\x85\r\n", 550, "", "550 caf\xc3\xa9 ??" },
	{ "550 a\rb\r\n", 550, "", "550 a?b" },
	/* what looks like an enhanced code and is none */
	{ "550 5.1 no\r\n", 550, "", "550 5.1 no" },
	{ "550 5.1.1x no\r\n", 550, "", "550 5.1.1x no" },
	{ "550 3.1.1 no\r\n", 550, "", "550 3.1.1 no" },
	{ "550 5.1.1\r\n", 550, "5.1.1", "550 5.1.1" },
};

static void
check(const struct reply *reply, size_t i)
{
	char enhanced[32] = "";

	if (reply->enhanced.severity != 0)
		(void)snprintf(enhanced, sizeof(enhanced), "%d.%d.%d",
		    reply->enhanced.severity, reply->enhanced.subject,
		    reply->enhanced.detail);
	assert_int_equal(reply->code, replies[i].code);
	assert_string_equal(enhanced, replies[i].enhanced);
	assert_string_equal(reply->text, replies[i].text);
	assert_int_equal(reply->text_len, strlen(replies[i].text));
	assert_true(utf8_is_valid(reply->text, reply->text_len));
}

static void
test_real_replies(void **state)
{
	struct reply_reader reader = { 0 };
	size_t i, len, used;

	(void)state;
	for (i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		len = strlen(replies[i].bytes);
		assert_int_equal(reply_read(&reader, replies[i].bytes, len,
				     &used),
		    REPLY_COMPLETE);
		assert_int_equal(used, len);
		check(&reader.reply, i);
	}
	reply_reader_free(&reader);
}

static void
test_a_byte_at_a_time(void **state)
{
	struct reply_reader reader = { 0 };
	size_t i, at, used, len;

	(void)state;
	for (i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		len = strlen(replies[i].bytes);
		for (at = 0; at + 1 < len; at++)
			assert_int_equal(reply_read(&reader,
					     replies[i].bytes + at, 1, &used),
			    REPLY_INCOMPLETE);
		assert_int_equal(reply_read(&reader, replies[i].bytes + at, 1,
				     &used),
		    REPLY_COMPLETE);
		check(&reader.reply, i);
	}
	reply_reader_free(&reader);
}

static void
test_two_at_once(void **state)
{
	static const char bytes[] = "250 one\r\n250-two\r\n250 more\r\n354";
	struct reply_reader reader = { 0 };
	size_t used, at;

	(void)state;
	assert_int_equal(reply_read(&reader, bytes, sizeof(bytes) - 1, &at),
	    REPLY_COMPLETE);
	assert_string_equal(reader.reply.text, "250 one");
	assert_int_equal(at, strlen("250 one\r\n"));
	assert_int_equal(reply_read(&reader, bytes + at, sizeof(bytes) - 1 - at,
			     &used),
	    REPLY_COMPLETE);
	assert_string_equal(reader.reply.text, "250 two\nmore");
	at += used;
	assert_int_equal(reply_read(&reader, bytes + at, sizeof(bytes) - 1 - at,
			     &used),
	    REPLY_INCOMPLETE);
	reply_reader_free(&reader);
}

static void
test_what_is_no_reply(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} faulty[] = {
#define BYTES(text) { text, sizeof(text) - 1 }
		BYTES("hello\r\n"),
		BYTES("\r\n"),
		BYTES("25\r\n"),
		BYTES("999 code\r\n"),
		BYTES("100 code\r\n"),
		BYTES("25x code\r\n"),
		BYTES("250_text\r\n"),
		BYTES("2500 text\r\n"),
		BYTES(" 250 text\r\n"),
		BYTES("250-a\r\n251 b\r\n"),
		BYTES("250 a\0b\r\n"),
		BYTES("HTTP/1.1 400 Bad Request\r\n"),
	};
	struct reply_reader reader = { 0 };
	size_t i, used;

	(void)state;
	for (i = 0; i < sizeof(faulty) / sizeof(*faulty); i++) {
		assert_int_equal(reply_read(&reader, faulty[i].bytes,
				     faulty[i].len, &used),
		    REPLY_FAULTY);
		assert_non_null(reader.fault);
		/* and for good */
		assert_int_equal(reply_read(&reader, "250 Ok\r\n", 8, &used),
		    REPLY_FAULTY);
		reply_reader_free(&reader);
	}
}

/* Feeds `times` copies; the result of the last. */
static enum reply_progress
feed(struct reply_reader *reader, const char *bytes, size_t times)
{
	enum reply_progress progress = REPLY_INCOMPLETE;
	size_t i, used;

	for (i = 0; i < times && progress == REPLY_INCOMPLETE; i++)
		progress = reply_read(reader, bytes, strlen(bytes), &used);
	return progress;
}

static void
test_limits(void **state)
{
	struct reply_reader reader = { 0 };
	size_t used;

	(void)state;
	/* 100 lines, no more */
	assert_int_equal(feed(&reader, "250-x\r\n", REPLY_LINES_MAX - 1),
	    REPLY_INCOMPLETE);
	assert_int_equal(reply_read(&reader, "250 x\r\n", 7, &used),
	    REPLY_COMPLETE);
	assert_int_equal(feed(&reader, "250-x\r\n", REPLY_LINES_MAX + 1),
	    REPLY_FAULTY);
	reply_reader_free(&reader);

	/* a line of 8 KiB, no more, and no more is kept of one */
	assert_int_equal(feed(&reader, "250 xxxxxxxxxxxx", REPLY_LINE_MAX / 16),
	    REPLY_INCOMPLETE);
	assert_int_equal(reply_read(&reader, "\n", 1, &used), REPLY_FAULTY);
	reply_reader_free(&reader);
	assert_int_equal(feed(&reader, "250 xxxxxxxxxxxx", SIZE_MAX),
	    REPLY_FAULTY);
	assert_true(reader.line.len <= REPLY_LINE_MAX);
	reply_reader_free(&reader);
}

static void
test_size_limit(void **state)
{
	struct reply_reader reader = { 0 };
	char line[1001];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "250-", 4);
	memcpy(line + 998, "\r\n", 3);
	assert_int_equal(feed(&reader, line, REPLY_SIZE_MAX / 1000),
	    REPLY_INCOMPLETE);
	assert_int_equal(feed(&reader, line, 1), REPLY_FAULTY);
	reply_reader_free(&reader);
}

static void
test_partial(void **state)
{
	struct reply_reader reader = { 0 };

	(void)state;
	assert_false(reply_is_partial(&reader));
	assert_int_equal(feed(&reader, "250", 1), REPLY_INCOMPLETE);
	assert_true(reply_is_partial(&reader));
	assert_int_equal(feed(&reader, "-a\r\n", 1), REPLY_INCOMPLETE);
	assert_true(reply_is_partial(&reader));
	assert_int_equal(feed(&reader, "250 b\r\n", 1), REPLY_COMPLETE);
	assert_false(reply_is_partial(&reader));
	reply_reader_free(&reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_replies),
		cmocka_unit_test(test_a_byte_at_a_time),
		cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_what_is_no_reply),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_size_limit),
		cmocka_unit_test(test_partial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
