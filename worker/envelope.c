/* SPDX-License-Identifier: MIT */
/* MAIL, RCPT and DATA as bytes, and the recipients' verdicts. */
#include "envelope.h"

#include <stdlib.h>
#include <string.h>

#include "ehlo.h"
#include "utf8.h"

static bool
is_safe(const char *address, bool utf8)
{
	const unsigned char *c = (const unsigned char *)address;

	for (; *c != '\0'; c++)
		if (*c <= ' ' || *c == 0x7f || *c == '<' || *c == '>' ||
		    (!utf8 && *c > 0x7f))
			return false;
	return utf8_is_valid(address, strlen(address));
}

bool
envelope_is_safe(const struct transaction *transaction)
{
	const bool utf8 = transaction->smtputf8;
	size_t i;

	for (i = 0; i < transaction->recipients_len; i++)
		if (transaction->recipients[i].address[0] == '\0' ||
		    !is_safe(transaction->recipients[i].address, utf8))
			return false;
	return is_safe(transaction->sender, utf8);
}

void
envelope_reset(struct transaction *transaction)
{
	struct envelope_recipient *recipient;
	size_t i;

	for (i = 0; i < transaction->recipients_len; i++) {
		recipient = &transaction->recipients[i];
		free(recipient->reply);
		recipient->reply = NULL;
		recipient->verdict = VERDICT_NONE;
		recipient->code = 0;
	}
	transaction->code = 0;
	transaction->reply[0] = '\0';
	transaction->reason = NULL;
	transaction->rcpt_replies = 0;
	transaction->dot_at = 0;
}

void
envelope_add_mail(struct buffer *out, const struct transaction *transaction,
    unsigned offers)
{
	buffer_add_text(out, "MAIL FROM:<");
	buffer_add_text(out, transaction->sender);
	buffer_add_text(out, ">");
	if (transaction->smtputf8) {
		/* RFC 6531 3.4; its header fields are 8-bit text. */
		buffer_add_text(out, " SMTPUTF8");
		if ((offers & EHLO_8BITMIME) != 0)
			buffer_add_text(out, " BODY=8BITMIME");
	}
	if ((offers & EHLO_SIZE) != 0) {
		buffer_add_text(out, " SIZE=");
		buffer_add_number(out,
		    (int64_t)composed_len(transaction->message));
	}
	if ((offers & EHLO_DSN) != 0) {
		/* RFC 3461 4.4; no byte of an id must be xtext. */
		buffer_add_text(out, " RET=HDRS ENVID=");
		buffer_add_text(out, transaction->id);
	}
	buffer_add_text(out, "\r\n");
}

void
envelope_add_rcpt(struct buffer *out, const struct envelope_recipient *to,
    unsigned offers)
{
	buffer_add_text(out, "RCPT TO:<");
	buffer_add_text(out, to->address);
	buffer_add_text(out,
	    (offers & EHLO_DSN) != 0 ? "> NOTIFY=FAILURE,DELAY\r\n" : ">\r\n");
}

void
envelope_add_data(struct buffer *out)
{
	buffer_add_text(out, "DATA\r\n");
}

static enum verdict
verdict_of(enum reply_class meaning)
{
	switch (meaning) {
	case REPLY_OK:
		return VERDICT_ACCEPTED;
	case REPLY_REJECT_RECIPIENT:
	case REPLY_REJECT_MAIL:
		return VERDICT_REFUSED;
	case REPLY_RETRY:
	case REPLY_CLOSING:
	case REPLY_RELAY_BROKEN:
		return VERDICT_RETRY;
	case REPLY_GO_AHEAD:
	case REPLY_OUT_OF_STEP:
	case REPLY_CLASS__MAX:
		break;
	}
	return VERDICT_NONE;
}

void
envelope_take_rcpt(struct transaction *transaction, const struct reply *reply,
    enum reply_class class)
{
	struct envelope_recipient *recipient =
	    &transaction->recipients[transaction->rcpt_replies++];

	recipient->verdict = verdict_of(class);
	recipient->code = reply->code;
	recipient->reply = strdup(reply->text);
	if (recipient->reply == NULL)
		abort();
}

/* One line, cut at a character's end where it is too long. */
static void
set_reply(struct transaction *transaction, const char *text, size_t len)
{
	size_t i;

	if (len >= sizeof(transaction->reply)) {
		len = sizeof(transaction->reply) - 1;
		/* It takes the length of one call for another one's text. */
		/* cppcheck-suppress arrayIndexOutOfBounds */
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	for (i = 0; i < len; i++)
		transaction->reply[i] = text[i];
	transaction->reply[len] = '\0';
	for (i = 0; i < len; i++)
		if (transaction->reply[i] == '\n')
			transaction->reply[i] = ' ';
}

void
envelope_decide(struct transaction *transaction, const struct reply *reply)
{
	transaction->code = reply->code;
	set_reply(transaction, reply->text, reply->text_len);
}

void
envelope_explain(struct transaction *transaction, const char *why)
{
	transaction->code = 0;
	set_reply(transaction, why, strlen(why));
}

void
envelope_explain_smtputf8(struct transaction *transaction)
{
	envelope_explain(transaction,
	    "an address of this mail is not ASCII and the relay does not offer "
	    "SMTPUTF8: use a relay that does, or other addresses");
	transaction->reason = "smtputf8_not_offered";
}

void
envelope_explain_size(struct transaction *transaction, size_t most)
{
	struct buffer why = { 0 };

	buffer_printf(&why,
	    "the message has %zu bytes, and the relay takes %zu at most",
	    composed_len(transaction->message), most);
	envelope_explain(transaction, why.data);
	transaction->reason = "too_large";
	buffer_free(&why);
}

static const struct envelope_recipient *
find_verdict(const struct transaction *transaction, enum verdict verdict)
{
	size_t i;

	for (i = 0; i < transaction->recipients_len; i++)
		if (transaction->recipients[i].verdict == verdict)
			return &transaction->recipients[i];
	return NULL;
}

enum outcome
envelope_without_recipients(struct transaction *transaction)
{
	const struct envelope_recipient *decides;
	enum outcome outcome = OUTCOME_DEFERRED;

	decides = find_verdict(transaction, VERDICT_RETRY);
	if (decides == NULL) {
		decides = find_verdict(transaction, VERDICT_REFUSED);
		outcome = OUTCOME_REJECTED;
	}
	if (decides == NULL)
		return OUTCOME_DEFERRED;
	transaction->code = decides->code;
	set_reply(transaction, decides->reply, strlen(decides->reply));
	return outcome;
}

enum outcome
envelope_outcome(enum reply_class meaning)
{
	switch (meaning) {
	case REPLY_OK:
		return OUTCOME_SENT;
	case REPLY_REJECT_MAIL:
	case REPLY_REJECT_RECIPIENT:
		return OUTCOME_REJECTED;
	case REPLY_RELAY_BROKEN:
		return OUTCOME_UNSENT;
	case REPLY_RETRY:
	case REPLY_CLOSING:
	case REPLY_GO_AHEAD:
	case REPLY_OUT_OF_STEP:
	case REPLY_CLASS__MAX:
		break;
	}
	return OUTCOME_DEFERRED;
}
