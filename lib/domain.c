/* SPDX-License-Identifier: MIT */
/*
 * Domains: their form in the DNS, and the internationalized ones (IDNA2008,
 * RFC 5891, by libidn2 with the mapping of UTS 46).
 */
#include <string.h>

#include <idn2.h>

#include "address.h"
#include "characters.h"

#define LABEL_MAX 63 /* bytes: RFC 1035 2.3.4 */
#define A_LABEL "xn--" /* RFC 5890 2.3.2.1 */

static bool
is_alnum(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	    (byte >= '0' && byte <= '9');
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

/* -- internationalized ----------------------------------------------------- */

/*
 * U-labels to A-labels. What UTS 46 would drop without a word (zero width
 * characters, soft hyphens) is refused before it can. Not asked for is
 * IDN2_USE_STD3_ASCII_RULES, which drops a full-width @ instead of refusing it
 * (libidn2 2.3.3): domain_is_valid() sees what comes out.
 */
static enum address_fault
to_ascii(const char *text, size_t len, char domain[DOMAIN_MAX + 1])
{
	char copy[DOMAIN_TEXT_MAX + 1];
	uint8_t *ascii;
	enum address_fault fault = ADDRESS_BAD_DOMAIN;

	if (!characters_are(text, len, CHARACTERS_ADDRESS))
		return ADDRESS_INVISIBLE;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (idn2_lookup_u8((const uint8_t *)copy, &ascii,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return ADDRESS_BAD_DOMAIN;
	if (strlen((const char *)ascii) <= DOMAIN_MAX) {
		strncpy(domain, (const char *)ascii, DOMAIN_MAX + 1);
		fault = ADDRESS_OK;
	}
	idn2_free(ascii);
	return fault;
}

static void
to_lower(const char *text, size_t len, char domain[DOMAIN_MAX + 1])
{
	size_t i;

	for (i = 0; i < len; i++)
		domain[i] = text[i] >= 'A' && text[i] <= 'Z' ?
		    (char)(text[i] | 0x20) :
		    text[i];
	domain[len] = '\0';
}

static enum address_fault
labels_check(const char *text)
{
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, ".");
		if (!characters_are(text, len, CHARACTERS_ADDRESS))
			return ADDRESS_INVISIBLE;
		if (!characters_are_of_one_script(text, len))
			return ADDRESS_MIXED_SCRIPTS;
		if (text[len] == '\0')
			return ADDRESS_OK;
	}
}

/* What the A-labels say: those that came as such, too. */
static enum address_fault
a_labels_check(const char *domain)
{
	enum address_fault fault;
	char *text;

	if (strstr(domain, A_LABEL) == NULL)
		return ADDRESS_OK;
	if (idn2_to_unicode_8z8z(domain, &text, 0) != IDN2_OK)
		return ADDRESS_BAD_DOMAIN;
	fault = labels_check(text);
	idn2_free(text);
	return fault;
}

enum address_fault
domain_normalize(const char *text, size_t len, char domain[DOMAIN_MAX + 1])
{
	enum address_fault fault;
	size_t i;

	if (len > DOMAIN_TEXT_MAX || memchr(text, '\0', len) != NULL)
		return ADDRESS_BAD_DOMAIN;
	for (i = 0; i < len && (unsigned char)text[i] < 0x80; i++)
		continue;
	if (i < len) {
		fault = to_ascii(text, len, domain);
		if (fault != ADDRESS_OK)
			return fault;
	} else if (len <= DOMAIN_MAX) {
		to_lower(text, len, domain);
	} else {
		return ADDRESS_BAD_DOMAIN;
	}
	if (!domain_is_valid(domain, strlen(domain)))
		return ADDRESS_BAD_DOMAIN;
	return a_labels_check(domain);
}
