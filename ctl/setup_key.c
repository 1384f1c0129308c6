/* SPDX-License-Identifier: MIT */
/* postrider setup: a key for this command, which may do all. */
#include <string.h>

#include "credential.h"
#include "key_store.h"
#include "setup_step.h"
#include "store.h"

#define NAME "first"

/* 1: the token is of a key that is good; 0: it is of none; -1: nobody knows. */
static int
is_known(struct setup *setup, const char *token)
{
	struct key_store store = { .why = "" };
	struct key_claim claim;
	struct key key;
	int found;

	store.redis = store_connect(setup->config.redis_url,
	    setup->config.redis_timeout, store.why, sizeof(store.why));
	if (store.redis == NULL)
		return -1;
	key_init(&key);
	key_claim_read(&claim, token);
	found = key_store_get(&store, claim.id, &key);
	if (found == 1)
		found = key_is_right(&key, &claim) ? 1 : 0;
	key_free(&key);
	redisFree(store.redis);
	return found;
}

enum setup_found
setup_look_at_key(struct setup *setup)
{
	const char *token = setup->config.api_key;
	struct key_claim claim;

	if (strcmp(setup_value("AUTH"), "off") == 0)
		return setup_say(setup, SETUP_THERE,
		    "none is needed: AUTH=off");
	if (token[0] == '\0')
		return setup_say(setup, SETUP_MISSING,
		    "makes the first key, for this command");
	switch (is_known(setup, token)) {
	case 1:
		key_claim_read(&claim, token);
		return setup_say(setup, SETUP_THERE, "key %s is known",
		    claim.id);
	case 0:
		break;
	default:
		return setup_say(setup, SETUP_MISSING,
		    "looks whether Redis knows the key that is here");
	}
	if (!credential_is_used("POSTRIDER_API_KEY"))
		return setup_say(setup, SETUP_HINDERED,
		    "POSTRIDER_API_KEY is no key of this Redis: take it out of "
		    "the settings, or make it right");
	return setup_say(setup, SETUP_MISSING,
	    "makes a new key: the one that is here is not known");
}

static int
make_key(struct setup *setup)
{
	struct key_store store = { .why = "" };
	char token[KEY_TOKEN_SIZE];
	struct key key;
	int result = -1;

	key_init(&key);
	key.scopes = KEY_SEND | KEY_READ | KEY_ADMIN;
	if (key_set(&key, "name", NAME) == NULL)
		store.redis = store_connect(setup->config.redis_url,
		    setup->config.redis_timeout, store.why, sizeof(store.why));
	if (store.redis == NULL || key_store_add(&store, &key, token) == -1)
		setup_fail(setup, "redis: %s", store.why);
	else if (credential_write("POSTRIDER_API_KEY", token) == -1)
		setup_fail(setup, CREDENTIAL_FOLDER ": %m");
	else
		result = setup_reload(setup);
	if (result == 0) {
		buffer_add_text(&setup->key, token);
		setup_say(setup, SETUP_THERE,
		    "key %s, which may do all; it is in " CREDENTIAL_FOLDER,
		    key.id);
	}
	explicit_bzero(token, sizeof(token));
	if (store.redis != NULL)
		redisFree(store.redis);
	key_free(&key);
	return result;
}

int
setup_make_key(struct setup *setup)
{
	switch (setup_look_at_key(setup)) {
	case SETUP_THERE:
		return 0;
	case SETUP_MISSING:
		return make_key(setup);
	case SETUP_HINDERED:
	case SETUP_FOUND__MAX:
	default:
		return -1;
	}
}
