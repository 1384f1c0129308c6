/* SPDX-License-Identifier: MIT */
#include "key.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "address.h"
#include "domain_list.h"
#include "id.h"
#include "network_list.h"

#define SCHEME "Bearer" /* RFC 6750 2.1 */
#define PREFIX "pr_"
#define NO_ID "0" /* is shorter than an id: no key has it */

static char *
copy(const char *text)
{
	char *own = strdup(text);

	if (own == NULL)
		abort();
	return own;
}

void
key_init(struct key *key)
{
	memset(key, 0, sizeof(*key));
	key->name = copy("");
	key->domains = copy("");
	key->networks = copy("");
}

void
key_free(struct key *key)
{
	free(key->name);
	free(key->domains);
	free(key->networks);
	memset(key, 0, sizeof(*key));
}

/* -- its token ------------------------------------------------------------- */

void
key_make(struct key *key, char token[KEY_TOKEN_SIZE])
{
	char *at = token + strlen(PREFIX);

	memcpy(token, PREFIX, strlen(PREFIX));
	id_random_hex(at, (KEY_ID_SIZE - 1) / 2);
	memcpy(key->id, at, KEY_ID_SIZE);
	at += KEY_ID_SIZE - 1;
	*at++ = '_';
	id_random_hex(at, (KEY_SECRET_SIZE - 1) / 2);
	digest_text(key->digest, at);
}

static bool
is_hex(const char *text, size_t len)
{
	return strspn(text, "0123456789abcdef") >= len;
}

static bool
is_token(const char *text)
{
	const size_t id = strlen(PREFIX), secret = id + KEY_ID_SIZE;

	return strlen(text) == KEY_TOKEN_SIZE - 1 &&
	    memcmp(text, PREFIX, id) == 0 &&
	    is_hex(text + id, KEY_ID_SIZE - 1) && text[secret - 1] == '_' &&
	    is_hex(text + secret, KEY_SECRET_SIZE - 1);
}

const char *
key_token_of(const char *authorization)
{
	const size_t len = strlen(SCHEME);

	if (strncasecmp(authorization, SCHEME, len) != 0 ||
	    authorization[len] != ' ')
		return NULL;
	return authorization + len + strspn(authorization + len, " ");
}

void
key_claim_read(struct key_claim *claim, const char *token)
{
	const char *id = NO_ID, *secret = token;

	if (is_token(token)) {
		id = token + strlen(PREFIX);
		secret = id + KEY_ID_SIZE;
	}
	memset(claim, 0, sizeof(*claim));
	memcpy(claim->id, id, strnlen(id, KEY_ID_SIZE - 1));
	digest_text(claim->digest, secret);
}

bool
key_is_right(const struct key *key, const struct key_claim *claim)
{
	static const char none[DIGEST_HEX_SIZE];
	const char *digest = key != NULL ? key->digest : none;

	return CRYPTO_memcmp(digest, claim->digest, DIGEST_HEX_SIZE) == 0;
}

/* -- what it may do -------------------------------------------------------- */

bool
key_may(const struct key *key, unsigned scopes)
{
	return (key->scopes & KEY_ADMIN) != 0 ||
	    (key->scopes & scopes) == scopes;
}

bool
key_may_send_from(const struct key *key, const char *address)
{
	return domain_list_has(key->domains, address_domain(address));
}

bool
key_may_come_from(const struct key *key, const char *client)
{
	return network_list_has(key->networks, client);
}
