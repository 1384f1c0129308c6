/* SPDX-License-Identifier: MIT */
/*
 * Mail addresses: what may stand in MAIL FROM and RCPT TO, and the mailboxes
 * "Name <a@b.c>" that requests, messages and SMTP_FROM give. Pure: no clock, no
 * I/O. Stricter than RFC 5321 4.1.2 on purpose: no quoted local parts, no
 * comments, no address literals, no source routes (`%`, `!`), no domain that
 * reads as an IPv4 address, no encoded-words.
 *
 * An address is kept in its normal form: the domain in lower case and as
 * A-labels (RFC 5890 2.3.2.1), a local part that is not ASCII (RFC 6531) in NFC.
 * It has no spaces and nothing invisible; no label of its domain mixes scripts.
 */
#ifndef POSTRIDER_ADDRESS_H
#define POSTRIDER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

#define ADDRESS_MAX 254 /* bytes: RFC 5321 4.5.3.1.3 less the brackets */
#define ADDRESS_LOCAL_MAX 64 /* bytes: RFC 5321 4.5.3.1.1 */
#define ADDRESS_NAME_MAX 320 /* bytes of a display name */
#define DOMAIN_MAX 253 /* bytes: RFC 1035 2.3.4 as text */
#define DOMAIN_TEXT_MAX 1024 /* bytes of one that has U-labels */

enum address_fault {
	ADDRESS_OK,
	ADDRESS_EMPTY,
	ADDRESS_TOO_LONG,
	ADDRESS_NO_AT,
	ADDRESS_BAD_LOCAL,
	ADDRESS_LOCAL_TOO_LONG,
	ADDRESS_BAD_DOMAIN,
	ADDRESS_NOT_UTF8,
	ADDRESS_INVISIBLE,
	ADDRESS_MIXED_SCRIPTS,
	ADDRESS_BAD_NAME,
	ADDRESS_SEVERAL,
	ADDRESS_FAULT__MAX
};

/* What to tell the person who wrote it: "has no @", ... */
extern const char *const address_fault_texts[ADDRESS_FAULT__MAX];

/*
 * A plain address `local@domain`, nothing around it; what people write becomes
 * its normal form, good only for ADDRESS_OK.
 */
enum address_fault address_normalize(const char *text, size_t len,
    char address[ADDRESS_MAX + 1]);
enum address_fault address_check(const char *text, size_t len);

/* Both strings are owned; name is NULL when there is none. */
struct mailbox {
	char *name; /* display name, decoded: quotes and backslashes gone */
	char *address; /* local@domain in its normal form */
};

/*
 * mailbox.c: `a@b.c`, `<a@b.c>`, `Name <a@b.c>` or `"Na, me" <a@b.c>`. On anything but
 * ADDRESS_OK `*box` is zeroed and owns nothing.
 */
enum address_fault mailbox_parse(struct mailbox *box, const char *text,
    size_t len);
void mailbox_free(struct mailbox *box); /* leaves it zeroed */
/* Appends it as a JSON string that mailbox_parse() takes. */
void mailbox_add_json(struct buffer *, const struct mailbox *);

/*
 * Whether it can stand in an envelope without SMTPUTF8 (RFC 6531 3.4). The
 * address is one that address_check() took.
 */
bool address_is_ascii(const char *address);

/*
 * RFC 5321 2.4: of the domain alone the letter case does not matter. Normal
 * forms, or what was kept before there was one.
 */
bool address_is_same(const char *a, const char *b);

/* The part behind the last @, or "" when there is none; points into it. */
const char *address_domain(const char *address);

/* Whether a mail reader would decode a part of the text (RFC 2047 2). */
bool address_has_encoded_word(const char *text, size_t len);

/*
 * domain.c: a domain as people write it becomes that of the DNS, in lower case.
 * U-labels become A-labels by IDNA2008 with the mapping of UTS 46. Each label,
 * also one that came as an A-label, is of one script, or of those in which
 * Japanese, Chinese or Korean are written (UTS 39 5.2, "highly restrictive").
 * ADDRESS_OK, BAD_DOMAIN, INVISIBLE or MIXED_SCRIPTS.
 */
enum address_fault domain_normalize(const char *text, size_t len,
    char domain[DOMAIN_MAX + 1]);

/*
 * domain.c: a domain as addresses and EHLO have it: labels of letters, digits and inner
 * hyphens (RFC 5321 4.1.2), 253 bytes at most, not ending in a number.
 */
bool domain_is_valid(const char *text, size_t len);

#endif
