/* SPDX-License-Identifier: MIT */
/*
 * postrider status: is it well, and what waits. It ends with COMMAND_REFUSED
 * when it is degraded, so that a script may ask.
 */
#include "status.h"

#include <json-c/json.h>
#include <string.h>

#include "client.h"
#include "mail.h"
#include "terminal.h"

#define NAME_WIDTH 14

static void
print_named(const char *name, const char *word, const char *more)
{
	terminal_print_text(name, NAME_WIDTH);
	terminal_print_word(word == NULL ? "-" : word, 0);
	if (more != NULL) {
		fputs("  ", stdout);
		terminal_print_text(more, 0);
	}
	putchar('\n');
}

static void
print_health(struct json_object *health)
{
	struct json_object *dependencies;
	const char *why;

	print_named("status", mail_text(health, "status"),
	    mail_text(health, "reason"));
	if (!json_object_object_get_ex(health, "dependencies", &dependencies))
		return;
	json_object_object_foreach(dependencies, name, state)
	{
		why = mail_text(state, "error");
		print_named(name, mail_text(state, "status"),
		    why != NULL && why[0] != '\0' ? why : NULL);
	}
}

static void
print_counts(struct json_object *stats)
{
	struct json_object *part;
	static const char *const parts[] = { "statuses", "queue" };
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!json_object_object_get_ex(stats, parts[i], &part) ||
		    !json_object_is_type(part, json_type_object))
			continue;
		printf("\n%s\n", parts[i]);
		json_object_object_foreach(part, name, value)
		{
			fputs("  ", stdout);
			terminal_print_text(name, NAME_WIDTH + 4);
			terminal_print_text(json_object_get_string(value), 0);
			putchar('\n');
		}
	}
}

enum command_status
status_run(const struct ctl *ctl, char **arguments)
{
	struct json_object *health, *stats = NULL, *both;
	enum command_status result = client_get(ctl, "/health", &health);
	const char *status;

	(void)arguments;
	if (result != COMMAND_DONE)
		return result;
	status = mail_text(health, "status");
	if (status == NULL || strcmp(status, "ok") != 0)
		result = COMMAND_REFUSED;
	if (!ctl->json)
		print_health(health);
	/* While Redis is away there are no counts, and /health said so. */
	if (client_get(ctl, "/api/stats", &stats) == COMMAND_DONE && !ctl->json)
		print_counts(stats);
	if (ctl->json) {
		both = json_object_new_object();
		json_object_object_add(both, "health", json_object_get(health));
		json_object_object_add(both, "stats", json_object_get(stats));
		terminal_print_json(both);
		json_object_put(both);
	}
	json_object_put(health);
	json_object_put(stats);
	return result;
}
