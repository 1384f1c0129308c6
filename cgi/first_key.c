/* SPDX-License-Identifier: MIT */
#include "first_key.h"

#include <stdio.h>

#include "key_store.h"
#include "store.h"

int
first_key_make(const struct config *config, const char *name)
{
	struct key_store store = { .why = "" };
	char token[KEY_TOKEN_SIZE];
	struct key key;
	const char *why;
	int result = -1;

	key_init(&key);
	why = key_set(&key, "name", name);
	if (why != NULL) {
		fprintf(stderr, "--new-key: the name %s\n", why);
		goto out;
	}
	key.scopes = KEY_SEND | KEY_READ | KEY_ADMIN;
	store.redis = store_connect(config->redis_url, config->redis_timeout,
	    store.why, sizeof(store.why));
	if (store.redis != NULL)
		result = key_store_add(&store, &key, token);
	if (result == 0)
		puts(token); /* on its own, so that a script can take it */
	else
		fprintf(stderr, "--new-key: %s\n", store.why);
	if (store.redis != NULL)
		redisFree(store.redis);
out:
	key_free(&key);
	return result;
}
