/* SPDX-License-Identifier: MIT */
/* postrider suppress list, show, add, remove. */
#include "suppress.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "client.h"
#include "mail.h"
#include "terminal.h"

#define PATH "/api/suppressions"
#define PAGE_MOST 500 /* docs/protocol.md: limit */
#define LIMIT_DEFAULT "20"
#define TIME_WIDTH 20
#define REASON_WIDTH 12
#define LIST_WIDTH 16

static const char *list, *reason, *domain, *removed, *limit, *all, *expires,
    *reply, *job;

#define REASON_HELP "unsubscribe, hard_bounce, complaint or manual"

const struct options_entry suppress_list_options[] = {
	{ "domain", "DOMAIN", &domain, "only addresses there", NULL },
	{ "list", "NAME", &list, "only for this list; *: for all mail", NULL },
	{ "reason", "REASON", &reason, REASON_HELP, NULL },
	{ "removed", NULL, &removed, "those that were taken back", NULL },
	{ "limit", "NUMBER", &limit, "how many; " LIMIT_DEFAULT, NULL },
	{ "all", NULL, &all, "all there are", NULL },
	{ 0 },
};

const struct options_entry suppress_add_options[] = {
	{ "list", "NAME", &list, "for this list alone; else for all mail",
	    NULL },
	{ "reason", "REASON", &reason, REASON_HELP "; manual", NULL },
	{ "expires", "TIME", &expires, "until then, RFC 3339 or `in 30 days'",
	    NULL },
	{ "reply", "TEXT", &reply, "what was said", NULL },
	{ "job", "ID", &job, "of which mail", NULL },
	{ 0 },
};

const struct options_entry suppress_remove_options[] = {
	{ "list", "NAME", &list, "for this list alone; *: for all mail", NULL },
	{ "reason", "REASON", &reason, "for this reason alone", NULL },
	{ 0 },
};

/* -- printing ---------------------------------------------------------------- */

static void
print_head(void)
{
	terminal_print_text("since", TIME_WIDTH);
	terminal_print_text("reason", REASON_WIDTH);
	putchar(' ');
	terminal_print_text("list", LIST_WIDTH);
	puts(" address");
}

static void
print_line(struct json_object *entry)
{
	const char *name = mail_text(entry, "list");

	terminal_print_time(mail_text(entry, "created_at"), TIME_WIDTH);
	terminal_print_text(mail_text(entry, "reason"), REASON_WIDTH);
	putchar(' ');
	terminal_print_text(name == NULL ? "(all mail)" : name, LIST_WIDTH);
	putchar(' ');
	terminal_print_text(mail_text(entry, "address"), 0);
	putchar('\n');
}

static void
print_time(const char *name, const char *time)
{
	if (time == NULL)
		return;
	printf("  %-10s ", name);
	terminal_print_time(time, 0);
	putchar('\n');
}

static void
print_text(const char *name, const char *text)
{
	if (text == NULL)
		return;
	printf("  %-10s ", name);
	terminal_print_text(text, 0);
	putchar('\n');
}

/* All that is known of it. */
static void
print_entry(struct json_object *entry)
{
	print_line(entry);
	print_text("said", mail_text(entry, "reply"));
	print_text("mail", mail_text(entry, "job_id"));
	print_time("happened", mail_text(entry, "occurred_at"));
	print_text("by", mail_text(entry, "created_by"));
	print_time("until", mail_text(entry, "expires_at"));
}

/* How many entries there were. */
static long
print_entries(const struct ctl *ctl, struct json_object *answer,
    void (*print)(struct json_object *))
{
	struct json_object *entries, *entry;
	size_t i, count;

	if (!json_object_object_get_ex(answer, "data", &entries) ||
	    !json_object_is_type(entries, json_type_array))
		return 0;
	count = json_object_array_length(entries);
	for (i = 0; i < count; i++) {
		entry = json_object_array_get_idx(entries, i);
		if (ctl->json)
			terminal_print_json(entry);
		else
			print(entry);
	}
	return (long)count;
}

/* -- the commands ------------------------------------------------------------- */

static void
add_query(struct buffer *path, const char *name, const char *value)
{
	if (value != NULL)
		client_add_query(path, name, value);
}

static void
page_path(struct buffer *path, long count, const char *cursor)
{
	char number[24];

	snprintf(number, sizeof(number), "%ld",
	    count < PAGE_MOST ? count : PAGE_MOST);
	buffer_clear(path);
	buffer_add_text(path, PATH);
	client_add_query(path, "limit", number);
	add_query(path, "cursor", cursor);
	add_query(path, "address", domain);
	add_query(path, "list", list);
	add_query(path, "reason", reason);
	add_query(path, "removed", removed != NULL ? "true" : NULL);
}

/* Pages of a search may be empty, and more follow. */
static enum command_status
print_pages(const struct ctl *ctl, long left)
{
	struct buffer path = { 0 };
	enum command_status result;
	struct json_object *page;
	char *cursor = NULL;
	const char *next;

	do {
		page_path(&path, left, cursor);
		free(cursor);
		cursor = NULL;
		result = client_get(ctl, path.data, &page);
		if (result != COMMAND_DONE)
			break;
		left -= print_entries(ctl, page, print_line);
		next = mail_text(page, "next_cursor");
		if (next != NULL && left > 0 && (cursor = strdup(next)) == NULL)
			abort();
		json_object_put(page);
	} while (cursor != NULL);
	buffer_free(&path);
	return result;
}

enum command_status
suppress_list(const struct ctl *ctl, char **arguments)
{
	char *end;
	long left = strtol(limit == NULL ? LIMIT_DEFAULT : limit, &end, 10);

	(void)arguments;
	if (left < 1 || *end != '\0')
		return command_wrong("suppress list",
		    "--limit is a number from 1");
	if (!ctl->json)
		print_head();
	return print_pages(ctl, all != NULL ? LONG_MAX : left);
}

enum command_status
suppress_show(const struct ctl *ctl, char **address)
{
	struct buffer path = { 0 };
	struct json_object *answer;
	enum command_status result;

	buffer_add_text(&path, PATH);
	client_add_query(&path, "address", address[0]);
	result = client_get(ctl, path.data, &answer);
	if (result == COMMAND_DONE &&
	    print_entries(ctl, answer, print_entry) == 0) {
		fputs("postrider suppress show: ", stderr);
		fputs("this address is not suppressed\n", stderr);
		result = COMMAND_REFUSED;
	}
	json_object_put(answer);
	buffer_free(&path);
	return result;
}

static void
add_member(struct json_object *body, const char *name, const char *value)
{
	if (value != NULL)
		json_object_object_add(body, name,
		    json_object_new_string(value));
}

static enum command_status
add_one(const struct ctl *ctl, const char *address)
{
	struct client_call call = { "POST", PATH, NULL, NULL };
	struct json_object *answer;
	enum command_status result;

	call.body = json_object_new_object();
	add_member(call.body, "address", address);
	add_member(call.body, "list", list);
	add_member(call.body, "reason", reason);
	add_member(call.body, "expires_at", expires);
	add_member(call.body, "reply", reply);
	add_member(call.body, "job_id", job);
	result = client_ask(ctl, &call, &answer);
	if (answer != NULL && ctl->json)
		terminal_print_json(answer);
	else if (answer != NULL)
		print_entry(answer);
	json_object_put(answer);
	json_object_put(call.body);
	return result;
}

static enum command_status
remove_one(const struct ctl *ctl, const char *address)
{
	struct client_call call = { "DELETE", NULL, NULL, NULL };
	struct buffer path = { 0 };
	struct json_object *answer;
	enum command_status result;

	buffer_add_text(&path, PATH);
	client_add_query(&path, "address", address);
	add_query(&path, "list", list);
	add_query(&path, "reason", reason);
	call.path = path.data;
	result = client_ask(ctl, &call, &answer);
	if (answer != NULL)
		(void)print_entries(ctl, answer, print_line);
	json_object_put(answer);
	buffer_free(&path);
	return result;
}

/* All of them, also behind one that failed; the first failure counts. */
static enum command_status
each(const struct ctl *ctl, char **addresses,
    enum command_status (*one)(const struct ctl *, const char *address))
{
	enum command_status result = COMMAND_DONE, own;

	for (; *addresses != NULL; addresses++) {
		own = one(ctl, *addresses);
		if (result == COMMAND_DONE)
			result = own;
	}
	return result;
}

enum command_status
suppress_add(const struct ctl *ctl, char **addresses)
{
	return each(ctl, addresses, add_one);
}

enum command_status
suppress_remove(const struct ctl *ctl, char **addresses)
{
	return each(ctl, addresses, remove_one);
}
