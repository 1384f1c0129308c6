/* SPDX-License-Identifier: MIT */
/* Writing header fields. Pure. */
#include "header_field.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "utf8.h"

#define LINE_MAX_ENCODED 76 /* bytes: RFC 2047 2 */
#define WORD_MAX 75 /* bytes of one encoded word: RFC 2047 2 */
#define TOKEN_MAX 900 /* bytes of a plain word with its blanks; a line: 998 */
#define PHRASE_MAX 60 /* bytes of a plain display name */

static const char word_begin_q[] = "=?utf-8?Q?";
static const char word_begin_b[] = "=?utf-8?B?";
static const char word_end[] = "?=";
#define WORD_FRAME (sizeof(word_begin_q) - 1 + sizeof(word_end) - 1)

static bool
has_line_break(const char *text)
{
	return text[strcspn(text, "\r\n")] != '\0';
}

/* Bytes of the last line in the buffer. */
static size_t
column(const struct buffer *out)
{
	const char *end =
	    out->data == NULL ? NULL : memrchr(out->data, '\n', out->len);

	return end == NULL ? out->len :
			     out->len - (size_t)(end + 1 - out->data);
}

static void
fold(struct buffer *out)
{
	buffer_add_text(out, "\r\n ");
}

/* -- encoded words --------------------------------------------------------- */

/* What may stand for itself in a Q word of a phrase: RFC 2047 5 (3). */
static bool
is_q_safe(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr("!*+-/", c));
}

static size_t
q_len(const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n +=
		    text[i] == ' ' || is_q_safe((unsigned char)text[i]) ? 1 : 3;
	return n;
}

static size_t
b_len(size_t len)
{
	return (len + 2) / 3 * 4;
}

static void
add_q(struct buffer *out, const char *text, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char c;
	char hex[3] = "=";
	size_t i;

	for (i = 0; i < len; i++) {
		c = (unsigned char)text[i];
		hex[1] = digits[c >> 4];
		hex[2] = digits[c & 15];
		if (c == ' ')
			buffer_add(out, "_", 1);
		else if (is_q_safe(c))
			buffer_add(out, &c, 1);
		else
			buffer_add(out, hex, sizeof(hex));
	}
}

static void
add_b(struct buffer *out, const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char quartet[4];
	uint32_t bits;
	size_t i, n;

	for (i = 0; i < len; i += 3) {
		n = len - i < 3 ? len - i : 3;
		bits = (uint32_t)(unsigned char)text[i] << 16;
		if (n > 1)
			bits |= (uint32_t)(unsigned char)text[i + 1] << 8;
		if (n > 2)
			bits |= (unsigned char)text[i + 2];
		quartet[0] = digits[bits >> 18];
		quartet[1] = digits[bits >> 12 & 63];
		quartet[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
		quartet[3] = n > 2 ? digits[bits & 63] : '=';
		buffer_add(out, quartet, sizeof(quartet));
	}
}

/* How much of the text fits into `room` bytes of a Q word. */
static size_t
q_piece(const char *text, size_t len, size_t room)
{
	size_t taken = 0, coded = 0, n;

	while (taken < len) {
		n = utf8_next(text + taken, len - taken, NULL);
		n = n == 0 ? 1 : n;
		coded += q_len(text + taken, n);
		if (coded > room)
			break;
		taken += n;
	}
	return taken;
}

/*
 * The same for a B word. Only the last one may end with padding: some readers,
 * GMime among them, stop there and lose the words behind it.
 */
static size_t
b_piece(const char *text, size_t len, size_t room)
{
	size_t taken = 0, even = 0, n;

	while (taken < len) {
		n = utf8_next(text + taken, len - taken, NULL);
		n = n == 0 ? 1 : n;
		if (b_len(taken + n) > room)
			break;
		taken += n;
		even = taken % 3 == 0 ? taken : even;
	}
	return taken == len ? taken : even;
}

/* One encoded word of at most `room` bytes; how much of the text is in it. */
static size_t
add_word(struct buffer *out, const char *text, size_t len, size_t room)
{
	const size_t b =
	    b_len(len) < q_len(text, len) ? b_piece(text, len, room) : 0;
	const size_t n = b > 0 ? b : q_piece(text, len, room);

	if (n == 0)
		return 0;
	buffer_add_text(out, b > 0 ? word_begin_b : word_begin_q);
	if (b > 0)
		add_b(out, text, n);
	else
		add_q(out, text, n);
	buffer_add_text(out, word_end);
	return n;
}

/* As encoded words, each on a line of its own but for the first. */
static void
add_encoded(struct buffer *out, const char *text)
{
	const size_t most = WORD_MAX - WORD_FRAME, at = column(out);
	size_t len = strlen(text), n, room;

	room = at + WORD_FRAME < LINE_MAX_ENCODED ?
	    LINE_MAX_ENCODED - at - WORD_FRAME :
	    0;
	if (room > most)
		room = most;
	while (len > 0) {
		n = add_word(out, text, len, room);
		text += n;
		len -= n;
		if (len > 0)
			fold(out);
		room = most;
	}
}

/* -- free text ------------------------------------------------------------- */

/*
 * Whether text can stand as it is: printable ASCII, nothing that reads as an
 * encoded word, no spaces at its ends, no word that is too long for a line
 * together with the spaces before it, as add_plain() keeps them.
 */
static bool
is_plain(const char *text)
{
	const size_t len = strlen(text);
	size_t i, word = 0;

	if (len > 0 && (text[0] == ' ' || text[len - 1] == ' '))
		return false;
	for (i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] > '~')
			return false;
		if (text[i] == ' ' && text[i - 1] != ' ')
			word = 0;
		if (++word > TOKEN_MAX)
			return false;
	}
	return strstr(text, "=?") == NULL;
}

/* Folded before spaces; unfolding gives the same text again. */
static void
add_plain(struct buffer *out, const char *text)
{
	size_t at = column(out), word;

	while (*text != '\0') {
		word = strspn(text, " ");
		word += strcspn(text + word, " ");
		if (*text == ' ' && at + word > LINE_MAX_ENCODED) {
			buffer_add_text(out, "\r\n");
			at = 0;
		}
		buffer_add(out, text, word);
		at += word;
		text += word;
	}
}

int
header_add_text(struct buffer *out, const char *name, const char *text)
{
	if (has_line_break(text))
		return -1;
	buffer_add_text(out, name);
	buffer_add_text(out, ": ");
	if (is_plain(text))
		add_plain(out, text);
	else
		add_encoded(out, text);
	buffer_add_text(out, "\r\n");
	return 0;
}

/* -- mailboxes ------------------------------------------------------------- */

static bool
is_atoms(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text != ' ' &&
		    (strchr("!#$%&'*+-/=?^_`{|}~", *text) == NULL) &&
		    !(*text >= 'a' && *text <= 'z') &&
		    !(*text >= 'A' && *text <= 'Z') &&
		    !(*text >= '0' && *text <= '9'))
			return false;
	return true;
}

static void
add_quoted(struct buffer *out, const char *text)
{
	buffer_add(out, "\"", 1);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buffer_add(out, "\\", 1);
		buffer_add(out, text, 1);
	}
	buffer_add(out, "\"", 1);
}

static bool
is_phrase(const char *name)
{
	return is_plain(name) && strlen(name) <= PHRASE_MAX;
}

/* A phrase (RFC 5322 3.2.5). */
static void
add_name(struct buffer *out, const char *name)
{
	if (!is_phrase(name))
		add_encoded(out, name);
	else if (is_atoms(name) && strstr(name, "  ") == NULL)
		buffer_add_text(out, name);
	else
		add_quoted(out, name);
}

/* How many bytes stand in one line: encoded words find their own places. */
static size_t
line_needed(const struct mailbox *mailbox)
{
	const size_t address = strlen(mailbox->address);
	size_t name = 0;

	if (mailbox->name != NULL && is_phrase(mailbox->name))
		name = strlen(mailbox->name);
	return name > address ? name : address;
}

void
header_begin_mailboxes(struct buffer *out, const char *name)
{
	buffer_add_text(out, name);
	buffer_add_text(out, ":");
}

int
header_add_mailbox(struct buffer *out, const struct mailbox *mailbox)
{
	const char *name = mailbox->name;
	const size_t len = strlen(mailbox->address);
	const bool first = out->data[out->len - 1] == ':';

	if (address_check(mailbox->address, len) != ADDRESS_OK ||
	    (name != NULL && has_line_break(name)))
		return -1;
	if (!first)
		buffer_add(out, ",", 1);
	if (!first &&
	    column(out) + line_needed(mailbox) >
		LINE_MAX_ENCODED - sizeof(" <>,"))
		fold(out);
	else
		buffer_add(out, " ", 1);
	if (name == NULL || name[0] == '\0') {
		buffer_add(out, mailbox->address, len);
		return 0;
	}
	add_name(out, name);
	if (column(out) + len > LINE_MAX_ENCODED - sizeof(" <>,"))
		buffer_add_text(out, "\r\n");
	buffer_printf(out, " <%s>", mailbox->address);
	return 0;
}

void
header_end_mailboxes(struct buffer *out)
{
	buffer_add_text(out, "\r\n");
}
