/* SPDX-License-Identifier: MIT */
/* Driving a relay in a test. */
#include "relay_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <curl/curl.h>

#define LIMIT 10000 /* ms */

static char nothing[] = "";
static char host[] = "127.0.0.1";
static char ehlo[] = "client.example";

void
rig_open(struct rig *rig, int port)
{
	memset(rig, 0, sizeof(*rig));
	rig->config = (struct config){
		.smtp_host = host,
		.smtp_port = port,
		.smtp_username = nothing,
		.smtp_password = nothing,
		.smtp_token = nothing,
		.smtp_ca = nothing,
		.smtp_login_retry = 100,
		.smtp_tls_retry = 60000,
		.smtp_ehlo = ehlo,
		.smtp_tls = SMTP_TLS_OPPORTUNISTIC,
		.smtp_connections = 1,
		.smtp_mails_per_connection = 1000,
		.smtp_idle = 5000,
		.smtp_connect_timeout = 2000,
		.smtp_dns_ttl = 10000,
		.smtp_shun = 60000,
		.smtp_timeout = 2000,
		.smtp_dot_timeout = 2000,
		.pipeline_wait = 100,
		.reconnect_base = 50,
		.smtp_reconnect_cap = 200,
	};
	assert_int_equal(uv_loop_init(&rig->loop), 0);
	assert_int_equal(uv_timer_init(&rig->loop, &rig->limit), 0);
	rig->limit.data = rig;
}

/* -- what the relay asks --------------------------------------------------- */

static bool
may_dot(struct transaction *transaction)
{
	struct rig_mail *mail = (struct rig_mail *)transaction;

	assert_false(mail->asked);
	mail->asked = true;
	return !mail->forbidden;
}

static void pump(struct rig *);

static void
on_done(struct transaction *transaction, enum outcome outcome)
{
	struct rig_mail *mail = (struct rig_mail *)transaction;
	struct rig *rig = mail->rig;

	assert_false(mail->done);
	mail->done = true;
	mail->outcome = outcome;
	if (--rig->left == 0)
		uv_stop(&rig->loop);
	pump(rig);
}

static int
on_commit(void *arg)
{
	struct rig *rig = arg;

	rig->commits++;
	return rig->commit_fails ? -1 : 0;
}

static void
pump(struct rig *rig)
{
	if (rig->manual)
		return;
	while (rig->submitted < rig->mails_len && relay_room(rig->relay) > 0)
		relay_submit(rig->relay,
		    &rig->mails[rig->submitted++].transaction);
	relay_demand(rig->relay, rig->mails_len - rig->submitted);
}

static void
on_room(void *arg)
{
	pump(arg);
}

static void
on_closed(void *arg)
{
	struct rig *rig = arg;

	rig->closed = true;
	uv_stop(&rig->loop);
}

/* -- what a test does ------------------------------------------------------ */

/* Borrowed, and only read. */
static void
set_message(struct rig_mail *mail, const char *message, size_t len)
{
	mail->message = (struct composed){
		.text = { .data = (char *)message, .len = len },
	};
}

static struct rig_mail *
add_mail(struct rig *rig)
{
	struct rig_mail *mail = &rig->mails[rig->mails_len++];

	mail->rig = rig;
	mail->recipients[0].address = "a@b.c";
	set_message(mail, "Hi\r\n", 4);
	mail->transaction = (struct transaction){
		.id = "id",
		.sender = "s@b.c",
		.recipients = mail->recipients,
		.recipients_len = 1,
		.message = &mail->message,
		.may_dot = may_dot,
		.done = on_done,
	};
	rig->left++;
	return mail;
}

struct rig_mail *
rig_mail(struct rig *rig, const char *message, size_t len)
{
	struct rig_mail *mail = add_mail(rig);

	if (message != NULL)
		set_message(mail, message, len);
	return mail;
}

struct rig_mail *
rig_mail_to(struct rig *rig, size_t n, const char *const *to)
{
	struct rig_mail *mail = add_mail(rig);
	size_t i;

	for (i = 0; i < n; i++)
		mail->recipients[i].address = to[i];
	mail->transaction.recipients_len = n;
	return mail;
}

static void
on_limit(uv_timer_t *timer)
{
	struct rig *rig = timer->data;

	rig->late = true;
	uv_stop(&rig->loop);
}

static void
turn_until(struct rig *rig, uint64_t ms)
{
	const struct relay_options options = {
		.loop = &rig->loop,
		.config = &rig->config,
		.commit = on_commit,
		.room = on_room,
		.arg = rig,
	};

	if (rig->relay == NULL)
		rig->relay = relay_new(&options);
	pump(rig);
	rig->late = false;
	uv_update_time(&rig->loop);
	uv_timer_start(&rig->limit, on_limit, ms, 0);
	uv_run(&rig->loop, UV_RUN_DEFAULT);
	uv_timer_stop(&rig->limit);
}

void
rig_run(struct rig *rig)
{
	if (rig->left > 0)
		turn_until(rig, LIMIT);
	assert_int_equal(rig->left, 0);
}

void
rig_run_for(struct rig *rig, uint64_t ms)
{
	do
		turn_until(rig, ms);
	while (!rig->late);
}

void
rig_run_until(struct rig *rig, enum relay_state state)
{
	struct relay_status status = { .state = RELAY_STATE__MAX };
	int i;

	for (i = 0; i < LIMIT / 5 && status.state != state; i++) {
		rig_run_for(rig, 5);
		relay_get_status(rig->relay, &status);
	}
	assert_int_equal(status.state, state);
}

void
rig_stop(struct rig *rig)
{
	relay_stop(rig->relay, on_closed, rig);
	while (!rig->closed)
		turn_until(rig, LIMIT);
}

void
rig_close(struct rig *rig)
{
	size_t i, n;

	if (rig->relay != NULL)
		relay_free(rig->relay);
	uv_close((uv_handle_t *)&rig->limit, NULL);
	while (uv_run(&rig->loop, UV_RUN_DEFAULT) != 0)
		continue; /* an outcome on the way has stopped it */
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	for (i = 0; i < rig->mails_len; i++)
		for (n = 0; n < RIG_RECIPIENTS_MAX; n++)
			free(rig->mails[i].recipients[n].reply);
}

size_t
rig_count(const struct rig *rig, enum outcome outcome)
{
	size_t i, n = 0;

	for (i = 0; i < rig->mails_len; i++)
		n += rig->mails[i].done && rig->mails[i].outcome == outcome;
	return n;
}

void
rig_assert(const struct rig_mail *mail, enum outcome outcome, int code,
    const char *reply)
{
	assert_true(mail->done);
	assert_string_equal(outcome_names[mail->outcome],
	    outcome_names[outcome]);
	assert_int_equal(mail->transaction.code, code);
	if (strstr(mail->transaction.reply, reply) == NULL)
		fail_msg("'%s' is not in '%s'", reply, mail->transaction.reply);
}

void
rig_assert_recipient(const struct rig_mail *mail, size_t n,
    enum verdict verdict, const char *reply)
{
	const struct envelope_recipient *to = &mail->recipients[n];

	assert_int_equal(to->verdict, verdict);
	if (reply == NULL)
		assert_null(to->reply);
	else
		assert_string_equal(to->reply, reply);
}
