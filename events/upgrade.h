/* SPDX-License-Identifier: MIT */
/*
 * The opening handshake of a WebSocket (RFC 6455 4.2), and the offer of
 * permessage-deflate (RFC 7692) in it. Pure.
 */
#ifndef POSTRIDER_UPGRADE_H
#define POSTRIDER_UPGRADE_H

#include <stdbool.h>

#include "buffer.h"
#include "http_head.h"

#define UPGRADE_ACCEPT_SIZE 29 /* SHA-1 in base64, and a NUL */

struct upgrade {
	char accept[UPGRADE_ACCEPT_SIZE];
	bool deflates;
};

enum upgrade_result {
	UPGRADE_OK,
	UPGRADE_NOT_ASKED, /* a plain request, or another version than 13 */
	UPGRADE_WRONG /* no key that is one */
};

enum upgrade_result upgrade_read(struct upgrade *, const struct http_head *);
/* Appends the head of the answer. */
void upgrade_answer(const struct upgrade *, struct buffer *);

#endif
