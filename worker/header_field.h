/* SPDX-License-Identifier: MIT */
/*
 * Header fields of a message (RFC 5322 2.2), the one place that writes them:
 * what is not plain ASCII becomes encoded words (RFC 2047), only addresses stand
 * as they are (RFC 6532). Long fields are folded, lines end with CR LF and stay
 * within 76 bytes where they can be folded, within 998 always. A value with CR
 * or LF is refused, so no value can begin a field of its own.
 */
#ifndef POSTRIDER_HEADER_FIELD_H
#define POSTRIDER_HEADER_FIELD_H

#include "address.h"
#include "buffer.h"

/* A field of free text. 0, or -1: a line break in it; nothing is appended. */
int header_add_text(struct buffer *, const char *name, const char *text);

/*
 * A field of mailboxes: begin, each in turn, end. 0, or -1: its name has a line
 * break, or its address cannot stand in a header; the field is then unusable.
 */
void header_begin_mailboxes(struct buffer *, const char *name);
int header_add_mailbox(struct buffer *, const struct mailbox *);
void header_end_mailboxes(struct buffer *);

#endif
