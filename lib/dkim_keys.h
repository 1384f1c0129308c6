/* SPDX-License-Identifier: MIT */
/*
 * The keys that mail is signed with: a folder with a file
 * `<domain>.<selector>.pem` for each domain, an RSA key without a passphrase
 * that others cannot read. Its public half is in the DNS, as the TXT record of
 * <selector>._domainkey.<domain> (RFC 6376 3.6.2).
 */
#ifndef POSTRIDER_DKIM_KEYS_H
#define POSTRIDER_DKIM_KEYS_H

#include <stddef.h>
#include <stdio.h>

#define DKIM_KEY_BITS_MIN 1024 /* RFC 8301 3.2 */

struct dkim_key {
	char *domain, *selector, *pem; /* owned */
};

/* The zero value has none. */
struct dkim_keys {
	struct dkim_key *list;
	size_t len;
};

/*
 * Reads all of the folder; "" has no keys. 0, or -1 after writing each fault to
 * `faults` as a line of DKIM_KEYS, and `*keys` has none then.
 */
int dkim_keys_load(struct dkim_keys *, const char *folder, FILE *faults);
void dkim_keys_free(struct dkim_keys *); /* leaves none */

/*
 * The key of a From domain (in its normal form), else of the nearest one above
 * it, which is as good for DMARC (RFC 7489 3.1.1). NULL: there is none.
 */
const struct dkim_key *dkim_keys_find(const struct dkim_keys *,
    const char *domain);

#endif
