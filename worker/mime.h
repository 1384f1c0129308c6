/* SPDX-License-Identifier: MIT */
/*
 * A job's message in RFC 5322 and MIME: canonical CRLF, lines
 * <= 998 bytes, 8-bit text in a transfer encoding that every relay takes
 * (quoted-printable or base64, 7bit when it is plain), no dot-stuffing. Header
 * fields are ASCII but for addresses that are not (RFC 6532).
 * The same job gives the same bytes on every attempt.
 */
#ifndef POSTRIDER_MIME_H
#define POSTRIDER_MIME_H

#include <stdbool.h>

#include "composed.h"
#include "job.h"

/* Once a program, before and after the others. */
void mime_init(void);
void mime_shutdown(void);

/*
 * Whether an address in its header is not ASCII: then the header is UTF-8
 * (RFC 6532), and the relay must take it (SMTPUTF8, RFC 6531).
 */
bool mime_needs_smtputf8(const struct job *, const struct mailbox *from);

/*
 * Appends the message. `from` is used when the job has no From of its own.
 * Message-ID is <job id @ domain of From>. 0, or -1 with a constant text in
 * `*why` and nothing appended. The bytes of its files are borrowed.
 */
int mime_build(const struct job *, const struct mailbox *from,
    struct composed *message, const char **why);

#endif
