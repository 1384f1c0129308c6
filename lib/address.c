/* SPDX-License-Identifier: MIT */
/*
 * Decides which addresses we take, and in which form. Pure: it does not ask
 * whether a domain exists. Domains are in domain.c, mailboxes in mailbox.c.
 */
#include "address.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <uninorm.h>

#include "characters.h"
#include "utf8.h"

#define TEXT(number) TEXT_(number)
#define TEXT_(number) #number
#define ADDRESS_TEXT_MAX (ADDRESS_LOCAL_MAX * 4 + 1 + DOMAIN_TEXT_MAX)

const char *const address_fault_texts[ADDRESS_FAULT__MAX] = {
	[ADDRESS_OK] = "is fine",
	[ADDRESS_EMPTY] = "is empty",
	[ADDRESS_TOO_LONG] = "is longer than " TEXT(ADDRESS_MAX) " bytes",
	[ADDRESS_NO_AT] = "has no @",
	[ADDRESS_BAD_LOCAL] = "has a part before the @ that is not allowed",
	[ADDRESS_LOCAL_TOO_LONG] =
	    "has more than " TEXT(ADDRESS_LOCAL_MAX) " bytes before the @",
	[ADDRESS_BAD_DOMAIN] = "has a domain that is not valid",
	[ADDRESS_NOT_UTF8] = "is not UTF-8",
	[ADDRESS_INVISIBLE] = "has control, bidi or other invisible characters",
	[ADDRESS_MIXED_SCRIPTS] =
	    "has a domain that mixes scripts within a label",
	[ADDRESS_BAD_NAME] = "has a display name that is not allowed",
	[ADDRESS_SEVERAL] = "holds more than one address",
};

/* -- the part before the @ ------------------------------------------------- */

/*
 * atext of RFC 5322 3.2.3 without the letters of source routes, and what is not
 * ASCII (RFC 6531 3.3).
 */
static bool
is_local_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	    (byte >= '0' && byte <= '9') || (unsigned char)byte >= 0x80 ||
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
is_dot_string(const char *text, size_t len)
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
is_ascii(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

/* The caller frees it. */
static uint8_t *
normal_form(uninorm_t form, const char *text, size_t len, size_t *normal_len)
{
	uint8_t *normal =
	    u8_normalize(form, (const uint8_t *)text, len, NULL, normal_len);

	if (normal == NULL)
		abort(); /* out of memory: it is UTF-8 */
	return normal;
}

/*
 * In NFC (RFC 6532 3.1), without compatibility characters, that is, such as
 * other programs may take for others: a full-width letter or @, a ligature
 * (RFC 8264 9.17).
 */
static enum address_fault
utf8_local_normalize(const char *text, size_t len,
    char local[ADDRESS_LOCAL_MAX + 1])
{
	enum address_fault fault = ADDRESS_OK;
	size_t nfc_len, nfkc_len;
	uint8_t *nfc, *nfkc;

	if (!characters_are(text, len, CHARACTERS_ADDRESS))
		return ADDRESS_INVISIBLE;
	nfc = normal_form(UNINORM_NFC, text, len, &nfc_len);
	nfkc = normal_form(UNINORM_NFKC, text, len, &nfkc_len);
	if (nfc_len != nfkc_len || memcmp(nfc, nfkc, nfc_len) != 0) {
		fault = ADDRESS_BAD_LOCAL;
	} else if (nfc_len > ADDRESS_LOCAL_MAX) {
		fault = ADDRESS_LOCAL_TOO_LONG;
	} else {
		memcpy(local, nfc, nfc_len);
		local[nfc_len] = '\0';
	}
	free(nfc);
	free(nfkc);
	return fault;
}

static enum address_fault
local_normalize(const char *text, size_t len, char local[ADDRESS_LOCAL_MAX + 1])
{
	if (!is_dot_string(text, len))
		return ADDRESS_BAD_LOCAL;
	if (!is_ascii(text, len))
		return utf8_local_normalize(text, len, local);
	if (len > ADDRESS_LOCAL_MAX)
		return ADDRESS_LOCAL_TOO_LONG;
	memcpy(local, text, len);
	local[len] = '\0';
	return ADDRESS_OK;
}

/* -- the whole ------------------------------------------------------------- */

static enum address_fault
whole_check(const char *text, size_t len)
{
	if (len == 0)
		return ADDRESS_EMPTY;
	if (len > ADDRESS_TEXT_MAX)
		return ADDRESS_TOO_LONG;
	if (is_ascii(text, len))
		return len > ADDRESS_MAX ? ADDRESS_TOO_LONG : ADDRESS_OK;
	return utf8_is_valid(text, len) ? ADDRESS_OK : ADDRESS_NOT_UTF8;
}

enum address_fault
address_normalize(const char *text, size_t len, char address[ADDRESS_MAX + 1])
{
	enum address_fault fault = whole_check(text, len);
	char local[ADDRESS_LOCAL_MAX + 1], domain[DOMAIN_MAX + 1];
	const char *at;
	size_t local_len;

	if (fault != ADDRESS_OK)
		return fault;
	at = memrchr(text, '@', len);
	if (at == NULL)
		return ADDRESS_NO_AT;
	local_len = (size_t)(at - text);
	fault = local_normalize(text, local_len, local);
	if (fault != ADDRESS_OK)
		return fault;
	fault = domain_normalize(at + 1, len - local_len - 1, domain);
	if (fault != ADDRESS_OK)
		return fault;
	if (snprintf(address, ADDRESS_MAX + 1, "%s@%s", local, domain) >
	    ADDRESS_MAX)
		return ADDRESS_TOO_LONG;
	return ADDRESS_OK;
}

enum address_fault
address_check(const char *text, size_t len)
{
	char address[ADDRESS_MAX + 1];

	return address_normalize(text, len, address);
}

bool
address_is_same(const char *a, const char *b)
{
	size_t local = (size_t)(address_domain(a) - a);

	return strncmp(a, b, local) == 0 &&
	    strcasecmp(address_domain(a), address_domain(b)) == 0;
}

bool
address_is_ascii(const char *address)
{
	return is_ascii(address, strlen(address));
}

const char *
address_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? "" : at + 1;
}
