/* SPDX-License-Identifier: MIT */
/* postrider send: a mail of options, its text from --text or stdin. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base64.h"
#include "buffer.h"
#include "client.h"
#include "mail.h"
#include "terminal.h"
#include "timestamp.h"

#define POLL_LEAST 50 /* ms between two looks at a mail, then twice as long */
#define POLL_MOST 2000

static const char *from, *subject, *text, *html, *scheduled_at, *expires_at,
    *priority, *key, *unsubscribe, *wait_for_end;
static struct options_values cc, bcc, reply_to, files, headers, tags;

const struct options_entry send_options[] = {
	{ "from", "MAILBOX", &from, "the sender; SMTP_FROM when missing",
	    NULL },
	{ "subject", "TEXT", &subject, "the subject", NULL },
	{ "text", "TEXT", &text, "the text; stdin when it and --html miss",
	    NULL },
	{ "html", "FILE", &html, "the HTML", NULL },
	{ "attach", "FILE", NULL, "a file to attach", &files },
	{ "cc", "MAILBOX", NULL, "another recipient that all see", &cc },
	{ "bcc", "MAILBOX", NULL, "another recipient that none sees", &bcc },
	{ "reply-to", "MAILBOX", NULL, "where answers go", &reply_to },
	{ "header", "NAME:VALUE", NULL, "a header field of your own",
	    &headers },
	{ "tag", "NAME=VALUE", NULL, "a tag, kept with the mail", &tags },
	{ "unsubscribe", "URL", &unsubscribe, "makes List-Unsubscribe", NULL },
	{ "at", "TIME", &scheduled_at, "when: RFC 3339, or \"in 10 minutes\"",
	    NULL },
	{ "expires", "TIME", &expires_at, "not to be sent after", NULL },
	{ "priority", "high|normal|bulk", &priority, "the lane", NULL },
	{ "idempotency-key", "KEY", &key, "sent again it is the same mail",
	    NULL },
	{ "wait", NULL, &wait_for_end, "until it is sent or failed", NULL },
	{ 0 },
};

/* -- the request ------------------------------------------------------------ */

static void
add_text(struct json_object *mail, const char *name, const char *value)
{
	if (value != NULL)
		json_object_object_add(mail, name,
		    json_object_new_string(value));
}

static void
add_list(struct json_object *mail, const char *name,
    const struct options_values *values)
{
	struct json_object *list;
	size_t i;

	if (values->count == 0)
		return;
	list = json_object_new_array();
	for (i = 0; i < values->count; i++)
		json_object_array_add(list,
		    json_object_new_string(values->value[i]));
	json_object_object_add(mail, name, list);
}

/* 0, or -1 after saying why. */
static int
read_all(FILE *file, const char *name, struct buffer *content)
{
	char piece[65536];
	size_t n;

	if (file == NULL) {
		fprintf(stderr, "postrider send: %s: %s\n", name,
		    strerror(errno));
		return -1;
	}
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		buffer_add(content, piece, n);
	if (ferror(file)) {
		fprintf(stderr, "postrider send: %s: %s\n", name,
		    strerror(errno));
		return -1;
	}
	return 0;
}

static int
read_file(const char *name, struct buffer *content)
{
	FILE *file = fopen(name, "re");
	int result = read_all(file, name, content);

	if (file != NULL)
		fclose(file); /* it was only read */
	return result;
}

static int
add_files(struct json_object *mail)
{
	struct json_object *list = json_object_new_array(), *file;
	struct buffer content = { 0 }, encoded = { 0 };
	const char *name, *slash;
	int result = 0;
	size_t i;

	for (i = 0; i < files.count && result == 0; i++) {
		name = files.value[i];
		slash = strrchr(name, '/');
		buffer_clear(&content);
		buffer_clear(&encoded);
		result = read_file(name, &content);
		buffer_reserve(&encoded, base64_lines_len(content.len));
		encoded.len =
		    base64_write_lines(encoded.data, content.data, content.len);
		encoded.data[encoded.len] = '\0';
		file = json_object_new_object();
		add_text(file, "filename", slash == NULL ? name : slash + 1);
		add_text(file, "content", encoded.data);
		json_object_array_add(list, file);
	}
	buffer_free(&content);
	buffer_free(&encoded);
	if (files.count > 0)
		json_object_object_add(mail, "attachments", list);
	else
		json_object_put(list);
	return result;
}

/* `value` as NAME, `mark`, and what follows its blanks; NULL: no mark. */
static char *
split(const char *value, char mark, const char **rest)
{
	const char *at = strchr(value, mark);
	char *name;

	if (at == NULL)
		return NULL;
	name = strndup(value, (size_t)(at - value));
	if (name == NULL)
		abort();
	*rest = at + 1 + strspn(at + 1, " ");
	return name;
}

static int
add_headers(struct json_object *mail)
{
	struct json_object *fields = json_object_new_object();
	const char *value;
	char *name;
	size_t i;

	if (headers.count > 0)
		json_object_object_add(mail, "headers", fields);
	else
		json_object_put(fields);
	for (i = 0; i < headers.count; i++) {
		name = split(headers.value[i], ':', &value);
		if (name == NULL) {
			command_wrong("send", "--header is NAME:VALUE");
			return -1;
		}
		add_text(fields, name, value);
		free(name);
	}
	return 0;
}

static int
add_tags(struct json_object *mail)
{
	struct json_object *list = json_object_new_array(), *tag;
	const char *value;
	char *name;
	size_t i;

	if (tags.count > 0)
		json_object_object_add(mail, "tags", list);
	else
		json_object_put(list);
	for (i = 0; i < tags.count; i++) {
		name = split(tags.value[i], '=', &value);
		if (name == NULL) {
			command_wrong("send", "--tag is NAME=VALUE");
			return -1;
		}
		tag = json_object_new_object();
		add_text(tag, "name", name);
		add_text(tag, "value", value);
		json_object_array_add(list, tag);
		free(name);
	}
	return 0;
}

static int
add_content(struct json_object *mail)
{
	struct buffer content = { 0 };
	int result = 0;

	if (html != NULL) {
		result = read_file(html, &content);
		add_text(mail, "html", content.data);
		buffer_clear(&content);
	}
	if (text == NULL && html == NULL && result == 0) {
		if (isatty(STDIN_FILENO))
			fputs("The text, then Ctrl-D:\n", stderr);
		result = read_all(stdin, "stdin", &content);
		add_text(mail, "text", content.data);
	}
	buffer_free(&content);
	return result;
}

static struct json_object *
make_mail(char **to)
{
	struct json_object *mail = json_object_new_object(), *list;

	list = json_object_new_array();
	for (; *to != NULL; to++)
		json_object_array_add(list, json_object_new_string(*to));
	json_object_object_add(mail, "to", list);
	add_text(mail, "from", from);
	add_text(mail, "subject", subject);
	add_text(mail, "text", text);
	add_text(mail, "scheduled_at", scheduled_at);
	add_text(mail, "expires_at", expires_at);
	add_text(mail, "priority", priority);
	add_list(mail, "cc", &cc);
	add_list(mail, "bcc", &bcc);
	add_list(mail, "reply_to", &reply_to);
	if (unsubscribe != NULL) {
		list = json_object_new_object();
		add_text(list, "url", unsubscribe);
		json_object_object_add(mail, "unsubscribe", list);
	}
	if (add_headers(mail) == -1 || add_tags(mail) == -1 ||
	    add_content(mail) == -1 || add_files(mail) == -1) {
		json_object_put(mail);
		return NULL;
	}
	return mail;
}

/* -- what became of it ------------------------------------------------------ */

static bool
is_over(const char *status)
{
	static const char *const ends[] = { "completed", "failed", "cancelled",
		"unknown" };
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(status, ends[i]) == 0)
			return true;
	return false;
}

enum command_status
mail_await_end(const struct ctl *ctl, struct json_object **job,
    int64_t patience)
{
	const int64_t until = timestamp_monotonic() + patience;
	struct buffer path = { 0 };
	enum command_status result = COMMAND_DONE;
	const char *status;
	useconds_t pause = POLL_LEAST;

	buffer_add_text(&path, "/api/emails");
	client_add_segment(&path, mail_text(*job, "id"));
	for (;;) {
		json_object_put(*job);
		result = client_get(ctl, path.data, job);
		if (result != COMMAND_DONE)
			break;
		status = mail_text(*job, "status");
		if (status != NULL && is_over(status)) {
			if (strcmp(status, "completed") != 0)
				result = COMMAND_REFUSED;
			break;
		}
		if (patience > 0 && timestamp_monotonic() >= until)
			break;
		usleep(pause * 1000);
		pause = pause * 2 < POLL_MOST ? pause * 2 : POLL_MOST;
	}
	buffer_free(&path);
	return result;
}

static void
print_answer(const struct ctl *ctl, struct json_object *answer)
{
	const char *why = mail_text(answer, "last_error");

	if (ctl->json) {
		terminal_print_json(answer);
		return;
	}
	terminal_print_text(mail_text(answer, "id"), 0);
	putchar(' ');
	terminal_print_word(mail_text(answer, "status"), 0);
	if (why != NULL) {
		fputs(": ", stdout);
		terminal_print_text(why, 0);
	}
	putchar('\n');
}

static void
print_warnings(struct json_object *answer)
{
	struct json_object *warnings, *warning;
	size_t i;

	if (!json_object_object_get_ex(answer, "warnings", &warnings))
		return;
	for (i = 0; i < json_object_array_length(warnings); i++) {
		warning = json_object_array_get_idx(warnings, i);
		fprintf(stderr, "warning: %s %s\n", mail_text(warning, "field"),
		    mail_text(warning, "message"));
	}
}

enum command_status
mail_send(const struct ctl *ctl, char **to)
{
	struct client_call call = { "POST", "/api/emails", NULL, NULL };
	struct json_object *answer = NULL;
	struct buffer header = { 0 };
	enum command_status result;

	call.body = make_mail(to);
	if (call.body == NULL)
		return COMMAND_USAGE;
	if (key != NULL) {
		buffer_printf(&header, "Idempotency-Key: %s", key);
		call.header = header.data;
	}
	result = client_ask(ctl, &call, &answer);
	if (result == COMMAND_DONE && !ctl->json)
		print_warnings(answer);
	if (result == COMMAND_DONE && wait_for_end != NULL)
		result = mail_await_end(ctl, &answer, 0);
	if (answer != NULL)
		print_answer(ctl, answer);
	json_object_put(answer);
	json_object_put(call.body);
	buffer_free(&header);
	return result;
}
