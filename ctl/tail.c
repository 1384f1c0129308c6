/* SPDX-License-Identifier: MIT */
/*
 * postrider tail: events as they happen, from /api/events. Cut off, it goes on
 * behind the last one it had. The stream is read as
 * https://html.spec.whatwg.org/multipage/server-sent-events.html has it.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"
#include "client.h"
#include "history.h"
#include "mail.h"
#include "terminal.h"

#define PAUSE 1 /* s before it is asked again */
#define PAUSE_MOST 30
#define TIME_WIDTH 20
#define STATUS_WIDTH 11
#define TO_WIDTH 32

static const char *status, *count;
static struct options_values ids;

const struct options_entry tail_options[] = {
	{ "job", "ID", NULL, "only this mail", &ids },
	{ "status", "LIST", &status, "only these, a comma list", NULL },
	{ "count", "NUMBER", &count, "end after so many events", NULL },
	{ 0 },
};

struct tail {
	const struct ctl *ctl;
	struct buffer line; /* that is not whole yet */
	struct buffer type, data;
	char *last_id; /* NULL: none yet; owned */
	long left; /* events to print; 0: without end */
	bool ended;
};

static void
print_event(const struct tail *tail, struct json_object *event)
{
	const char *now = mail_text(event, "status");
	const char *error = mail_text(event, "last_error");
	char *recipients;

	if (tail->ctl->json) {
		terminal_print_json(event);
		return;
	}
	recipients = mail_recipients(event);
	terminal_print_time(mail_text(event, "timestamp"), TIME_WIDTH);
	terminal_print_text(mail_text(event, "job_id"), 0);
	putchar(' ');
	terminal_print_word(now == NULL ? "-" : now, STATUS_WIDTH);
	terminal_print_text(recipients, TO_WIDTH);
	if (error != NULL) {
		putchar(' ');
		terminal_print_text(error, 0);
	}
	putchar('\n');
	fflush(stdout);
	free(recipients);
}

static void
take_event(struct tail *tail)
{
	struct json_object *data = NULL;

	if (tail->data.len > 0)
		data = json_tokener_parse(tail->data.data);
	if (tail->type.len > 0 && strncmp(tail->type.data, "job_", 4) == 0) {
		print_event(tail, data);
		if (tail->left > 0 && --tail->left == 0)
			tail->ended = true;
	} else if (tail->type.len > 0 &&
	    strcmp(tail->type.data, "resume_failed") == 0) {
		fputs("postrider tail: some events were missed\n", stderr);
	}
	json_object_put(data);
	buffer_clear(&tail->type);
	buffer_clear(&tail->data);
}

/* The value of `line` when it is of this field, or NULL. */
static const char *
value_of(const char *line, const char *field)
{
	const size_t len = strlen(field);

	if (strncmp(line, field, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return *line == ' ' ? line + 1 : line;
}

static void
take_line(struct tail *tail, const char *line)
{
	const char *value;

	if (line[0] == '\0') {
		take_event(tail);
	} else if ((value = value_of(line, "event")) != NULL) {
		buffer_add_text(&tail->type, value);
	} else if ((value = value_of(line, "data")) != NULL) {
		buffer_add_text(&tail->data, value);
	} else if ((value = value_of(line, "id")) != NULL) {
		free(tail->last_id);
		tail->last_id = strdup(value);
		if (tail->last_id == NULL)
			abort();
	}
}

static int
take(void *arg, const char *bytes, size_t len)
{
	struct tail *tail = arg;
	const char *end;

	while (!tail->ended && (end = memchr(bytes, '\n', len)) != NULL) {
		buffer_add(&tail->line, bytes, (size_t)(end - bytes));
		if (tail->line.len > 0 &&
		    tail->line.data[tail->line.len - 1] == '\r')
			tail->line.data[--tail->line.len] = '\0';
		take_line(tail, tail->line.len > 0 ? tail->line.data : "");
		buffer_clear(&tail->line);
		len -= (size_t)(end - bytes) + 1;
		bytes = end + 1;
	}
	if (!tail->ended)
		buffer_add(&tail->line, bytes, len);
	return tail->ended;
}

static void
stream_path(const struct tail *tail, struct buffer *path)
{
	size_t i;

	buffer_clear(path);
	buffer_add_text(path, "/api/events");
	for (i = 0; i < ids.count; i++)
		client_add_query(path, "job_id", ids.value[i]);
	if (status != NULL)
		client_add_query(path, "status", status);
	if (tail->last_id != NULL)
		client_add_query(path, "last_event_id", tail->last_id);
}

enum command_status
tail_run(const struct ctl *ctl, char **arguments)
{
	struct tail tail = { .ctl = ctl };
	struct buffer path = { 0 };
	enum command_status result;
	unsigned pause = PAUSE;
	char *end;

	(void)arguments;
	tail.left = count == NULL ? 0 : strtol(count, &end, 10);
	if (count != NULL && (tail.left < 1 || *end != '\0'))
		return command_wrong("tail", "--count is a number from 1");
	for (;;) {
		stream_path(&tail, &path);
		buffer_clear(&tail.line);
		buffer_clear(&tail.type);
		buffer_clear(&tail.data);
		result = client_stream(ctl, path.data, take, &tail);
		/* Who never was let in is told; who was cut off goes on. */
		if (tail.ended ||
		    (result != COMMAND_DONE &&
			(tail.last_id == NULL ||
			    result != COMMAND_UNREACHABLE)))
			break;
		pause = result == COMMAND_DONE ? PAUSE : pause * 2;
		sleep(pause < PAUSE_MOST ? pause : PAUSE_MOST);
	}
	free(tail.last_id);
	buffer_free(&tail.line);
	buffer_free(&tail.type);
	buffer_free(&tail.data);
	buffer_free(&path);
	return result;
}
