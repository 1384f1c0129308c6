/* SPDX-License-Identifier: MIT */
/* Values are digested in a form that is the same however they are written. */
#include "idempotency.h"

#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "json_value.h"

bool
idempotency_key_is_valid(const char *key)
{
	size_t len;

	for (len = 0; key[len] != '\0'; len++)
		if (key[len] < ' ' || key[len] > '~')
			return false;
	return len >= 1 && len <= IDEMPOTENCY_KEY_MAX;
}

/* Length first, so that no two lists of texts are the same bytes. */
static void
add_text(struct digest *digest, const char *text, size_t len)
{
	char head[32];
	int n = snprintf(head, sizeof(head), "\"%zu:", len);

	digest_add(digest, head, (size_t)n);
	digest_add(digest, text, len);
}

static void
add_scalar(struct digest *digest, const struct json_value *value)
{
	struct buffer text = { 0 };

	if (value->kind == JSON_STRING) {
		json_value_decode(value, &text);
		add_text(digest, text.data, text.len);
	} else {
		digest_add(digest, value->text, value->len);
		digest_add(digest, ",", 1);
	}
	buffer_free(&text);
}

/* As deep as json_scan() lets a request be. */
static void
add_value(struct digest *digest, const struct json_value *value)
{
	struct json_walk walk;
	struct json_value key, item;

	if (value->kind != JSON_LIST && value->kind != JSON_OBJECT) {
		add_scalar(digest, value);
		return;
	}
	digest_add(digest, value->kind == JSON_LIST ? "[" : "{", 1);
	walk = json_walk_begin(value);
	while (json_walk_next(&walk, &key, &item)) {
		if (value->kind == JSON_OBJECT)
			add_scalar(digest, &key);
		add_value(digest, &item);
	}
	digest_add(digest, "]", 1);
}

/* Where a list may stand, a string is a list of one. */
static void
add_field(struct digest *digest, const struct field *field,
    const struct json_value *value)
{
	const bool wrapped = field->items_max > 0 && value->kind == JSON_STRING;

	if (wrapped)
		digest_add(digest, "[", 1);
	add_value(digest, value);
	if (wrapped)
		digest_add(digest, "]", 1);
}

void
idempotency_read_key(struct idempotency *idem, const char *client,
    const char *key)
{
	struct digest *digest = digest_new();

	add_text(digest, client, strlen(client));
	add_text(digest, key, strlen(key));
	digest_end(digest, idem->record);
	digest_free(digest);
}

/* In the order of the slots, whatever that of the body. */
static void
close_gaps(struct idempotency *idem)
{
	size_t slot;

	idem->fields_len = 0;
	for (slot = 0; slot < FIELD_SLOT__MAX; slot++)
		if (idem->fields[slot].name != NULL)
			idem->fields[idem->fields_len++] = idem->fields[slot];
}

void
idempotency_read_mail(struct idempotency *idem, const struct json_value *mail)
{
	struct digest *digest = digest_new();
	struct json_walk walk = json_walk_begin(mail);
	struct json_value name, value;
	struct buffer text = { 0 };
	const struct field *field;

	memset(idem->fields, 0, sizeof(idem->fields));
	while (json_walk_next(&walk, &name, &value)) {
		buffer_clear(&text);
		json_value_decode(&name, &text);
		field = field_find(text.data, text.len);
		if (field == NULL || field_is_unset(field, &value))
			continue; /* not of a body that was taken */
		add_field(digest, field, &value);
		idem->fields[field->slot].name = field_proper_name(field);
		digest_end(digest, idem->fields[field->slot].digest);
	}
	close_gaps(idem);
	buffer_free(&text);
	digest_free(digest);
}

void
idempotency_read(struct idempotency *idem, const char *client, const char *key,
    const char *body, size_t len)
{
	const struct json_value root = json_value_of(body, len);

	idempotency_read_key(idem, client, key);
	idempotency_read_mail(idem, &root);
}

void
idempotency_digest(const struct json_value *value, char hex[DIGEST_HEX_SIZE])
{
	struct digest *digest = digest_new();

	add_value(digest, value);
	digest_end(digest, hex);
	digest_free(digest);
}
