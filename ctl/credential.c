/* SPDX-License-Identifier: MIT */
#include "credential.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_table.h"
#include "whole_file.h"

static void
path_of(const char *name, struct buffer *path)
{
	buffer_clear(path);
	buffer_printf(path, "%s/postrider.%s", CREDENTIAL_FOLDER, name);
}

static void
variable_of(const char *name, struct buffer *variable)
{
	buffer_clear(variable);
	buffer_printf(variable, "%s_FILE", name);
}

static bool
is_set(const char *variable)
{
	const char *text = getenv(variable);

	return text != NULL && text[0] != '\0';
}

void
credential_load_all(void)
{
	struct buffer path = { 0 }, variable = { 0 };
	size_t i;

	for (i = 0; i < config_settings_len; i++) {
		if (!config_settings[i].secret)
			continue;
		path_of(config_settings[i].name, &path);
		variable_of(config_settings[i].name, &variable);
		if (!is_set(config_settings[i].name) &&
		    !is_set(variable.data) && access(path.data, R_OK) == 0 &&
		    setenv(variable.data, path.data, 1) == -1)
			abort(); /* no memory */
	}
	buffer_free(&path);
	buffer_free(&variable);
}

bool
credential_is_used(const char *name)
{
	struct buffer path = { 0 }, variable = { 0 };
	const char *file;
	bool used;

	path_of(name, &path);
	variable_of(name, &variable);
	file = getenv(variable.data);
	used = !is_set(name) && file != NULL && strcmp(file, path.data) == 0;
	buffer_free(&path);
	buffer_free(&variable);
	return used;
}

bool
credential_read(const char *name, struct buffer *text)
{
	struct buffer variable = { 0 };
	bool found = is_set(name);

	variable_of(name, &variable);
	if (found)
		buffer_add_text(text, getenv(name));
	else if (is_set(variable.data))
		found = whole_file_read(getenv(variable.data), text) == 0;
	while (text->len > 0 && text->data[text->len - 1] == '\n')
		text->data[--text->len] = '\0';
	buffer_free(&variable);
	return found && text->len > 0;
}

int
credential_write(const char *name, const char *text)
{
	struct buffer path = { 0 }, variable = { 0 }, line = { 0 };
	struct whole_file file = { .mode = 0600 };
	int result = 0;

	path_of(name, &path);
	variable_of(name, &variable);
	buffer_printf(&line, "%s\n", text);
	file.path = path.data;
	if (mkdir(CREDENTIAL_FOLDER, 0700) == -1 && errno != EEXIST)
		result = -1;
	if (result == 0)
		result = whole_file_write(&file, line.data);
	if (result == 0 && setenv(variable.data, path.data, 1) == -1)
		abort(); /* no memory */
	explicit_bzero(line.data, line.len);
	buffer_free(&line);
	buffer_free(&path);
	buffer_free(&variable);
	return result;
}
