/* SPDX-License-Identifier: MIT */
/*
 * Idempotency-Key: which record it has in Redis, and what a request must have
 * in common with the first one of that key (draft-ietf-httpapi-
 * idempotency-key-header-06, "fingerprint"): one digest a field, so that a
 * conflict can name the field. Pure.
 */
#ifndef POSTRIDER_IDEMPOTENCY_H
#define POSTRIDER_IDEMPOTENCY_H

#include <stdbool.h>
#include <stddef.h>

#include "digest.h"
#include "field.h"
#include "json_value.h"

#define IDEMPOTENCY_KEY_MAX 256 /* bytes */

struct idempotency_field {
	const char *name; /* field_proper_name() */
	char digest[DIGEST_HEX_SIZE];
};

struct idempotency {
	char record[DIGEST_HEX_SIZE]; /* of who asks and of the key */
	struct idempotency_field fields[FIELD_SLOT__MAX];
	size_t fields_len; /* in the order of the table of fields */
};

/* 1 to IDEMPOTENCY_KEY_MAX printable ASCII characters, blanks within. */
bool idempotency_key_is_valid(const char *key);

/*
 * `client` is the id of the API key: two clients may use the same words. `body`
 * is what submission_read() took. How the JSON is written (blanks, escapes, the
 * order of its fields, `to` as a string or as a list of one) does not count.
 */
void idempotency_read(struct idempotency *, const char *client, const char *key,
    const char *body, size_t len);

/* Its two parts: the record alone, and the fields of a mail. */
void idempotency_read_key(struct idempotency *, const char *client,
    const char *key);
void idempotency_read_mail(struct idempotency *, const struct json_value *mail);
/* One digest of all of a value, whatever it is. */
void idempotency_digest(const struct json_value *, char hex[DIGEST_HEX_SIZE]);

#endif
