/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "key_store.h"
#include "setting.h"
#include "store.h"
#include "terminal.h"
#include "timestamp.h"

#define OVERLAP_DEFAULT "1d"
#define ID_WIDTH 18
#define NAME_WIDTH 20
#define SCOPES_WIDTH 17

static const char *scopes = "send,read", *domains, *networks, *rate, *quota,
		  *expires, *overlap = OVERLAP_DEFAULT;

const struct options_entry keys_add_options[] = {
	{ "scopes", "LIST", &scopes,
	    "of send, read and admin; send,read unless given", NULL },
	{ "domains", "LIST", &domains, "what From may be of", NULL },
	{ "networks", "LIST", &networks, "where its clients may be", NULL },
	{ "rate", "NUMBER/UNIT", &rate, "requests: 10/s, 600/m, 1000/h, 5000/d",
	    NULL },
	{ "quota", "NUMBER", &quota, "mails a day", NULL },
	{ "expires", "TIME", &expires, "its end, RFC 3339", NULL },
	{ 0 },
};

const struct options_entry keys_rotate_options[] = {
	{ "overlap", "DURATION", &overlap,
	    "how long the old one still is good; " OVERLAP_DEFAULT, NULL },
	{ 0 },
};

static enum command_status
open_store(const struct ctl *ctl, struct key_store *store)
{
	const struct config *config = ctl->config;

	store->redis = store_connect(config->redis_url, config->redis_timeout,
	    store->why, sizeof(store->why));
	if (store->redis != NULL)
		return COMMAND_DONE;
	fprintf(stderr, "postrider: REDIS_URL: %s\n", store->why);
	return COMMAND_UNREACHABLE;
}

static enum command_status
failed(struct key_store *store)
{
	fprintf(stderr, "postrider: redis: %s\n", store->why);
	return COMMAND_UNREACHABLE;
}

static enum command_status
unknown(const char *id)
{
	fputs("postrider: there is no key ", stderr);
	fprintf(stderr, "%s\n", id);
	return COMMAND_REFUSED;
}

/* It is shown once: alone on stdout, so that it can be put into a file. */
static void
print_token(const struct ctl *ctl, const char *token, const char *id)
{
	struct json_object *json;

	if (!ctl->json) {
		puts(token);
		fprintf(stderr,
		    "key %s: keep this, nobody can be told it again\n", id);
		return;
	}
	json = json_object_new_object();
	json_object_object_add(json, "id", json_object_new_string(id));
	json_object_object_add(json, "key", json_object_new_string(token));
	terminal_print_json(json);
	json_object_put(json);
}

/* -- add -------------------------------------------------------------------- */

/* 0, or -1 after saying what is wrong with one. */
static int
set_fields(struct key *key, const char *name)
{
	const struct {
		const char *field, *option, *text;
	} fields[] = {
		{ "name", "NAME", name },
		{ "scopes", "--scopes", scopes },
		{ "domains", "--domains", domains },
		{ "networks", "--networks", networks },
		{ "rate", "--rate", rate },
		{ "quota", "--quota", quota },
		{ "expires_at", "--expires", expires },
	};
	const char *why;
	size_t i;
	int result = 0;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].text == NULL)
			continue;
		why = key_set(key, fields[i].field, fields[i].text);
		if (why == NULL)
			continue;
		fprintf(stderr, "postrider keys add: %s %s\n", fields[i].option,
		    why);
		result = -1;
	}
	return result;
}

enum command_status
keys_add(const struct ctl *ctl, char **name)
{
	struct key_store store = { .why = "" };
	enum command_status result = COMMAND_USAGE;
	char token[KEY_TOKEN_SIZE];
	struct key key;

	key_init(&key);
	if (set_fields(&key, name[0]) == 0)
		result = open_store(ctl, &store);
	if (result == COMMAND_DONE) {
		if (key_store_add(&store, &key, token) == 0)
			print_token(ctl, token, key.id);
		else
			result = failed(&store);
		redisFree(store.redis);
	}
	key_free(&key);
	return result;
}

/* -- list ------------------------------------------------------------------- */

struct list {
	const struct ctl *ctl;
	int count;
};

static void
add_field(void *arg, const char *field, const char *text)
{
	if (strcmp(field, "digest") != 0)
		json_object_object_add(arg, field,
		    json_object_new_string(text));
}

static const char *
state_of(const struct key *key)
{
	if (key->digest[0] == '\0')
		return "revoked";
	if (key->expires_at != 0 && key->expires_at <= timestamp_now())
		return "expired";
	return "ok";
}

/* What it is restricted to, and nothing where it is not. */
static void
print_restriction(void *arg, const char *field, const char *text)
{
	static const char *const shown[] = { "domains", "networks", "rate",
		"quota", "expires_at" };
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (strcmp(field, shown[i]) != 0)
			continue;
		printf(" %s=", field);
		terminal_print_text(text, 0);
	}
}

static void
print_key(void *arg, const struct key *key)
{
	struct list *list = arg;
	struct json_object *json;

	if (list->ctl->json) {
		json = json_object_new_object();
		add_field(json, "id", key->id);
		add_field(json, "state", state_of(key));
		key_each(key, add_field, json);
		terminal_print_json(json);
		json_object_put(json);
		return;
	}
	if (list->count++ == 0)
		printf("%-*s%-*s%-*s%s\n", ID_WIDTH, "id", NAME_WIDTH, "name",
		    SCOPES_WIDTH, "scopes", "state");
	terminal_print_text(key->id, ID_WIDTH);
	terminal_print_text(key->name, NAME_WIDTH - 1);
	printf(" %-*s", SCOPES_WIDTH - 1 + 1,
	    key->scopes & KEY_ADMIN     ? "admin" :
		key->scopes == KEY_SEND ? "send" :
		key->scopes == KEY_READ ? "read" :
					  "send,read");
	terminal_print_word(state_of(key), 0);
	key_each(key, print_restriction, NULL);
	putchar('\n');
}

enum command_status
keys_list(const struct ctl *ctl, char **arguments)
{
	struct key_store store = { .why = "" };
	struct list list = { ctl, 0 };
	enum command_status result = open_store(ctl, &store);

	(void)arguments;
	if (result != COMMAND_DONE)
		return result;
	if (key_store_list(&store, print_key, &list) == -1)
		result = failed(&store);
	redisFree(store.redis);
	return result;
}

/* -- revoke, rotate --------------------------------------------------------- */

static void
print_revoked(const struct ctl *ctl, const char *id)
{
	struct json_object *json;

	if (!ctl->json) {
		printf("key %s is revoked\n", id);
		return;
	}
	json = json_object_new_object();
	json_object_object_add(json, "id", json_object_new_string(id));
	json_object_object_add(json, "state",
	    json_object_new_string("revoked"));
	terminal_print_json(json);
	json_object_put(json);
}

enum command_status
keys_revoke(const struct ctl *ctl, char **ids)
{
	struct key_store store = { .why = "" };
	enum command_status result = open_store(ctl, &store);
	int revoked;

	if (result != COMMAND_DONE)
		return result;
	for (; *ids != NULL; ids++) {
		revoked = key_store_revoke(&store, *ids);
		if (revoked == -1)
			result = failed(&store);
		else if (revoked == 0)
			result = unknown(*ids);
		else
			print_revoked(ctl, *ids);
	}
	redisFree(store.redis);
	return result;
}

enum command_status
keys_rotate(const struct ctl *ctl, char **id)
{
	struct key_store store = { .why = "" };
	struct key_rotation rotation = { .id = id[0] };
	const struct setting row = { .type = SETTING_DURATION,
		.max = INT64_MAX };
	enum command_status result;
	const char *why = setting_store(&row, &rotation.overlap, overlap);
	int rotated;

	if (why != NULL)
		return command_wrong("keys rotate",
		    "--overlap is a duration: 90s, 12h, 7d");
	result = open_store(ctl, &store);
	if (result != COMMAND_DONE)
		return result;
	rotated = key_store_rotate(&store, &rotation);
	if (rotated == -1)
		result = failed(&store);
	else if (rotated == 0)
		result = unknown(id[0]);
	else
		print_token(ctl, rotation.token, rotation.key.id);
	key_free(&rotation.key);
	redisFree(store.redis);
	return result;
}
