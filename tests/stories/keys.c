/* SPDX-License-Identifier: MIT */
/*
 * For stories, on REDIS_URL:
 *	keys add field=text...		prints the token
 *	keys list			prints each key's fields in a line
 *	keys revoke ID
 *	keys rotate ID OVERLAP-MS	prints the new token
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "key_store.h"
#include "store.h"

#define TIMEOUT 10000 /* ms */

static int
add(struct key_store *store, char **fields)
{
	char token[KEY_TOKEN_SIZE];
	struct key key;
	const char *why = NULL;
	char *text;
	int result = -1;

	key_init(&key);
	for (; *fields != NULL && why == NULL; fields++) {
		text = strchr(*fields, '=');
		*text++ = '\0';
		why = key_set(&key, *fields, text);
		if (why != NULL)
			fprintf(stderr, "%s %s\n", *fields, why);
	}
	if (why == NULL)
		result = key_store_add(store, &key, token);
	if (result == 0)
		puts(token);
	key_free(&key);
	return result;
}

static void
print_field(void *arg, const char *field, const char *text)
{
	fprintf(arg, " %s=%s", field, text);
}

static void
print_key(void *arg, const struct key *key)
{
	fputs(key->id, arg);
	key_each(key, print_field, arg);
	fputs("\n", arg);
}

static int
rotate(struct key_store *store, const char *id, const char *overlap)
{
	struct key_rotation rotation = { .id = id, .overlap = atoll(overlap) };
	int result = key_store_rotate(store, &rotation);

	if (result == 1)
		puts(rotation.token);
	key_free(&rotation.key);
	return result;
}

int
main(int argc, char **argv)
{
	struct key_store store = { .why = "" };
	int result = -1;

	store.redis = store_connect(getenv("REDIS_URL"), TIMEOUT, store.why,
	    sizeof(store.why));
	if (store.redis == NULL || argc < 2) {
		fprintf(stderr, "%s\n", store.why);
		return 1;
	}
	if (strcmp(argv[1], "add") == 0)
		result = add(&store, argv + 2);
	else if (strcmp(argv[1], "list") == 0)
		result = key_store_list(&store, print_key, stdout);
	else if (strcmp(argv[1], "revoke") == 0 && argc == 3)
		result = key_store_revoke(&store, argv[2]);
	else if (strcmp(argv[1], "rotate") == 0 && argc == 4)
		result = rotate(&store, argv[2], argv[3]);
	redisFree(store.redis);
	fprintf(stderr, "%d %s\n", result, store.why);
	return result == -1;
}
