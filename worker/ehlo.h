/* SPDX-License-Identifier: MIT */
/*
 * What a relay says from its greeting to the end of AUTH, line by line: how far
 * it has come, what it offers, and its refusals. Pure.
 */
#ifndef POSTRIDER_EHLO_H
#define POSTRIDER_EHLO_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

enum ehlo_stage {
	EHLO_SILENT, /* nothing said yet */
	EHLO_GREETED, /* 220: the greeting, or the go-ahead for TLS */
	EHLO_OFFERED /* the EHLO reply has begun */
};

/* What the EHLO reply offers (bits). */
enum ehlo_keyword {
	EHLO_PIPELINING = 1, /* RFC 2920 */
	EHLO_8BITMIME = 2, /* RFC 6152 */
	EHLO_SMTPUTF8 = 4, /* RFC 6531 */
	EHLO_STARTTLS = 8, /* RFC 3207 */
	EHLO_SIZE = 16, /* RFC 1870 */
	EHLO_DSN = 32 /* RFC 3461 */
};

#define EHLO_REFUSAL_MAX 512 /* bytes kept of 4xx and 5xx lines */
#define EHLO_MECHANISMS_MAX 200 /* bytes kept of the line AUTH */

/* The zero value is the start. */
struct ehlo {
	enum ehlo_stage stage;
	unsigned keywords;
	size_t size_max; /* of a message, as SIZE has it; 0: it tells none */
	bool starttls; /* a 220 was to STARTTLS */
	bool challenged; /* 334: a login has begun (RFC 4954) */
	bool logged_in; /* 235 */
	struct buffer mechanisms; /* that AUTH offers; safe text */
	struct buffer refusal; /* what was said last, if a refusal; safe text */
};

/* One line; its CR LF may be there or not. */
void ehlo_take_line(struct ehlo *, const char *line, size_t len);
void ehlo_free(struct ehlo *);

#endif
