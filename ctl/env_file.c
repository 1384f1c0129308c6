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
