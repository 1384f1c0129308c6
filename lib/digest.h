/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 (FIPS 180-4), by OpenSSL, of bytes that come in pieces. Out of memory
 * aborts.
 */
#ifndef POSTRIDER_DIGEST_H
#define POSTRIDER_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_SIZE 65 /* 64 hexadecimal digits and a NUL */

struct digest; /* OpenSSL's EVP_MD_CTX */

struct digest *digest_new(void);
void digest_free(struct digest *);

void digest_add(struct digest *, const void *bytes, size_t len);
/* The digest of what was added, in lower case; the next one begins empty. */
void digest_end(struct digest *, char hex[DIGEST_HEX_SIZE]);
/* Of one text. */
void digest_text(char hex[DIGEST_HEX_SIZE], const char *text);

#endif
