/* SPDX-License-Identifier: MIT */
/*
 * DKIM (RFC 6376): signs messages through OpenDKIM's library, which only
 * dkim.c knows. relaxed/relaxed, rsa-sha256; header fields that a reader sees
 * or a mail program acts on are covered, and From a second time, so that no
 * second one can be added (RFC 6376 8.15).
 */
#ifndef POSTRIDER_DKIM_H
#define POSTRIDER_DKIM_H

#include <stdbool.h>
#include <stdio.h>

#include "buffer.h"

struct dkim_signer;

/*
 * With the keys of the folder (dkim_keys.h) as they are now; "" signs nothing.
 * NULL after writing each fault to `faults`.
 */
struct dkim_signer *dkim_signer_new(const char *folder, FILE *faults);
void dkim_signer_free(struct dkim_signer *); /* NULL will do */

/* Whether mail of that From domain is signed. */
bool dkim_signer_signs(const struct dkim_signer *, const char *domain);
/* All domains that have a key, with blanks between them. */
const char *dkim_signer_domains(const struct dkim_signer *);

/*
 * Puts a DKIM-Signature before the message, which is as it will be sent but for
 * dot-stuffing, if there is a key for the domain of its From. 0, or -1 with a
 * constant text in `*why` and the message as it was.
 */
int dkim_signer_sign(struct dkim_signer *, const char *domain,
    struct buffer *message, const char **why);

#endif
