/* SPDX-License-Identifier: MIT */
/* postrider history: a line a mail, newest first, page by page. */
#include "history.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "client.h"
#include "mail.h"
#include "terminal.h"

#define PAGE_MOST 500 /* docs/protocol.md: limit */
#define LIMIT_DEFAULT "20"
#define TIME_WIDTH 20
#define STATUS_WIDTH 11
#define TO_WIDTH 32
#define SUBJECT_WIDTH 32

static const char *status, *reason, *to, *subject, *tag, *since, *until, *limit,
    *all;

const struct options_entry history_options[] = {
	{ "status", "STATUS", &status, "only these", NULL },
	{ "reason", "REASON", &reason, "only with this reason", NULL },
	{ "to", "ADDRESS", &to, "an address, or a domain", NULL },
	{ "subject", "WORDS", &subject, "words of the subject", NULL },
	{ "tag", "NAME[:VALUE]", &tag, "a tag", NULL },
	{ "since", "TIME", &since, "accepted at or after, RFC 3339", NULL },
	{ "until", "TIME", &until, "accepted before", NULL },
	{ "limit", "NUMBER", &limit, "how many; " LIMIT_DEFAULT, NULL },
	{ "all", NULL, &all, "all there are", NULL },
	{ 0 },
};

static const struct {
	const char *name;
	const char **value;
} filters[] = {
	{ "status", &status },
	{ "reason", &reason },
	{ "to", &to },
	{ "subject", &subject },
	{ "tag", &tag },
	{ "since", &since },
	{ "until", &until },
};

static void
page_path(struct buffer *path, long count, const char *cursor)
{
	char number[24];
	size_t i;

	snprintf(number, sizeof(number), "%ld",
	    count < PAGE_MOST ? count : PAGE_MOST);
	buffer_clear(path);
	buffer_add_text(path, "/api/jobs/history");
	client_add_query(path, "limit", number);
	if (cursor != NULL)
		client_add_query(path, "cursor", cursor);
	for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (*filters[i].value != NULL)
			client_add_query(path, filters[i].name,
			    *filters[i].value);
}

static void
print_head(void)
{
	terminal_print_text("accepted", TIME_WIDTH);
	terminal_print_text("status", STATUS_WIDTH);
	terminal_print_text("to", TO_WIDTH);
	putchar(' ');
	terminal_print_text("subject", SUBJECT_WIDTH);
	puts(" id");
}

static void
print_line(struct json_object *job)
{
	const char *now = mail_text(job, "status");
	char *recipients = mail_recipients(job);

	terminal_print_time(mail_text(job, "created_at"), TIME_WIDTH);
	terminal_print_word(now == NULL ? "-" : now, STATUS_WIDTH);
	terminal_print_text(recipients, TO_WIDTH);
	putchar(' ');
	terminal_print_text(mail_text(job, "subject"), SUBJECT_WIDTH);
	putchar(' ');
	terminal_print_text(mail_text(job, "id"), 0);
	putchar('\n');
	free(recipients);
}

/* How many of the page were printed. */
static long
print_page(const struct ctl *ctl, struct json_object *page, bool first)
{
	struct json_object *jobs, *job;
	size_t i, count;

	if (!json_object_object_get_ex(page, "jobs", &jobs) ||
	    !json_object_is_type(jobs, json_type_array))
		return 0;
	count = json_object_array_length(jobs);
	if (first && count > 0 && !ctl->json)
		print_head();
	for (i = 0; i < count; i++) {
		job = json_object_array_get_idx(jobs, i);
		if (ctl->json)
			terminal_print_json(job);
		else
			print_line(job);
	}
	return (long)count;
}

enum command_status
history_run(const struct ctl *ctl, char **arguments)
{
	struct buffer path = { 0 };
	enum command_status result;
	struct json_object *page;
	char *cursor = NULL, *end;
	const char *next;
	bool first = true;
	long left;

	(void)arguments;
	left = strtol(limit == NULL ? LIMIT_DEFAULT : limit, &end, 10);
	if (left < 1 || *end != '\0')
		return command_wrong("history", "--limit is a number from 1");
	if (all != NULL)
		left = LONG_MAX;
	do {
		page_path(&path, left, cursor);
		free(cursor);
		cursor = NULL;
		result = client_get(ctl, path.data, &page);
		if (result != COMMAND_DONE)
			break;
		left -= print_page(ctl, page, first);
		first = false;
		next = mail_text(page, "next_cursor");
		if (next != NULL && left > 0 && (cursor = strdup(next)) == NULL)
			abort();
		json_object_put(page);
	} while (cursor != NULL);
	buffer_free(&path);
	return result;
}
