/* SPDX-License-Identifier: MIT */
/* postrider show, why, cancel, retry, move: mails by their ids. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "client.h"
#include "mail.h"
#include "terminal.h"

#define NAME_WIDTH 13
#define PHASE_WIDTH 11
#define RELAY_WIDTH 20
#define STATUS_WIDTH 11
#define TIME_WIDTH 20
#define ADDRESS_WIDTH 32

const char *
mail_text(struct json_object *json, const char *name)
{
	struct json_object *value;

	/* null is there, and NULL. */
	if (!json_object_object_get_ex(json, name, &value) || value == NULL)
		return NULL;
	return json_object_get_string(value);
}

char *
mail_recipients(struct json_object *job)
{
	struct json_object *to;
	struct buffer text = { 0 };
	size_t count;

	if (json_object_object_get_ex(job, "to", &to) &&
	    json_object_is_type(to, json_type_array) &&
	    json_object_array_length(to) > 0) {
		count = json_object_array_length(to);
		buffer_add_text(&text,
		    json_object_get_string(json_object_array_get_idx(to, 0)));
		if (count > 1)
			buffer_printf(&text, " and %zu more", count - 1);
	} else {
		buffer_add_text(&text, "-");
	}
	return buffer_take(&text);
}

static void
print_field(const char *name, struct json_object *job, const char *field)
{
	const char *value = mail_text(job, field);

	if (value == NULL)
		return;
	terminal_print_text(name, NAME_WIDTH);
	terminal_print_text(value, 0);
	putchar('\n');
}

static void
print_time(const char *name, struct json_object *job, const char *field)
{
	const char *value = mail_text(job, field);

	if (value == NULL)
		return;
	terminal_print_text(name, NAME_WIDTH);
	terminal_print_time(value, 0);
	putchar('\n');
}

static void
print_addresses(const char *name, struct json_object *job, const char *field)
{
	struct json_object *list;
	size_t i, count;

	if (!json_object_object_get_ex(job, field, &list) ||
	    !json_object_is_type(list, json_type_array))
		return;
	count = json_object_array_length(list);
	for (i = 0; i < count; i++) {
		terminal_print_text(i == 0 ? name : "", NAME_WIDTH);
		terminal_print_text(json_object_get_string(
					json_object_array_get_idx(list, i)),
		    0);
		putchar('\n');
	}
}

static void
print_recipient(struct json_object *recipient)
{
	const char *state = mail_text(recipient, "state");

	fputs("  ", stdout);
	terminal_print_text(mail_text(recipient, "address"), ADDRESS_WIDTH);
	putchar(' ');
	terminal_print_word(state == NULL ? "-" : state, STATUS_WIDTH);
	terminal_print_text(mail_text(recipient, "reply"), 0);
	putchar('\n');
}

static void
print_entry(struct json_object *entry)
{
	const char *status = mail_text(entry, "status");
	const char *message = mail_text(entry, "message");
	const char *reply = mail_text(entry, "reply");

	fputs("  ", stdout);
	terminal_print_time(mail_text(entry, "timestamp"), TIME_WIDTH);
	terminal_print_word(status == NULL ? "-" : status, STATUS_WIDTH);
	if (message != NULL && message[0] != '\0')
		terminal_print_text(message, 0);
	else if (reply != NULL)
		terminal_print_text(reply, 0);
	putchar('\n');
}

static void
print_list(const char *title, struct json_object *job, const char *field,
    void (*print)(struct json_object *))
{
	struct json_object *list;
	size_t i;

	if (!json_object_object_get_ex(job, field, &list) ||
	    !json_object_is_type(list, json_type_array))
		return;
	printf("%s\n", title);
	for (i = 0; i < json_object_array_length(list); i++)
		print(json_object_array_get_idx(list, i));
}

static void
print_job(struct json_object *job)
{
	const char *status = mail_text(job, "status");

	print_field("id", job, "id");
	terminal_print_text("status", NAME_WIDTH);
	terminal_print_word(status == NULL ? "-" : status, 0);
	putchar('\n');
	print_field("reason", job, "reason");
	print_field("from", job, "from");
	print_addresses("to", job, "to");
	print_addresses("cc", job, "cc");
	print_addresses("bcc", job, "bcc");
	print_field("subject", job, "subject");
	print_time("accepted", job, "created_at");
	print_time("changed", job, "updated_at");
	print_time("next try", job, "next_at");
	print_field("attempts", job, "attempts");
	print_field("last error", job, "last_error");
	print_list("recipients", job, "recipients", print_recipient);
	print_list("history", job, "history", print_entry);
}

static void
mail_path(struct buffer *path, const char *id, const char *verb)
{
	buffer_clear(path);
	buffer_add_text(path, "/api/emails");
	client_add_segment(path, id);
	if (verb != NULL)
		client_add_segment(path, verb);
}

static enum command_status
look_at(const struct ctl *ctl, const char *id, const char *part,
    void (*print)(struct json_object *))
{
	struct buffer path = { 0 };
	struct json_object *json;
	enum command_status result;

	mail_path(&path, id, part);
	result = client_get(ctl, path.data, &json);
	if (json != NULL && ctl->json)
		terminal_print_json(json);
	else if (json != NULL)
		print(json);
	json_object_put(json);
	buffer_free(&path);
	return result;
}

enum command_status
mail_show(const struct ctl *ctl, char **id)
{
	return look_at(ctl, id[0], NULL, print_job);
}

/* -- why -------------------------------------------------------------------- */

static void
print_attempt(struct json_object *attempt)
{
	const char *outcome = mail_text(attempt, "outcome");
	const char *reply = mail_text(attempt, "reply");

	fputs("  ", stdout);
	terminal_print_time(mail_text(attempt, "began_at"), TIME_WIDTH);
	terminal_print_word(outcome == NULL ? "-" : outcome, STATUS_WIDTH);
	terminal_print_text(mail_text(attempt, "phase"), PHASE_WIDTH);
	terminal_print_text(mail_text(attempt, "relay"), RELAY_WIDTH);
	putchar(' ');
	terminal_print_text(reply != NULL ? reply :
					    mail_text(attempt, "message"),
	    0);
	putchar('\n');
}

static void
print_why(struct json_object *why)
{
	const char *status = mail_text(why, "status");
	struct json_object *holder;

	terminal_print_word(status == NULL ? "-" : status, 0);
	fputs(": ", stdout);
	terminal_print_text(mail_text(why, "message"), 0);
	putchar('\n');
	print_field("to change it", why, "what_would_change_it");
	print_field("reason", why, "reason");
	print_field("last error", why, "last_error");
	print_time("next try", why, "next_at");
	print_time("given up", why, "give_up_at");
	print_time("expires", why, "expires_at");
	if (json_object_object_get_ex(why, "held_by", &holder))
		print_field("held by", holder, "owner");
	print_list("attempts", why, "attempts", print_attempt);
	print_list("recipients", why, "recipients", print_recipient);
}

enum command_status
mail_why(const struct ctl *ctl, char **id)
{
	return look_at(ctl, id[0], "why", print_why);
}

/* -- what changes a mail ---------------------------------------------------- */

/* The verb on each; the last refusal decides what the program ends with. */
static enum command_status
act_on(const struct ctl *ctl, char **ids, const char *verb)
{
	struct client_call call = { .method = "POST" };
	enum command_status result = COMMAND_DONE, one;
	struct json_object *answer;
	struct buffer path = { 0 };
	const char *status;

	for (; *ids != NULL; ids++) {
		mail_path(&path, *ids, verb);
		call.path = path.data;
		one = client_ask(ctl, &call, &answer);
		if (one != COMMAND_DONE) {
			result = one;
		} else if (ctl->json) {
			terminal_print_json(answer);
		} else {
			status = mail_text(answer, "status");
			terminal_print_text(*ids, 0);
			putchar(' ');
			terminal_print_word(status == NULL ? "ok" : status, 0);
			putchar('\n');
		}
		json_object_put(answer);
	}
	buffer_free(&path);
	return result;
}

enum command_status
mail_cancel(const struct ctl *ctl, char **ids)
{
	return act_on(ctl, ids, "cancel");
}

/* The body is the new time, and the path has no verb. */
enum command_status
mail_move(const struct ctl *ctl, char **arguments)
{
	struct client_call call = { .method = "PATCH" };
	struct json_object *answer;
	struct buffer path = { 0 };
	enum command_status result;

	mail_path(&path, arguments[0], NULL);
	call.path = path.data;
	call.body = json_object_new_object();
	json_object_object_add(call.body, "scheduled_at",
	    json_object_new_string(arguments[1]));
	result = client_ask(ctl, &call, &answer);
	if (answer != NULL && ctl->json)
		terminal_print_json(answer);
	else if (answer != NULL)
		print_field(arguments[0], answer, "message");
	json_object_put(answer);
	json_object_put(call.body);
	buffer_free(&path);
	return result;
}

enum command_status
mail_retry(const struct ctl *ctl, char **ids)
{
	return act_on(ctl, ids, "retry");
}
