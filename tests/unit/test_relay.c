/* SPDX-License-Identifier: MIT */
/*
 * unit.relay: how many connections there are, when they end, what happens when
 * the relay cannot be reached or refuses everything, and the clean stop.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "relay_rig.h"
#include "smtp_peer.h"

static struct rig rig;
static struct peer peer;

static void
begin(enum peer_mode mode, struct peer_rule *rules)
{
	peer_start(&peer, mode, rules);
	rig_open(&rig, peer.port);
}

/* After a test that failed in its middle: its peer must not meet the next. */
static int
tear_down(void **state)
{
	(void)state;
	peer_stop(&peer);
	return 0;
}

static void
end(void)
{
	rig_close(&rig);
	peer_stop(&peer);
}

static void
add_mails(size_t n)
{
	for (; n > 0; n--)
		(void)rig_mail(&rig, NULL, 0);
}

/* Runs until the peer was told so often. */
static void
run_until_told(const char *command, size_t n)
{
	int i;

	for (i = 0; i < 2000 && peer_count(&peer, command) < n; i++)
		rig_run_for(&rig, 5);
	assert_int_equal(peer_count(&peer, command), n);
}

static struct relay_status
status_now(void)
{
	struct relay_status status;

	relay_get_status(rig.relay, &status);
	return status;
}

static void
assert_last_error(const char *part)
{
	assert_non_null(strstr(status_now().last_error, part));
}

/* -- connections ----------------------------------------------------------- */

/* Nothing is taken before all are there: else one may do the work of four. */
static void
test_many_mails(void **state)
{
	struct peer_rule rules[] = {
		{ .command = ".", .action = PEER_SILENT, .reply = "250 Ok" },
		{ NULL, 0, PEER_REPLY, NULL, 0 },
	};

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.smtp_connections = 4;
	add_mails(RIG_MAILS_MAX);
	do
		rig_run_for(&rig, 1);
	while (status_now().connections < 4);
	peer_speak(&peer);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), RIG_MAILS_MAX);
	assert_int_equal(peer_count(&peer, "["), RIG_MAILS_MAX);
	assert_int_equal(peer.open_most, 4);
	assert_int_equal(peer.connections, 4);
	assert_true(rig.commits <= RIG_MAILS_MAX);
	assert_int_equal(status_now().state, RELAY_UP);
	assert_int_equal(status_now().connections, 4);
	assert_in_range(status_now().latency, 0, 2000);
	end();
}

static void
test_nothing_without_demand(void **state)
{
	(void)state;
	begin(PEER_PIPELINING, NULL);
	rig_run_for(&rig, 50);
	assert_int_equal(peer.connections, 0);
	assert_int_equal(status_now().state, RELAY_IDLE);
	assert_int_equal(relay_room(rig.relay), 0);
	end();
}

static void
test_mails_per_connection(void **state)
{
	(void)state;
	begin(PEER_PIPELINING, NULL);
	rig.config.smtp_mails_per_connection = 3;
	add_mails(9);
	rig_run(&rig);
	rig_run_for(&rig, 20);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 9);
	assert_int_equal(peer.connections, 3);
	assert_int_equal(peer_await(&peer, "QUIT", 3), 3);
	end();
}

/* A dot without a reply makes room for others: up to four times as many. */
static void
test_silent_dots_make_room(void **state)
{
	struct peer_rule rules[] = { { ".", 0, PEER_SILENT, "250 late", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.pipeline_wait = 50;
	rig.config.smtp_dot_timeout = 5000;
	add_mails(6);
	run_until_told("[", 4);
	rig_run_for(&rig, 100); /* no fifth one comes */
	assert_int_equal(peer.open_most, 4);
	assert_int_equal(rig.submitted, 4);
	peer_speak(&peer);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 6);
	assert_int_equal(peer.open_most, 4);
	end();
}

/* A connection is made for it, or it ends. */
static void
test_submitted_without_room(void **state)
{
	int away, held = -1;

	(void)state;
	for (away = 0; away < 2; away++) {
		begin(PEER_PIPELINING, NULL);
		rig.manual = true;
		add_mails(1);
		rig_run_for(&rig, 5);
		if (away)
			held = peer_leave(&peer);
		relay_submit(rig.relay, &rig.mails[0].transaction);
		assert_false(rig.mails[0].done);
		rig_run(&rig);
		rig_assert(&rig.mails[0], away ? OUTCOME_UNSENT : OUTCOME_SENT,
		    away ? 0 : 250, away ? "no connection" : "");
		end();
	}
	(void)close(held);
}

/* -- outages --------------------------------------------------------------- */

static void
test_down_and_back(void **state)
{
	int held;

	(void)state;
	begin(PEER_PIPELINING, NULL);
	held = peer_leave(&peer);
	add_mails(3);
	rig_run_until(&rig, RELAY_DOWN);
	assert_last_error("no connection");
	rig_run_for(&rig, 300);
	assert_int_equal(rig.submitted, 0); /* nothing is burnt */
	peer_return(&peer, held, PEER_PIPELINING, NULL);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 3);
	assert_int_equal(status_now().state, RELAY_UP);
	assert_string_equal(status_now().last_error, "");
	end();
}

/* It is tried again although nobody waits. */
static void
test_back_without_demand(void **state)
{
	int held;

	(void)state;
	begin(PEER_PIPELINING, NULL);
	held = peer_leave(&peer);
	add_mails(1);
	rig_run_until(&rig, RELAY_DOWN);
	rig.manual = true;
	relay_demand(rig.relay, 0);
	peer_return(&peer, held, PEER_PIPELINING, NULL);
	rig_run_until(&rig, RELAY_UP);
	end();
}

static void
test_greeting_refused(void **state)
{
	struct peer_rule rules[] = { { "CONNECT", 1, PEER_REPLY_CUT,
					 "554 5.7.1 go away", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	add_mails(1);
	rig_run_until(&rig, RELAY_DOWN);
	assert_last_error("refused by the relay");
	assert_last_error("554 5.7.1 go away");
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 1);
	end();
}

static void
test_no_greeting(void **state)
{
	struct peer_rule rules[] = { { "CONNECT", 1, PEER_SILENT, "220 late",
					 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.smtp_connect_timeout = 100;
	add_mails(1);
	rig_run_until(&rig, RELAY_DOWN);
	assert_last_error("no greeting in time");
	rig_run(&rig);
	end();
}

/* What the relay says to everybody is no mail's fault. */
static void
test_mail_refused_for_all(void **state)
{
	struct peer_rule rules[] = { { "MAIL", 1, PEER_REPLY,
					 "530 5.7.0 Authenticate first", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	add_mails(2);
	rig_run_until(&rig, RELAY_DOWN);
	rig_assert(&rig.mails[0], OUTCOME_UNSENT, 530, "530 5.7.0");
	rig_run(&rig);
	rig_assert(&rig.mails[1], OUTCOME_SENT, 250, "");
	assert_string_equal(status_now().last_error, "");
	end();
}

/* It takes MAIL, but nobody: pauses grow, and few mails are tried. */
static void
test_every_recipient_refused_for_all(void **state)
{
	struct peer_rule rules[] = { { "RCPT", 0, PEER_REPLY,
					 "530 5.7.0 Authenticate first", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	add_mails(200);
	rig_run_for(&rig, 500);
	/* then one a pause of 50, 200, 200 ms */
	assert_in_range(peer.connections, 2, rig.config.smtp_connections + 6);
	assert_int_equal(rig_count(&rig, OUTCOME_REJECTED), 0);
	assert_in_range(rig_count(&rig, OUTCOME_DEFERRED), 1, peer.connections);
	assert_last_error("530 5.7.0");
	end();
}

/* Connections that have no mail yet do not keep it from being tried again. */
static void
test_cut_beside_empty_connections(void **state)
{
	struct peer_rule rules[] = { { "MAIL", 1, PEER_CUT, NULL, 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.smtp_idle = 60000;
	rig.config.smtp_connections = 4;
	rig.manual = true;
	rig_mail(&rig, NULL, 0);
	rig_run_until(&rig, RELAY_IDLE); /* the relay is made */
	relay_demand(rig.relay, 4);
	while (status_now().connections < 4)
		rig_run_for(&rig, 5);
	relay_submit(rig.relay, &rig.mails[0].transaction);
	rig_run_until(&rig, RELAY_DOWN);
	rig_run_until(&rig, RELAY_UP);
	assert_int_equal(peer.connections, 4 + 1);
	end();
}

/* A relay that ends every fresh connection is tried in growing pauses. */
static void
test_cut_at_every_mail(void **state)
{
	struct peer_rule rules[] = { { "MAIL", 0, PEER_CUT, NULL, 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.smtp_connections = 8;
	add_mails(200);
	rig_run_for(&rig, 500);
	/* eight at first, then one a pause of 50, 200, 200 ms */
	assert_in_range(peer.connections, 2, 8 + 6);
	assert_int_equal(rig_count(&rig, OUTCOME_DEFERRED),
	    peer_count(&peer, "MAIL"));
	end();
}

/* The relay allows two connections: they serve, and it is not down. */
static void
test_no_more_connections(void **state)
{
	struct peer_rule rules[] = { { "CONNECT", 1, PEER_REPLY, "220 hi", 0 },
		{ "CONNECT", 2, PEER_REPLY, "220 hi", 0 },
		{ "CONNECT", 0, PEER_REPLY_CUT, "421 4.7.0 too many", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.smtp_connections = 2;
	add_mails(20);
	rig_run(&rig);
	rig.config.smtp_connections = 4;
	add_mails(200);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 220);
	assert_int_equal(status_now().state, RELAY_UP);
	end();
}

static void
test_no_such_host(void **state)
{
	static char name[] = "no-such-host.invalid";

	(void)state;
	begin(PEER_PIPELINING, NULL);
	rig.config.smtp_host = name;
	add_mails(1);
	rig_run_until(&rig, RELAY_DOWN);
	assert_last_error("no address");
	end();
}

static void
test_by_name(void **state)
{
	static char name[] = "localhost";

	(void)state;
	begin(PEER_PIPELINING, NULL);
	rig.config.smtp_host = name;
	add_mails(10);
	rig_run(&rig);
	assert_int_equal(rig_count(&rig, OUTCOME_SENT), 10);
	end();
}

/* -- the stop -------------------------------------------------------------- */

static void
test_stop_waits_for_dots(void **state)
{
	struct peer_rule rules[] = { { ".", 3, PEER_SILENT, "250 late", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.pipeline_wait = 1000;
	add_mails(4);
	run_until_told("[", 3);
	assert_int_equal(rig.left, 2);
	peer_speak(&peer);
	rig_stop(&rig);
	rig_assert(&rig.mails[2], OUTCOME_SENT, 250, "250 late");
	rig_assert(&rig.mails[3], OUTCOME_UNSENT, 0, "");
	assert_int_equal(relay_room(rig.relay), 0);
	end();
}

static void
test_stop_with_nothing_in_hand(void **state)
{
	(void)state;
	begin(PEER_PIPELINING, NULL);
	add_mails(2);
	rig_run(&rig);
	rig_stop(&rig);
	assert_int_equal(peer_await(&peer, "QUIT", 1), 1);
	end();
}

static void
test_freed_with_mails_in_hand(void **state)
{
	struct peer_rule rules[] = { { ".", 1, PEER_SILENT, "250 late", 0 },
		{ "RCPT", 2, PEER_SILENT, "250 late", 0 },
		{ NULL, 0, 0, NULL, 0 } };

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.smtp_connections = 2;
	add_mails(2);
	run_until_told("[", 1);
	run_until_told("RCPT", 2);
	assert_int_equal(rig.left, 2);
	rig.manual = true;
	end();
	assert_int_equal(rig_count(&rig, OUTCOME_UNKNOWN), 1);
	assert_int_equal(rig_count(&rig, OUTCOME_UNSENT), 1);
}

static void
test_freed_while_connecting(void **state)
{
	struct peer_rule rules[] = { { "CONNECT", 0, PEER_SILENT, "220 late",
					 0 },
		{ NULL, 0, 0, NULL, 0 } };
	int i;

	(void)state;
	begin(PEER_PIPELINING, rules);
	rig.config.smtp_connections = 4;
	add_mails(4);
	for (i = 0; i < 2000 && peer.connections < 4; i++)
		rig_run_for(&rig, 5);
	assert_int_equal(peer.connections, 4);
	end();
}

#define WITH_PEER(TEST) cmocka_unit_test_teardown(TEST, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PEER(test_many_mails),
		WITH_PEER(test_nothing_without_demand),
		WITH_PEER(test_mails_per_connection),
		WITH_PEER(test_silent_dots_make_room),
		WITH_PEER(test_submitted_without_room),
		WITH_PEER(test_down_and_back),
		WITH_PEER(test_back_without_demand),
		WITH_PEER(test_greeting_refused),
		WITH_PEER(test_no_greeting),
		WITH_PEER(test_mail_refused_for_all),
		WITH_PEER(test_every_recipient_refused_for_all),
		WITH_PEER(test_cut_beside_empty_connections),
		WITH_PEER(test_cut_at_every_mail),
		WITH_PEER(test_no_more_connections),
		WITH_PEER(test_no_such_host),
		WITH_PEER(test_by_name),
		WITH_PEER(test_stop_waits_for_dots),
		WITH_PEER(test_stop_with_nothing_in_hand),
		WITH_PEER(test_freed_with_mails_in_hand),
		WITH_PEER(test_freed_while_connecting),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_ALL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
