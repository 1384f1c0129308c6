/* SPDX-License-Identifier: MIT */
/* A message goes through OpenDKIM's library and comes back signed. */
#include "dkim.h"

#include <stdlib.h>
#include <string.h>

#include <opendkim/dkim.h>

#include "dkim_keys.h"

#define FIELD_NAME DKIM_SIGNHEADER ": "

struct dkim_signer {
	DKIM_LIB *library;
	struct dkim_keys keys;
	struct buffer domains;
};

/* Covered where the message has them (RFC 6376 5.4.1, RFC 8058 4). */
static const char *signed_fields[] = { "from", "sender", "reply-to", "to", "cc",
	"subject", "date", "message-id", "in-reply-to", "references",
	"mime-version", "content-type", "content-transfer-encoding",
	"content-disposition", "content-id", "auto-submitted", "list-id",
	"list-help", "list-unsubscribe", "list-unsubscribe-post",
	"list-subscribe", "list-post", "list-owner", "list-archive", NULL };
static const char *oversigned_fields[] = { "from", NULL };

static void
set_fields(DKIM_LIB *library, dkim_opts_t option, const char **names)
{
	/* It copies the list; only a wrong size or no memory makes it fail. */
	if (dkim_options(library, DKIM_OP_SETOPT, option, names,
		sizeof(const char **)) != DKIM_STAT_OK)
		abort();
}

static void
list_domains(struct buffer *out, const struct dkim_keys *keys)
{
	size_t i;

	buffer_reserve(out, 1); /* none are a text, too */
	for (i = 0; i < keys->len; i++) {
		buffer_add_text(out, i > 0 ? " " : "");
		buffer_add_text(out, keys->list[i].domain);
	}
}

struct dkim_signer *
dkim_signer_new(const char *folder, FILE *faults)
{
	struct dkim_signer *signer = calloc(1, sizeof(*signer));

	if (signer == NULL)
		abort();
	if (dkim_keys_load(&signer->keys, folder, faults) == -1) {
		free(signer);
		return NULL;
	}
	list_domains(&signer->domains, &signer->keys);
	signer->library = dkim_init(NULL, NULL);
	if (signer->library == NULL)
		abort();
	set_fields(signer->library, DKIM_OPTS_SIGNHDRS, signed_fields);
	set_fields(signer->library, DKIM_OPTS_OVERSIGNHDRS, oversigned_fields);
	return signer;
}

void
dkim_signer_free(struct dkim_signer *signer)
{
	if (signer == NULL)
		return;
	dkim_close(signer->library);
	dkim_keys_free(&signer->keys);
	buffer_free(&signer->domains);
	free(signer);
}

bool
dkim_signer_signs(const struct dkim_signer *signer, const char *domain)
{
	return dkim_keys_find(&signer->keys, domain) != NULL;
}

const char *
dkim_signer_domains(const struct dkim_signer *signer)
{
	return signer->domains.data;
}

/* The header field at `at`, with its folded lines, less the last CR LF. */
static size_t
field_length(const char *at, const char *end)
{
	const char *line = at, *lf;

	do {
		lf = memchr(line, '\n', (size_t)(end - line));
		if (lf == NULL)
			return (size_t)(end - at);
		line = lf + 1;
	} while (line < end && (*line == ' ' || *line == '\t'));
	return (size_t)(lf - at) - 1;
}

/* The library takes bytes that it could change, and does not. */
static DKIM_STAT
read_message(DKIM *dkim, struct buffer *message)
{
	char *at = message->data, *end = at + message->len;
	DKIM_STAT result = DKIM_STAT_OK;
	size_t len;

	while (result == DKIM_STAT_OK && at < end && *at != '\r') {
		len = field_length(at, end);
		result = dkim_header(dkim, (u_char *)at, len);
		at += len + 2;
	}
	at += 2; /* the empty line */
	if (result == DKIM_STAT_OK)
		result = dkim_eoh(dkim);
	if (result == DKIM_STAT_OK && at < end)
		result = dkim_body(dkim, (u_char *)at, (size_t)(end - at));
	return result == DKIM_STAT_OK ? dkim_eom(dkim, NULL) : result;
}

static void
prepend(struct buffer *message, const u_char *value, size_t len)
{
	const size_t name_len = strlen(FIELD_NAME);
	const size_t field_len = name_len + len + 2;
	char *at;

	buffer_reserve(message, field_len);
	at = message->data;
	memmove(at + field_len, at, message->len + 1);
	memcpy(at, FIELD_NAME, name_len);
	memcpy(at + name_len, value, len);
	memcpy(at + name_len + len, "\r\n", 2);
	message->len += field_len;
}

int
dkim_signer_sign(struct dkim_signer *signer, const char *domain,
    struct buffer *message, const char **why)
{
	const struct dkim_key *key = dkim_keys_find(&signer->keys, domain);
	DKIM_STAT result;
	u_char *value;
	size_t len;
	DKIM *dkim;

	if (key == NULL)
		return 0;
	dkim = dkim_sign(signer->library, (const u_char *)"", NULL,
	    (u_char *)key->pem, (const u_char *)key->selector,
	    (const u_char *)key->domain, DKIM_CANON_RELAXED, DKIM_CANON_RELAXED,
	    DKIM_SIGN_RSASHA256, -1, &result);
	if (dkim != NULL)
		result = read_message(dkim, message);
	if (result == DKIM_STAT_OK)
		result =
		    dkim_getsighdr_d(dkim, strlen(FIELD_NAME), &value, &len);
	if (result == DKIM_STAT_OK)
		prepend(message, value, len);
	else
		*why = "it cannot be signed by its domain's DKIM key";
	if (dkim != NULL)
		(void)dkim_free(dkim); /* no way to fail that matters */
	return result == DKIM_STAT_OK ? 0 : -1;
}
