/* SPDX-License-Identifier: MIT */
/*
 * unit.session: connections that end or fall silent at any step, and dots that
 * may not be sent: what comes of the mail.
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

/* -- connections that end -------------------------------------------------- */

static void
test_cut_before_the_dot(void **state)
{
	struct peer_rule rules[] = { { "DATA", 1, PEER_CUT, NULL, 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_DEFERRED, 0, "(DATA)");
	end(NULL);
}

static void
test_cut_after_the_dot(void **state)
{
	struct peer_rule rules[] = { { ".", 1, PEER_CUT, NULL, 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_UNKNOWN, 0, "closed by the relay");
	assert_true(rig.mails[0].asked);
	end(NULL);
}

static void
test_half_a_reply_to_the_dot(void **state)
{
	struct peer_rule rules[] = { { ".", 1, PEER_CUT, "250 2.0", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_UNKNOWN, 0, "closed by the relay");
	end(NULL);
}

static void
test_no_smtp_after_the_dot(void **state)
{
	struct peer_rule rules[] = { { ".", 1, PEER_REPLY, "OK!", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_UNKNOWN, 0, "not an SMTP reply");
	end(NULL);
}

/* Cut with the second envelope behind the first dot. */
static void
test_cut_with_an_envelope_behind(void **state)
{
	struct peer_rule rules[] = { { ".", 3, PEER_CUT, NULL, 0 },
		{ NULL, 0, 0, NULL, 0 } };
	size_t i;

	(void)state;
	begin(PEER_PIPELINING, rules);
	for (i = 0; i < 5; i++)
		rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	assert_true(peer.followed);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 3);
	assert_int_equal(rig.mails[2].outcome, OUTCOME_UNKNOWN);
	assert_int_equal(rig.mails[3].outcome, OUTCOME_UNSENT);
	end(NULL);
}

/* A fresh connection that ends at MAIL costs an attempt; a used one does not. */
static void
test_421_to_mail(void **state)
{
	struct peer_rule rules[] = { { "MAIL", 1, PEER_REPLY_CUT,
					 "421 4.3.2 going down", 0 },
		{ "MAIL", 3, PEER_REPLY_CUT, "421 4.4.2 timeout", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_STEPWISE, rules);
	rig_mail(&rig, NULL, 0);
	rig_mail(&rig, NULL, 0);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_DEFERRED, 421, "421 4.3.2");
	rig_assert(&rig.mails[1], OUTCOME_SENT, 250, "");
	rig_assert(&rig.mails[2], OUTCOME_UNSENT, 421, "421 4.4.2 timeout");
	assert_int_equal(peer.connections, 2);
	end(NULL);
}

static void
test_421_to_the_dot(void **state)
{
	struct peer_rule rules[] = { { ".", 1, PEER_REPLY_CUT,
					 "421 4.3.2 going down", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_DEFERRED, 421, "421 4.3.2");
	end(NULL);
}

/* Taken, and the next envelope was behind its dot. */
static void
test_closed_after_each_mail(void **state)
{
	struct peer_rule rules[] = { { ".", 0, PEER_REPLY_CUT,
					 "250 2.0.0 Ok, bye", 0 },
		{ NULL, 0, 0, NULL, 0 } };
	size_t i;

	(void)state;
	begin(PEER_PIPELINING, rules);
	for (i = 0; i < 6; i++)
		rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT) +
		rig_count(&rig, OUTCOME_UNSENT),
	    6);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), peer_count(&peer, "["));
	end(NULL);
}

/* -- silence --------------------------------------------------------------- */

static void
test_no_reply_to_mail(void **state)
{
	struct peer_rule rules[] = { { "MAIL", 1, PEER_SILENT, "250 Ok", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.smtp_timeout = 100;
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_DEFERRED, 0,
	    "no reply in time (MAIL)");
	end(NULL);
}

static void
test_no_reply_to_the_dot(void **state)
{
	struct peer_rule rules[] = { { ".", 1, PEER_SILENT, "250 Ok", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.smtp_dot_timeout = 200;
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_UNKNOWN, 0, "no reply in time (dot)");
	end(NULL);
}

/*
 * PIPELINE_WAIT: the envelope behind the silent dot is taken back, and when
 * the relay says 354 to it after all, the connection ends without a dot.
 */
static void
test_an_envelope_taken_back(void **state)
{
	struct peer_rule rules[] = { { ".", 3, PEER_SILENT, "250 late", 0 },
		{ NULL, 0, 0, NULL, 0 } };
	size_t i;

	(void)state;
	begin(PEER_PIPELINING, rules);
	for (i = 0; i < 4; i++)
		rig_mail(&rig, NULL, 0);
	rig_run_for(&rig, 200);
	assert_int_equal(rig.left, 1);
	rig_assert(&rig.mails[3], OUTCOME_UNSENT, 0, "waits for its reply");
	assert_int_equal(relay_room(rig.relay), 0);
	peer_speak(&peer);
	rig_run(&rig);
	rig_assert(&rig.mails[2], OUTCOME_SENT, 250, "250 late");
	rig_run_for(&rig, 20);
	end(HELLO MAIL_A "[7 bytes]\n" MAIL_A "[7 bytes]\n" MAIL_A
			 "[7 bytes]\n" MAIL_A);
}

/* Without an envelope behind it, the connection goes on after a late reply. */
static void
test_a_late_reply_alone(void **state)
{
	struct peer_rule rules[] = { { ".", 1, PEER_SILENT, "250 late", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig_mail(&rig, NULL, 0);
	rig_run_for(&rig, 200);
	assert_int_equal(rig.left, 1);
	peer_speak(&peer);
	rig_run(&rig);
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 2);
	assert_int_equal(peer.connections, 1);
	end(HELLO MAIL_A "[7 bytes]\n" MAIL_A "[7 bytes]\n");
}

/* -- dots that may not be sent --------------------------------------------- */

static void
test_dot_not_allowed(void **state)
{
	struct rig_mail *mail;

	(void)state;
	begin(PEER_PIPELINING, NULL);
	mail = rig_mail(&rig, NULL, 0);
	mail->forbidden = true;
	rig_run(&rig);
	rig_assert(mail, OUTCOME_UNSENT, 0, "not allowed");
	assert_int_equal(rig.commits, 0);
	end(HELLO MAIL_A);
}

static void
test_commit_fails(void **state)
{
	(void)state;
	begin(PEER_PIPELINING, NULL);
	rig.commit_fails = true;
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_assert(&rig.mails[0], OUTCOME_UNSENT, 0, "journal");
	assert_int_equal(rig.commits, 1);
	end(HELLO MAIL_A);
}

/* -- connections without a mail -------------------------------------------- */

static size_t
connections(void)
{
	struct relay_status status;

	relay_get_status(rig.relay, &status);
	return status.connections;
}

static void
test_idle(void **state)
{
	(void)state;
	begin(PEER_PIPELINING, NULL);
	rig.config.smtp_idle = 500;
	rig_mail(&rig, NULL, 0);
	rig_run(&rig);
	rig_run_for(&rig, 20);
	assert_int_equal(connections(), 1);
	rig_run_until(&rig, RELAY_IDLE);
	assert_int_equal(connections(), 0);
	assert_int_equal(peer_await(&peer, "QUIT", 1), 1);
	end(NULL);
}

/* A mail that is still being claimed for it keeps it. */
static void
test_idle_but_wanted(void **state)
{
	(void)state;
	begin(PEER_PIPELINING, NULL);
	rig.config.smtp_connections = 2;
	rig.config.smtp_idle = 20;
	rig.manual = true;
	rig_mail(&rig, NULL, 0);
	rig_run_for(&rig, 1); /* makes the relay */
	relay_demand(rig.relay, 1);
	while (relay_room(rig.relay) == 0)
		rig_run_for(&rig, 5);
	rig_run_for(&rig, 200);
	assert_int_equal(connections(), 1);
	relay_submit(rig.relay, &rig.mails[0].transaction);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 1);
	assert_int_equal(peer.connections, 1);
	rig_run_until(&rig, RELAY_IDLE);
	end(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_before_the_dot),
		cmocka_unit_test(test_cut_after_the_dot),
		cmocka_unit_test(test_half_a_reply_to_the_dot),
		cmocka_unit_test(test_no_smtp_after_the_dot),
		cmocka_unit_test(test_cut_with_an_envelope_behind),
		cmocka_unit_test(test_421_to_mail),
		cmocka_unit_test(test_421_to_the_dot),
		cmocka_unit_test(test_closed_after_each_mail),
		cmocka_unit_test(test_no_reply_to_mail),
		cmocka_unit_test(test_no_reply_to_the_dot),
		cmocka_unit_test(test_an_envelope_taken_back),
		cmocka_unit_test(test_a_late_reply_alone),
		cmocka_unit_test(test_dot_not_allowed),
		cmocka_unit_test(test_commit_fails),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_idle_but_wanted),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_ALL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
