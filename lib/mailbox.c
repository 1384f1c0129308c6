/* SPDX-License-Identifier: MIT */
/*
 * Takes a mailbox apart into a display name that may go into a header and an
 * address. Pure. The words are RFC 5322's, less its comments and groups.
 */
#include "address.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "characters.h"

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Blanks around the text do not count. */
static void
trim(const char **text, size_t *len)
{
	while (*len > 0 && is_blank(**text)) {
		(*text)++;
		(*len)--;
	}
	while (*len > 0 && is_blank((*text)[*len - 1]))
		(*len)--;
}

/* A decoded display name that may go into a header. */
static bool
name_is_valid(const char *text, size_t len)
{
	return len <= ADDRESS_NAME_MAX &&
	    characters_are(text, len, CHARACTERS_NAME) &&
	    !address_has_encoded_word(text, len);
}

/*
 * The inside of a quoted-string (RFC 5322 3.2.4) that begins behind its first
 * quote. Returns the bytes up to its last quote and with it, 0 if it has none.
 */
static size_t
read_quoted(struct buffer *name, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && text[i] != '"'; i++) {
		if (text[i] == '\\' && ++i == len)
			return 0;
		buffer_add(name, &text[i], 1);
	}
	return i < len ? i + 1 : 0;
}

/* Words without quotes: no specials of RFC 5322 3.2.3 but the dot. */
static bool
is_bare_name(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] == '\0' ||
		    strchr("()<>[]:;@\\,\"", text[i]) != NULL)
			return false;
	return true;
}

/* The name, and in `*rest` where the bracket behind it must be. */
static enum address_fault
read_name(struct buffer *name, const char *text, size_t len, size_t *rest)
{
	const char *bracket;
	const char *word = text;
	size_t word_len;

	*rest = 0;
	if (len > 0 && text[0] == '"') {
		*rest = read_quoted(name, text + 1, len - 1) + 1;
		if (*rest == 1)
			return ADDRESS_BAD_NAME;
		while (*rest < len && is_blank(text[*rest]))
			(*rest)++;
	} else {
		bracket = memchr(text, '<', len);
		*rest = bracket == NULL ? len : (size_t)(bracket - text);
		word_len = *rest;
		trim(&word, &word_len);
		if (memchr(word, ',', word_len) != NULL)
			return ADDRESS_SEVERAL;
		if (!is_bare_name(word, word_len))
			return ADDRESS_BAD_NAME;
		buffer_add(name, word, word_len);
	}
	if (name->len > 0 && !name_is_valid(name->data, name->len))
		return ADDRESS_BAD_NAME;
	return ADDRESS_OK;
}

/* `<a@b.c>` and nothing behind it; the address alone into *text and *len. */
static enum address_fault
read_bracket(const char **text, size_t *len)
{
	const char *end;
	size_t behind;

	if (*len == 0 || **text != '<') /* "x@y z"@w */
		return ADDRESS_BAD_LOCAL;
	(*text)++;
	(*len)--;
	end = memchr(*text, '>', *len);
	if (end == NULL)
		return ADDRESS_BAD_NAME;
	behind = *len - (size_t)(end - *text) - 1;
	if (memchr(end, '@', behind + 1) != NULL)
		return ADDRESS_SEVERAL;
	if (behind > 0)
		return ADDRESS_BAD_NAME;
	(*len)--;
	return ADDRESS_OK;
}

static enum address_fault
take_address(struct mailbox *box, const char *text, size_t len)
{
	char address[ADDRESS_MAX + 1];
	enum address_fault fault = address_normalize(text, len, address);

	if (fault != ADDRESS_OK)
		return fault;
	box->address = strdup(address);
	if (box->address == NULL)
		abort();
	return ADDRESS_OK;
}

static enum address_fault
parse_bracketed(struct mailbox *box, const char *text, size_t len)
{
	struct buffer name = { 0 };
	enum address_fault fault;
	size_t rest;

	fault = read_name(&name, text, len, &rest);
	if (fault != ADDRESS_OK)
		goto out;
	text += rest;
	len -= rest;
	fault = read_bracket(&text, &len);
	if (fault != ADDRESS_OK)
		goto out;
	fault = take_address(box, text, len);
	if (fault == ADDRESS_OK && name.len > 0)
		box->name = buffer_take(&name);
out:
	buffer_free(&name);
	return fault;
}

enum address_fault
mailbox_parse(struct mailbox *box, const char *text, size_t len)
{
	memset(box, 0, sizeof(*box));
	trim(&text, &len);
	if (len == 0)
		return ADDRESS_EMPTY;
	if (text[0] == '"' || memchr(text, '<', len) != NULL)
		return parse_bracketed(box, text, len);
	if (memchr(text, ',', len) != NULL || memchr(text, ';', len) != NULL)
		return ADDRESS_SEVERAL;
	return take_address(box, text, len);
}

void
mailbox_free(struct mailbox *box)
{
	free(box->name);
	free(box->address);
	memset(box, 0, sizeof(*box));
}

void
mailbox_add_json(struct buffer *out, const struct mailbox *box)
{
	struct buffer text = { 0 };
	const char *p;

	if (box->name == NULL) {
		buffer_add_json_text(out, box->address);
		return;
	}
	buffer_add_text(&text, "\"");
	for (p = box->name; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buffer_add_text(&text, "\\");
		buffer_add(&text, p, 1);
	}
	buffer_printf(&text, "\" <%s>", box->address);
	buffer_add_json(out, text.data, text.len);
	buffer_free(&text);
}
