/* SPDX-License-Identifier: MIT */
/*
 * Decides which addresses we take. Pure: it does not ask whether a domain
 * exists. Mailboxes are in mailbox.c.
 */
#include "address.h"

#include <string.h>

#define DOMAIN_MAX 253 /* bytes: RFC 1035 2.3.4 as text */
#define LABEL_MAX 63 /* bytes: RFC 1035 2.3.4 */

const char *const address_fault_texts[ADDRESS_FAULT__MAX] = {
	[ADDRESS_OK] = "is fine",
	[ADDRESS_EMPTY] = "is empty",
	[ADDRESS_TOO_LONG] = "is longer than 254 bytes",
	[ADDRESS_NO_AT] = "has no @",
	[ADDRESS_BAD_LOCAL] = "has a part before the @ that is not allowed",
	[ADDRESS_LOCAL_TOO_LONG] = "has more than 64 bytes before the @",
	[ADDRESS_BAD_DOMAIN] = "has a domain that is not valid",
	[ADDRESS_NOT_ASCII] = "has characters that are not ASCII",
	[ADDRESS_BAD_NAME] = "has a display name that is not allowed",
	[ADDRESS_SEVERAL] = "holds more than one address",
};

static bool
is_alnum(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	    (byte >= '0' && byte <= '9');
}

/* atext of RFC 5322 3.2.3 without the letters of source routes. */
static bool
is_local_byte(char byte)
{
	return is_alnum(byte) ||
	    (byte != '\0' && strchr("#$&'*+-/=?^_`{|}~", byte) != NULL);
}

bool
address_has_encoded_word(const char *text, size_t len)
{
	const char *word = memmem(text, len, "=?", 2);

	return word != NULL &&
	    memmem(word + 2, len - (size_t)(word + 2 - text), "?=", 2) != NULL;
}

/* A dot-atom: RFC 5321 4.1.2 Dot-string. */
static bool
local_is_valid(const char *text, size_t len)
{
	bool dot_allowed = false; /* neither first, nor last, nor twice */
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '.' ? !dot_allowed : !is_local_byte(text[i]))
			return false;
		dot_allowed = text[i] != '.';
	}
	return dot_allowed && !address_has_encoded_word(text, len);
}

static bool
label_is_valid(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!is_alnum(text[i]) && text[i] != '-')
			return false;
	return len >= 1 && len <= LABEL_MAX && text[0] != '-' &&
	    text[len - 1] != '-';
}

static bool
label_is_number(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] >= '0' && text[len - 1] <= '9')
		len--;
	return len == 0;
}

bool
domain_is_valid(const char *text, size_t len)
{
	const char *dot;
	size_t label;

	if (len > DOMAIN_MAX)
		return false;
	for (;;) {
		dot = memchr(text, '.', len);
		label = dot == NULL ? len : (size_t)(dot - text);
		if (!label_is_valid(text, label))
			return false;
		if (dot == NULL)
			return !label_is_number(text, label);
		text += label + 1;
		len -= label + 1;
	}
}

enum address_fault
address_check(const char *text, size_t len)
{
	const char *at;
	size_t local, i;

	if (len == 0)
		return ADDRESS_EMPTY;
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return ADDRESS_NOT_ASCII;
	if (len > ADDRESS_MAX)
		return ADDRESS_TOO_LONG;
	at = memrchr(text, '@', len);
	if (at == NULL)
		return ADDRESS_NO_AT;
	local = (size_t)(at - text);
	if (!local_is_valid(text, local))
		return ADDRESS_BAD_LOCAL;
	if (local > ADDRESS_LOCAL_MAX)
		return ADDRESS_LOCAL_TOO_LONG;
	if (!domain_is_valid(at + 1, len - local - 1))
		return ADDRESS_BAD_DOMAIN;
	return ADDRESS_OK;
}

bool
address_is_ascii(const char *address)
{
	for (; *address != '\0'; address++)
		if ((unsigned char)*address >= 0x80)
			return false;
	return true;
}

const char *
address_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? "" : at + 1;
}
