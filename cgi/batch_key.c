/* SPDX-License-Identifier: MIT */
/* A mail's digests are one text, so that a batch has few arguments. */
#include "batch_key.h"

#include <stdio.h>
#include <string.h>

#define DIGITS 32 /* of a digest: two mails of a client are told apart */
#define PLACE_SIZE 24

void
batch_key_begin(struct batch_key *key, const char *client, const char *word)
{
	memset(key, 0, sizeof(*key));
	key->more.script = STORE_ACCEPT;
	idempotency_read_key(&key->idem, client, word);
}

static void
add_pair(struct batch_key *key, const char *field, const struct buffer *value)
{
	struct store_call call;

	store_call_begin(&call, STORE_ACCEPT);
	store_call_text(&call, field);
	store_call_bytes(&call, value->data, value->len);
	store_group_add(&key->more, &call);
}

static void
add_digest(struct buffer *text, const char *field, const char *digest)
{
	buffer_printf(text, "%s=%.*s,", field, DIGITS, digest);
}

void
batch_key_add(struct batch_key *key, const struct json_value *mail,
    const char *id)
{
	char place[PLACE_SIZE], digest[DIGEST_HEX_SIZE];
	struct buffer text = { 0 };
	size_t i;

	if (id == NULL) {
		idempotency_digest(mail, digest);
		add_digest(&text, "", digest);
	} else {
		idempotency_read_mail(&key->idem, mail);
		for (i = 0; i < key->idem.fields_len; i++)
			add_digest(&text, key->idem.fields[i].name,
			    key->idem.fields[i].digest);
		buffer_printf(&key->ids, "%s%s", key->accepted > 0 ? " " : "",
		    id);
		key->accepted++;
	}
	(void)snprintf(place, sizeof(place), "[%zu]", key->mails++);
	add_pair(key, place, &text);
	buffer_free(&text);
}

void
batch_key_end(struct batch_key *key)
{
	struct buffer left = { 0 };

	buffer_add_number(&left, (int64_t)key->accepted);
	add_pair(key, ":ids", &key->ids);
	add_pair(key, ":left", &left);
	buffer_free(&left);
}

void
batch_key_free(struct batch_key *key)
{
	buffer_free(&key->more.args);
	buffer_free(&key->ids);
}
