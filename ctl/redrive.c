/* SPDX-License-Identifier: MIT */
/*
 * postrider redrive: begins it and shows how far it is. It goes on by itself:
 * who leaves (Ctrl-C) has its id, and `redrive show` and `redrive cancel`.
 */
#include "redrive.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"
#include "client.h"
#include "mail.h"
#include "terminal.h"

#define POLL 200000 /* us */

static const char *status, *reason, *since, *until, *to, *rate, *dry_run,
    *background;

const struct options_entry redrive_options[] = {
	{ "status", "STATUS", &status, "failed or unknown; is needed", NULL },
	{ "reason", "REASON", &reason, "only with this reason", NULL },
	{ "since", "TIME", &since, "accepted at or after, RFC 3339", NULL },
	{ "until", "TIME", &until, "accepted before", NULL },
	{ "to", "DOMAIN", &to, "only to recipients there", NULL },
	{ "rate", "NUMBER", &rate, "mails a second; 10 unless given", NULL },
	{ "dry-run", NULL, &dry_run, "only count them", NULL },
	{ "background", NULL, &background, "do not wait for its end", NULL },
	{ 0 },
};

static int64_t
number(struct json_object *json, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(json, name, &value) ?
	    json_object_get_int64(value) :
	    0;
}

static bool
is_running(struct json_object *redrive)
{
	const char *state = mail_text(redrive, "state");

	return state != NULL && strcmp(state, "running") == 0;
}

static void
print_redrive(const struct ctl *ctl, struct json_object *redrive)
{
	const char *state = mail_text(redrive, "state");

	if (ctl->json) {
		terminal_print_json(redrive);
		return;
	}
	if (state != NULL && strcmp(state, "dry_run") == 0) {
		printf("dry run: %lld mails\n",
		    (long long)number(redrive, "count"));
		return;
	}
	terminal_print_text(mail_text(redrive, "id"), 0);
	printf(": %lld mails, %lld redriven, %lld skipped, ",
	    (long long)number(redrive, "count"),
	    (long long)number(redrive, "redriven"),
	    (long long)number(redrive, "skipped"));
	terminal_print_text(state, 0);
	putchar('\n');
}

static void
redrive_path(struct buffer *path, const char *id, const char *verb)
{
	buffer_clear(path);
	buffer_add_text(path, "/api/emails/redrive");
	client_add_segment(path, id);
	if (verb != NULL)
		client_add_segment(path, verb);
}

/* Whether all of it is done. */
static bool
show_progress(struct json_object *redrive)
{
	const int64_t done =
	    number(redrive, "redriven") + number(redrive, "skipped");
	const int64_t total = number(redrive, "count");

	terminal_progress(done, total, "mails");
	return done >= total;
}

/* *redrive is put back, and is what it is at its end. */
static enum command_status
follow(const struct ctl *ctl, struct json_object **redrive)
{
	enum command_status result = COMMAND_DONE;
	struct buffer path = { 0 };
	bool whole = false;

	redrive_path(&path, mail_text(*redrive, "id"), NULL);
	fprintf(stderr, "redrive %s goes on, also without this command\n",
	    mail_text(*redrive, "id"));
	while (result == COMMAND_DONE && is_running(*redrive)) {
		whole = show_progress(*redrive);
		usleep(POLL);
		json_object_put(*redrive);
		result = client_get(ctl, path.data, redrive);
	}
	if (result == COMMAND_DONE && !whole)
		whole = show_progress(*redrive);
	if (!whole) /* it was cancelled, or nobody answers */
		terminal_progress_break();
	buffer_free(&path);
	return result;
}

static enum command_status
ask(const struct ctl *ctl, const struct client_call *call, bool to_its_end)
{
	struct json_object *redrive;
	enum command_status result = client_ask(ctl, call, &redrive);

	if (result == COMMAND_DONE && to_its_end && is_running(redrive))
		result = follow(ctl, &redrive);
	if (redrive != NULL)
		print_redrive(ctl, redrive);
	json_object_put(redrive);
	return result;
}

static void
add(struct json_object *body, const char *name, const char *value)
{
	if (value != NULL)
		json_object_object_add(body, name,
		    json_object_new_string(value));
}

enum command_status
redrive_run(const struct ctl *ctl, char **arguments)
{
	struct client_call call = { "POST", "/api/emails/redrive", NULL, NULL };
	enum command_status result;
	char *end;
	long each = 0;

	(void)arguments;
	if (status == NULL)
		return command_wrong("redrive", "--status failed or unknown?");
	if (rate != NULL) {
		each = strtol(rate, &end, 10);
		if (each < 1 || *end != '\0')
			return command_wrong("redrive",
			    "--rate is a number from 1");
	}
	call.body = json_object_new_object();
	add(call.body, "status", status);
	add(call.body, "reason", reason);
	add(call.body, "since", since);
	add(call.body, "until", until);
	add(call.body, "to", to);
	if (each > 0)
		json_object_object_add(call.body, "rate",
		    json_object_new_int64(each));
	if (dry_run != NULL)
		json_object_object_add(call.body, "dry_run",
		    json_object_new_boolean(true));
	result = ask(ctl, &call, background == NULL);
	json_object_put(call.body);
	return result;
}

static enum command_status
by_id(const struct ctl *ctl, const char *method, const char *id,
    const char *verb)
{
	struct buffer path = { 0 };
	enum command_status result;

	redrive_path(&path, id, verb);
	result = ask(ctl,
	    &(struct client_call){ method, path.data, NULL, NULL }, false);
	buffer_free(&path);
	return result;
}

enum command_status
redrive_show(const struct ctl *ctl, char **id)
{
	return by_id(ctl, "GET", id[0], NULL);
}

enum command_status
redrive_cancel(const struct ctl *ctl, char **id)
{
	return by_id(ctl, "POST", id[0], "cancel");
}
