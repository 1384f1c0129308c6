/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <json-c/json.h>

#include "client.h"
#include "mail.h"
#include "terminal.h"

#define DOMAIN_WIDTH 32

static const char *domain;

const struct options_entry queue_options[] = {
	{ "domain", "DOMAIN", &domain, "only mail to recipients there", NULL },
	{ 0 },
};

static void
print_domain(struct json_object *held)
{
	fputs("  ", stdout);
	terminal_print_text(mail_text(held, "domain"), DOMAIN_WIDTH);
	fputs(" since ", stdout);
	terminal_print_time(mail_text(held, "paused_since"), 0);
	printf(", %s waiting\n", mail_text(held, "waiting"));
}

static void
print_paused(struct json_object *queue)
{
	const char *since = mail_text(queue, "paused_since");
	struct json_object *domains;
	size_t i;

	if (since != NULL) {
		fputs("sending is paused since ", stdout);
		terminal_print_time(since, 0);
		putchar('\n');
	} else {
		puts("sending is not paused");
	}
	if (!json_object_object_get_ex(queue, "domains", &domains) ||
	    json_object_array_length(domains) == 0)
		return;
	puts("paused domains");
	for (i = 0; i < json_object_array_length(domains); i++)
		print_domain(json_object_array_get_idx(domains, i));
}

static enum command_status
ask(const struct ctl *ctl, const char *method, const char *path)
{
	struct client_call call = { .method = method, .path = path };
	struct json_object *answer;
	enum command_status result;

	if (domain != NULL) {
		call.body = json_object_new_object();
		json_object_object_add(call.body, "domain",
		    json_object_new_string(domain));
	}
	result = client_ask(ctl, &call, &answer);
	if (answer != NULL && ctl->json)
		terminal_print_json(answer);
	else if (answer != NULL)
		print_paused(answer);
	json_object_put(answer);
	json_object_put(call.body);
	return result;
}

enum command_status
queue_status(const struct ctl *ctl, char **arguments)
{
	(void)arguments;
	return ask(ctl, "GET", "/api/queue");
}

enum command_status
queue_pause(const struct ctl *ctl, char **arguments)
{
	(void)arguments;
	return ask(ctl, "POST", "/api/queue/pause");
}

enum command_status
queue_resume(const struct ctl *ctl, char **arguments)
{
	(void)arguments;
	return ask(ctl, "POST", "/api/queue/resume");
}
