/* SPDX-License-Identifier: MIT */
/* Only this file knows OpenSSL's digests. */
#include "digest.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

static EVP_MD_CTX *
context(struct digest *digest)
{
	return (EVP_MD_CTX *)digest;
}

static void
begin(struct digest *digest)
{
	if (EVP_DigestInit_ex(context(digest), EVP_sha256(), NULL) != 1)
		abort();
}

struct digest *
digest_new(void)
{
	struct digest *digest = (struct digest *)EVP_MD_CTX_new();

	if (digest == NULL)
		abort();
	begin(digest);
	return digest;
}

void
digest_free(struct digest *digest)
{
	EVP_MD_CTX_free(context(digest));
}

void
digest_add(struct digest *digest, const void *bytes, size_t len)
{
	if (EVP_DigestUpdate(context(digest), bytes, len) != 1)
		abort();
}

void
digest_end(struct digest *digest, char hex[DIGEST_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len = 0, i;

	if (EVP_DigestFinal_ex(context(digest), bytes, &len) != 1)
		abort();
	for (i = 0; i < len && i < (DIGEST_HEX_SIZE - 1) / 2; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * i] = '\0';
	begin(digest);
}

void
digest_text(char hex[DIGEST_HEX_SIZE], const char *text)
{
	struct digest *digest = digest_new();

	digest_add(digest, text, strlen(text));
	digest_end(digest, hex);
	digest_free(digest);
}
