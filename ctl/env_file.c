/* SPDX-License-Identifier: MIT */
/* The part of systemd's syntax that our file is written in: no continuations. */
#include "env_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* Cuts off what surrounds a value: blanks, then one pair of quotes. */
static char *
unquoted(char *value)
{
	size_t len;

	value += strspn(value, BLANKS);
	len = strlen(value);
	while (len > 0 && strchr(BLANKS, value[len - 1]) != NULL)
		value[--len] = '\0';
	if (len >= 2 && (value[0] == '"' || value[0] == '\'') &&
	    value[len - 1] == value[0]) {
		value[len - 1] = '\0';
		value++;
	}
	return value;
}

static void
take_line(char *line)
{
	char *equals;

	line += strspn(line, BLANKS);
	equals = strchr(line, '=');
	if (line[0] == '#' || line[0] == ';' || equals == NULL)
		return;
	*equals = '\0';
	if (setenv(line, unquoted(equals + 1), 0) == -1)
		abort(); /* no memory: a name without '=' is valid */
}

int
env_file_load(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (file == NULL)
		return -1;
	while (getline(&line, &size, file) != -1)
		take_line(line);
	free(line);
	return fclose(file) == 0 ? 0 : -1;
}

/* -- writing ------------------------------------------------------------------ */

/* Quotes where systemd would read something else without them. */
static bool
add_value(struct buffer *line, const char *value)
{
	const size_t len = strlen(value);
	const bool quoted = len > 0 &&
	    (strchr("\"' \t", value[0]) != NULL ||
		strchr(" \t", value[len - 1]) != NULL);

	if (strpbrk(value, "\\\r\n") != NULL ||
	    (quoted && strchr(value, '\'') != NULL))
		return false;
	buffer_printf(line, quoted ? "'%s'" : "%s", value);
	return true;
}

/* Whether the line at `at` sets `name`; or, with `mark`, tells of it. */
static bool
is_of(const char *at, const char *mark, const char *name)
{
	const size_t len = strlen(name);

	at += strspn(at, " \t");
	if (strncmp(at, mark, strlen(mark)) != 0)
		return false;
	at += strlen(mark);
	at += strspn(at, " \t");
	return strncmp(at, name, len) == 0 &&
	    at[len + strspn(at + len, " \t")] == '=';
}

/* The last line that is so: the one that counts. NULL: none. */
static const char *
find_line(const char *text, const char *mark, const char *name)
{
	const char *found = NULL;

	while (text != NULL && *text != '\0') {
		if (is_of(text, mark, name))
			found = text;
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return found;
}

bool
env_file_has(const struct buffer *text, const char *name)
{
	return find_line(text->data, "", name) != NULL;
}

static const char *
behind_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end != NULL ? end + 1 : at + strlen(at);
}

bool
env_file_set(struct buffer *text, const char *name, const char *value)
{
	struct buffer line = { 0 }, whole = { 0 };
	const char *all = text->data != NULL ? text->data : "", *from, *to;

	buffer_printf(&line, "%s=", name);
	if (!add_value(&line, value)) {
		buffer_free(&line);
		return false;
	}
	from = find_line(all, "", name);
	to = from != NULL ? behind_line(from) : find_line(all, "#", name);
	if (from == NULL)
		from = to = to != NULL ? behind_line(to) : all + strlen(all);
	buffer_add(&whole, all, (size_t)(from - all));
	if (whole.len > 0 && whole.data[whole.len - 1] != '\n')
		buffer_add_text(&whole, "\n");
	buffer_printf(&whole, "%s\n%s", line.data, to);
	buffer_free(text);
	*text = whole;
	buffer_free(&line);
	return true;
}
