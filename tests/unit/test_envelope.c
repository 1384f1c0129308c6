/* SPDX-License-Identifier: MIT */
/* unit.envelope: the commands' bytes, and what becomes of the recipients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ehlo.h"
#include "envelope.h"

#define UMLAUT "j\xc3\xbcrgen@b.c"

/* A mail from s@b.c to three, at its beginning. */
static struct envelope_recipient to[3];
static struct transaction mail;

static int
make_mail(void **state)
{
	static const char *const addresses[] = { "a@b.c", "d@e.f", "g@h.i" };
	size_t i;

	(void)state;
	memset(&mail, 0, sizeof(mail));
	memset(to, 0, sizeof(to));
	for (i = 0; i < 3; i++)
		to[i].address = addresses[i];
	mail.sender = "s@b.c";
	mail.recipients = to;
	mail.recipients_len = 3;
	return 0;
}

static int
end_mail(void **state)
{
	(void)state;
	envelope_reset(&mail); /* frees the replies */
	return 0;
}

static struct reply
make_reply(int code, const char *text)
{
	return (struct reply){ .code = code,
		.text = text,
		.text_len = strlen(text) };
}

static void
take_rcpt(int code, const char *text, enum reply_class class)
{
	const struct reply reply = make_reply(code, text);

	envelope_take_rcpt(&mail, &reply, class);
}

/* -- commands -------------------------------------------------------------- */

static void
test_commands(void **state)
{
	struct buffer out = { 0 };

	(void)state;
	envelope_add_mail(&out, &mail, EHLO_SMTPUTF8 | EHLO_8BITMIME);
	envelope_add_rcpt(&out, &to[1], 0);
	envelope_add_data(&out);
	assert_string_equal(out.data,
	    "MAIL FROM:<s@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\n");
	buffer_clear(&out);
	mail.sender = "";
	envelope_add_mail(&out, &mail, 0);
	assert_string_equal(out.data, "MAIL FROM:<>\r\n");
	buffer_free(&out);
}

static void
test_size(void **state)
{
	struct composed message = { .files = NULL };
	struct buffer out = { 0 };

	(void)state;
	message.text.len = 4711;
	mail.message = &message;
	envelope_add_mail(&out, &mail, EHLO_SIZE);
	assert_string_equal(out.data, "MAIL FROM:<s@b.c> SIZE=4711\r\n");
	envelope_explain_size(&mail, 4710);
	assert_string_equal(mail.reason, "too_large");
	assert_string_equal(mail.reply,
	    "the message has 4711 bytes, and the relay takes 4710 at most");
	buffer_free(&out);
}

static void
test_reports(void **state)
{
	struct buffer out = { 0 };

	(void)state;
	mail.id = "0197-x";
	envelope_add_mail(&out, &mail, EHLO_DSN);
	envelope_add_rcpt(&out, &to[0], EHLO_DSN);
	assert_string_equal(out.data,
	    "MAIL FROM:<s@b.c> RET=HDRS ENVID=0197-x\r\n"
	    "RCPT TO:<a@b.c> NOTIFY=FAILURE,DELAY\r\n");
	buffer_free(&out);
}

static void
test_smtputf8(void **state)
{
	struct buffer out = { 0 };

	(void)state;
	mail.smtputf8 = true;
	mail.sender = UMLAUT;
	envelope_add_mail(&out, &mail, EHLO_SMTPUTF8);
	envelope_add_mail(&out, &mail, EHLO_SMTPUTF8 | EHLO_8BITMIME);
	assert_string_equal(out.data,
	    "MAIL FROM:<" UMLAUT "> SMTPUTF8\r\n"
	    "MAIL FROM:<" UMLAUT "> SMTPUTF8 BODY=8BITMIME\r\n");
	envelope_explain_smtputf8(&mail);
	assert_string_equal(mail.reason, "smtputf8_not_offered");
	assert_non_null(strstr(mail.reply, "does not offer SMTPUTF8"));
	envelope_reset(&mail);
	assert_null(mail.reason);
	buffer_free(&out);
}

static void
test_what_is_safe(void **state)
{
	static const struct {
		const char *address;
		bool ascii, utf8; /* safe in a mail without, with SMTPUTF8 */
	} rows[] = {
		{ "a@b.c", true, true }, { UMLAUT, false, true },
		{ "", false, false }, /* a sender may be: below */
		{ "a b@b.c", false, false }, { "a@b.c>", false, false },
		{ "<a@b.c", false, false }, { "a@b.c\r\nDATA", false, false },
		{ "a\n@b.c", false, false }, { "a\t@b.c", false, false },
		{ "a\x7f@b.c", false, false },
		{ "j\xfcrgen@b.c", false, false }, /* Latin-1 */
		{ "a\xc3", false, false }, /* cut */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		to[2].address = rows[i].address;
		mail.smtputf8 = false;
		if (envelope_is_safe(&mail) != rows[i].ascii)
			fail_msg("row %zu", i);
		mail.smtputf8 = true;
		if (envelope_is_safe(&mail) != rows[i].utf8)
			fail_msg("row %zu, SMTPUTF8", i);
	}
	to[2].address = "g@h.i";
	mail.sender = "";
	assert_true(envelope_is_safe(&mail));
	mail.sender = "s@b.c>\r\n";
	assert_false(envelope_is_safe(&mail));
}

/* -- replies --------------------------------------------------------------- */

static void
test_verdicts(void **state)
{
	static const struct {
		enum reply_class class;
		enum verdict verdict;
		enum outcome outcome; /* of a mail that it decides */
	} rows[] = {
		{ REPLY_OK, VERDICT_ACCEPTED, OUTCOME_SENT },
		{ REPLY_RETRY, VERDICT_RETRY, OUTCOME_DEFERRED },
		{ REPLY_CLOSING, VERDICT_RETRY, OUTCOME_DEFERRED },
		{ REPLY_REJECT_RECIPIENT, VERDICT_REFUSED, OUTCOME_REJECTED },
		{ REPLY_REJECT_MAIL, VERDICT_REFUSED, OUTCOME_REJECTED },
		{ REPLY_RELAY_BROKEN, VERDICT_RETRY, OUTCOME_UNSENT },
		{ REPLY_GO_AHEAD, VERDICT_NONE, OUTCOME_DEFERRED },
		{ REPLY_OUT_OF_STEP, VERDICT_NONE, OUTCOME_DEFERRED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		envelope_reset(&mail);
		take_rcpt(299, "299 text", rows[i].class);
		assert_int_equal(mail.rcpt_replies, 1);
		assert_int_equal(to[0].verdict, rows[i].verdict);
		assert_int_equal(to[0].code, 299);
		assert_string_equal(to[0].reply, "299 text");
		assert_int_equal(to[1].verdict, VERDICT_NONE);
		assert_int_equal(envelope_outcome(rows[i].class),
		    rows[i].outcome);
	}
}

/* One that may come later decides before those that never will. */
static void
test_without_recipients(void **state)
{
	(void)state;
	assert_int_equal(envelope_without_recipients(&mail), OUTCOME_DEFERRED);
	take_rcpt(550, "550 no", REPLY_REJECT_RECIPIENT);
	assert_int_equal(envelope_without_recipients(&mail), OUTCOME_REJECTED);
	assert_int_equal(mail.code, 550);
	take_rcpt(451, "451 later", REPLY_RETRY);
	take_rcpt(550, "550 no", REPLY_REJECT_RECIPIENT);
	assert_int_equal(envelope_without_recipients(&mail), OUTCOME_DEFERRED);
	assert_int_equal(mail.code, 451);
	assert_string_equal(mail.reply, "451 later");
}

/* One line, and cut between characters where it is too long. */
static void
test_what_decides(void **state)
{
	struct reply reply = make_reply(554, "554 5.7.1 no\nand never");
	struct buffer text = { 0 };

	(void)state;
	envelope_decide(&mail, &reply);
	assert_int_equal(mail.code, 554);
	assert_string_equal(mail.reply, "554 5.7.1 no and never");
	while (text.len < 600)
		buffer_add_text(&text, "\xc3\xbc");
	envelope_explain(&mail, text.data);
	assert_int_equal(mail.code, 0);
	assert_int_equal(strlen(mail.reply), 510);
	assert_memory_equal(mail.reply, text.data, 510);
	buffer_free(&text);
}

static void
test_reset(void **state)
{
	const struct reply reply = make_reply(451, "451 later");

	(void)state;
	take_rcpt(250, "250 ok", REPLY_OK);
	envelope_decide(&mail, &reply);
	mail.dot_at = 5;
	envelope_reset(&mail);
	assert_int_equal(to[0].verdict, VERDICT_NONE);
	assert_int_equal(to[0].code, 0);
	assert_null(to[0].reply);
	assert_int_equal(mail.rcpt_replies, 0);
	assert_int_equal(mail.code, 0);
	assert_string_equal(mail.reply, "");
	assert_int_equal(mail.dot_at, 0);
	assert_string_equal(to[0].address, "a@b.c");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, make_mail, end_mail)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_commands),
		TEST(test_size),
		TEST(test_reports),
		TEST(test_smtputf8),
		TEST(test_what_is_safe),
		TEST(test_verdicts),
		TEST(test_without_recipients),
		TEST(test_what_decides),
		TEST(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
