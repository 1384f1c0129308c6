/* SPDX-License-Identifier: MIT */
/*
 * unit.dialogue: what is said to a peer on loopback, byte for byte, and what
 * its refusals mean for the mail.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "relay_rig.h"
#include "smtp_peer.h"

#define HELLO "EHLO client.example\n"
#define MAIL_A "MAIL FROM:<s@b.c>\nRCPT TO:<a@b.c>\nDATA\n"

static struct rig rig;
static struct peer peer;

static void
begin(enum peer_mode mode, struct peer_rule *rules)
{
	peer_start(&peer, mode, rules);
	rig_open(&rig, peer.port);
}

/* What the peer was told from EHLO on, then all is closed. */
static void
end(const char *told)
{
	rig_close(&rig);
	/* The peer's threads read what is still under way. */
	while (told != NULL && peer.open > 0)
		(void)usleep(1000);
	if (told != NULL)
		assert_string_equal(peer.told.data, told);
	peer_stop(&peer);
}

/* -- what goes well -------------------------------------------------------- */

static void
test_one_mail(void **state)
{
	struct rig_mail *mail;

	(void)state;
	begin(PEER_PIPELINING, NULL);
	mail = rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(mail, OUTCOME_SENT, 250, "250 2.0.0 Ok");
	rig_assert_recipient(mail, 0, VERDICT_ACCEPTED, "250 2.0.0 Ok");
	assert_true(peer.pipelined);
	assert_int_equal(rig.commits, 1);
	end(HELLO MAIL_A "[7 bytes]\n");
}

static void
test_the_next_envelope_behind_the_dot(void **state)
{
	size_t i;

	(void)state;
	begin(PEER_PIPELINING, NULL);
	for (i = 0; i < 10; i++)
		rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 10);
	assert_true(peer.followed);
	assert_int_equal(peer.connections, 1);
	end(NULL);
}

/* One at a time there is no traffic that could wake a loop that forgot one. */
static void
test_one_after_the_other(void **state)
{
	uint64_t began;
	int i;

	(void)state;
	begin(PEER_PIPELINING, NULL);
	(void)rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	began = uv_hrtime();
	for (i = 0; i < 20; i++) {
		(void)rig_mail(&rig, NULL, 0);
		rig_run(&rig);
	}
	assert_in_range((uv_hrtime() - began) / 1000000, 0, 1000); /* ms */
	end(NULL);
}

static void
test_without_pipelining(void **state)
{
	static const char *const to[] = { "a@b.c", "d@e.f" };

	(void)state;
	begin(PEER_STEPWISE, NULL);
	rig_mail_to(&rig, 2, to);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 2);
	assert_false(peer.pipelined);
	assert_false(peer.followed);
	end(HELLO "MAIL FROM:<s@b.c>\nRCPT TO:<a@b.c>\nRCPT TO:<d@e.f>\n"
		  "DATA\n[7 bytes]\n" MAIL_A "[7 bytes]\n");
}

static void
test_replies_a_byte_at_a_time(void **state)
{
	(void)state;
	begin(PEER_BYTE_BY_BYTE, NULL);
	rig_mail(&rig, NULL, 0);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 2);
	end(NULL);
}

/* The bytes of a message, stuffed, and the dot's line. */
static void
assert_stuffed(const char *message, size_t len)
{
	struct buffer stuffed = { 0 };
	size_t i;

	for (i = 0; i < len; i++) {
		if (message[i] == '.' && (i == 0 || message[i - 1] == '\n'))
			buffer_add(&stuffed, ".", 1);
		buffer_add(&stuffed, message + i, 1);
	}
	buffer_add(&stuffed, ".\r\n", 3);
	assert_int_equal(peer.messages.len, stuffed.len);
	assert_memory_equal(peer.messages.data, stuffed.data, stuffed.len);
	buffer_clear(&peer.messages);
	buffer_free(&stuffed);
}

static void
test_sizes(void **state)
{
	static const char lines[] = ".\r\n..\r\n.abc\r\nd.e\r\n\r\n";
	static const size_t sizes[] = { 16384, 65536, 262144, 1000000 };
	struct buffer message = { 0 };
	size_t i, len;
	int off;

	(void)state;
	begin(PEER_PIPELINING, NULL);
	for (i = 0; i < 4; i++)
		for (off = -3; off <= 3; off++) {
			buffer_clear(&message);
			len = sizes[i] + (size_t)off;
			while (message.len < len)
				buffer_add(&message, lines, sizeof(lines) - 1);
			message.len = len - 2;
			buffer_add(&message, "\r\n", 2);
			rig.mails_len = rig.submitted = 0;
			memset(rig.mails, 0, sizeof(rig.mails[0]));
			rig_mail(&rig, message.data, message.len);
			rig_run(&rig);
			free(rig.mails[0].recipients[0].reply);
			rig.mails[0].recipients[0].reply = NULL;
			assert_int_equal(rig.mails[0].outcome, OUTCOME_SENT);
			assert_stuffed(message.data, message.len);
		}
	buffer_free(&message);
	end(NULL);
}

/* A peer that does not read for a while: the rest waits for the socket. */
static void
test_a_slow_reader(void **state)
{
	struct peer_rule rules[] = { { "DATA", 1, PEER_READ_NOT, "354 go", 0 },
		{ NULL, 0, 0, NULL, 0 } };
	struct buffer message = { 0 };

	(void)state;
	begin(PEER_PIPELINING, rules);
	while (message.len < 12000000)
		buffer_add_text(&message, ".a line of text\r\n");
	rig_mail(&rig, message.data, message.len);
	rig_run(&rig);
	assert_int_equal(rig.mails[0].outcome, OUTCOME_SENT);
	assert_stuffed(message.data, message.len);
	buffer_free(&message);
	end(NULL);
}

/* -- refusals -------------------------------------------------------------- */

static void
test_one_of_two_recipients_refused(void **state)
{
	static const char *const to[] = { "bad@b.c", "a@b.c" };
	struct peer_rule rules[] = { { "RCPT TO:<bad", 0, PEER_REPLY,
					 "550-5.1.1 no\r\n550 5.1.1 such user",
					 0 },
		{ NULL, 0, 0, NULL, 0 } };
	struct rig_mail *mail;

	(void)state;
	begin(PEER_PIPELINING, rules);
	mail = rig_mail_to(&rig, 2, to);
	rig_run(&rig);
	rig_assert(mail, OUTCOME_SENT, 250, "250 2.0.0 Ok");
	rig_assert_recipient(mail, 0, VERDICT_REFUSED,
	    "550 5.1.1 no\nsuch user");
	assert_int_equal(mail->recipients[0].code, 550);
	rig_assert_recipient(mail, 1, VERDICT_ACCEPTED, "250 2.0.0 Ok");
	end(NULL);
}

/* RFC 2920 3.1: 354 although nobody is left; a lone dot, whatever its reply. */
static void
test_all_refused_and_354(void **state)
{
	struct peer_rule rules[] = { { "RCPT", 1, PEER_REPLY,
					 "550 5.1.1 no such user", 0 },
		{ ".", 1, PEER_REPLY, "250 2.0.0 Ok", 0 },
		{ NULL, 0, 0, NULL, 0 } };
	struct rig_mail *first, *second;

	(void)state;
	begin(PEER_PIPELINING, rules);
	first = rig_mail(&rig, NULL, 0);
	second = rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(first, OUTCOME_REJECTED, 550, "550 5.1.1 no such user");
	assert_false(first->asked);
	rig_assert(second, OUTCOME_SENT, 250, "");
	end(HELLO MAIL_A "[3 bytes]\nRSET\n" MAIL_A "[7 bytes]\n");
}

static void
test_all_refused_and_no_354(void **state)
{
	struct peer_rule rules[] = { { "RCPT", 1, PEER_REPLY,
					 "450 4.2.0 greylisted", 0 },
		{ "DATA", 1, PEER_REPLY, "554 5.5.1 no valid recipients", 0 },
		{ "RCPT", 2, PEER_REPLY, "550 no such user", 0 },
		{ "DATA", 2, PEER_REPLY, "503 Valid RCPT command first", 0 },
		{ NULL, 0, 0, NULL, 0 } };
	struct rig_mail *first, *second, *third;

	(void)state;
	begin(PEER_PIPELINING, rules);
	first = rig_mail(&rig, NULL, 0);
	second = rig_mail(&rig, NULL, 0);
	third = rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(first, OUTCOME_DEFERRED, 450, "450 4.2.0 greylisted");
	rig_assert_recipient(first, 0, VERDICT_RETRY, "450 4.2.0 greylisted");
	rig_assert(second, OUTCOME_REJECTED, 550, "550 no such user");
	rig_assert(third, OUTCOME_SENT, 250, "");
	end(HELLO MAIL_A "RSET\n" MAIL_A "RSET\n" MAIL_A "[7 bytes]\n");
}

static void
test_all_refused_stepwise(void **state)
{
	struct peer_rule rules[] = { { "RCPT", 1, PEER_REPLY, "550 no", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_STEPWISE, rules);
	rig_mail(&rig, NULL, 0);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_REJECTED, 550, "550 no");
	rig_assert(&rig.mails[1], OUTCOME_SENT, 250, "");
	end(HELLO "MAIL FROM:<s@b.c>\nRCPT TO:<a@b.c>\nRSET\n" MAIL_A
		  "[7 bytes]\n");
}

/* What follows a refused MAIL is no word about the recipients. */
static void
test_mail_refused(void **state)
{
	struct peer_rule rules[] = { { "MAIL", 1, PEER_REPLY,
					 "452 4.3.1 no space", 0 },
		{ "RCPT", 1, PEER_REPLY, "503 5.5.1 need MAIL", 0 },
		{ "DATA", 1, PEER_REPLY, "503 5.5.1 need RCPT", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig_mail(&rig, NULL, 0);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_DEFERRED, 452, "452 4.3.1 no space");
	rig_assert_recipient(&rig.mails[0], 0, VERDICT_NONE, NULL);
	rig_assert(&rig.mails[1], OUTCOME_SENT, 250, "");
	end(HELLO MAIL_A "RSET\n" MAIL_A "[7 bytes]\n");
}

/* A dot could then send an empty mail: none is said. */
static void
test_mail_refused_and_rest_accepted(void **state)
{
	struct peer_rule rules[] = { { "MAIL", 1, PEER_REPLY,
					 "552 5.3.4 too big", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_REJECTED, 552, "552 5.3.4 too big");
	end(HELLO MAIL_A);
}

static void
test_the_dot_refused(void **state)
{
	struct peer_rule rules[] = { { ".", 1, PEER_REPLY, "554 5.7.1 spam",
					 0 },
		{ ".", 2, PEER_REPLY, "451 4.3.0 later", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig_mail(&rig, NULL, 0);
	rig_mail(&rig, NULL, 0);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_REJECTED, 554, "554 5.7.1 spam");
	rig_assert(&rig.mails[1], OUTCOME_DEFERRED, 451, "451 4.3.0 later");
	rig_assert(&rig.mails[2], OUTCOME_SENT, 250, "");
	assert_int_equal(peer.connections, 1);
	end(NULL);
}

static void
test_an_address_that_ends_a_line(void **state)
{
	static const char *const to[] = { "a@b.c>\r\nRCPT TO:<x@y.z" };
	struct rig_mail *bad, *good;

	(void)state;
	begin(PEER_PIPELINING, NULL);
	bad = rig_mail_to(&rig, 1, to);
	good = rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(bad, OUTCOME_REJECTED, 0, "an address");
	rig_assert(good, OUTCOME_SENT, 250, "");
	end(HELLO MAIL_A "[7 bytes]\n");
}

/* RFC 6531 3.2: not to a relay that does not offer it; the next mail goes. */
static void
test_smtputf8_not_offered(void **state)
{
	static const char *const to[] = { "j\xc3\xbcrgen@b.c", "a@b.c" };
	struct rig_mail *bad, *good;

	(void)state;
	begin(PEER_PIPELINING, NULL);
	(void)rig_mail(&rig, NULL, 0);
	bad = rig_mail_to(&rig, 2, to);
	bad->transaction.smtputf8 = true;
	good = rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(bad, OUTCOME_REJECTED, 0, "does not offer SMTPUTF8");
	assert_string_equal(bad->transaction.reason, "smtputf8_not_offered");
	rig_assert(good, OUTCOME_SENT, 250, "");
	end(HELLO MAIL_A "[7 bytes]\n" MAIL_A "[7 bytes]\n");
}

/* -- replies out of order -------------------------------------------------- */

static void
test_a_refusal_during_the_message(void **state)
{
	struct peer_rule rules[] = { { "BODY", 1, PEER_REPLY_CUT,
					 "552 5.3.4 too big", 0 },
		{ NULL, 0, 0, NULL, 0 } };
	struct buffer message = { 0 };

	(void)state;
	begin(PEER_PIPELINING, rules);
	while (message.len < 20000000)
		buffer_add_text(&message, "a line of text for a big mail\r\n");
	rig_mail(&rig, message.data, message.len);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_REJECTED, 552, "552 5.3.4 too big");
	assert_false(rig.mails[0].asked);
	buffer_free(&message);
	end(NULL);
}

static void
test_replies_too_many(void **state)
{
	struct peer_rule rules[] = { { "DATA", 1, PEER_REPLY,
					 "354 go\r\n250 sent already", 0 },
		{ "DATA", 2, PEER_REPLY, "250 what", 0 },
		{ "MAIL", 3, PEER_REPLY, "354 go on", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_STEPWISE, rules);
	rig_mail(&rig, NULL, 0);
	rig_mail(&rig, NULL, 0);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_DEFERRED, 250, "250 sent already");
	rig_assert(&rig.mails[1], OUTCOME_DEFERRED, 250, "250 what");
	rig_assert(&rig.mails[2], OUTCOME_DEFERRED, 354, "354 go on");
	assert_int_equal(peer_count(&peer, "["), 0); /* no dot was said */
	end(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_mail),
		cmocka_unit_test(test_the_next_envelope_behind_the_dot),
		cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_without_pipelining),
		cmocka_unit_test(test_replies_a_byte_at_a_time),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_a_slow_reader),
		cmocka_unit_test(test_one_of_two_recipients_refused),
		cmocka_unit_test(test_all_refused_and_354),
		cmocka_unit_test(test_all_refused_and_no_354),
		cmocka_unit_test(test_all_refused_stepwise),
		cmocka_unit_test(test_mail_refused),
		cmocka_unit_test(test_mail_refused_and_rest_accepted),
		cmocka_unit_test(test_the_dot_refused),
		cmocka_unit_test(test_an_address_that_ends_a_line),
		cmocka_unit_test(test_smtputf8_not_offered),
		cmocka_unit_test(test_a_refusal_during_the_message),
		cmocka_unit_test(test_replies_too_many),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_ALL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
