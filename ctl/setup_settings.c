/* SPDX-License-Identifier: MIT */
/*
 * postrider setup: the relay and the sender in postrider.env, where the wish
 * says another than is there. Everything else in the file is the operator's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "credential.h"
#include "env_file.h"
#include "setup_step.h"
#include "whole_file.h"

#define WISHES 4

struct wish {
	const char *name, *value; /* NULL: as it is */
};

static void
list_wishes(const struct setup *setup, struct wish wishes[WISHES])
{
	const struct setup_wish *wish = &setup->wish;

	wishes[0] = (struct wish){ "SMTP_HOST", wish->relay };
	wishes[1] = (struct wish){ "SMTP_PORT", wish->relay_port };
	wishes[2] = (struct wish){ "SMTP_USERNAME", wish->relay_user };
	wishes[3] = (struct wish){ "SMTP_FROM", wish->from };
}

/* SMTP_PASSWORD as it is to be; false: none is given. 0 bytes: unreadable. */
static bool
read_password(const struct setup *setup, struct buffer *password)
{
	const struct setup_wish *wish = &setup->wish;

	if (wish->relay_password.len > 0)
		buffer_add_text(password, wish->relay_password.data);
	else if (wish->relay_password_file == NULL)
		return false;
	else if (whole_file_read(wish->relay_password_file, password) == -1)
		buffer_clear(password);
	while (password->len > 0 && password->data[password->len - 1] == '\n')
		password->data[--password->len] = '\0';
	return true;
}

static bool
password_is_new(const struct buffer *password)
{
	struct buffer old = { 0 };
	bool is_new = !credential_read("SMTP_PASSWORD", &old) ||
	    strcmp(old.data, password->data) != 0;

	buffer_free(&old);
	return is_new;
}

/* What is to be written, in words; empty: nothing. */
static enum setup_found
look_at_password(struct setup *setup, struct buffer *words)
{
	struct buffer password = { 0 };
	enum setup_found found = SETUP_MISSING;

	if (!read_password(setup, &password))
		found = SETUP_THERE;
	else if (password.len == 0)
		found = setup_say(setup, SETUP_HINDERED,
		    "--relay-password-file %s cannot be read, or is empty",
		    setup->wish.relay_password_file);
	else if (setup_value("SMTP_PASSWORD")[0] != '\0')
		found = setup_say(setup, SETUP_HINDERED,
		    "SMTP_PASSWORD is in " ENV_FILE_DEFAULT
		    ": take it out, and it is kept for root and the worker "
		    "alone; or leave --relay-password-file away");
	else if (password_is_new(&password))
		buffer_printf(words, "%sthe relay's password",
		    words->len > 0 ? ", " : "");
	buffer_free(&password);
	return found;
}

enum setup_found
setup_look_at_settings(struct setup *setup)
{
	struct wish wishes[WISHES];
	struct buffer words = { 0 };
	enum setup_found found;
	size_t i;

	list_wishes(setup, wishes);
	for (i = 0; i < WISHES; i++)
		if (wishes[i].value != NULL &&
		    strcmp(setup_value(wishes[i].name), wishes[i].value) != 0)
			buffer_printf(&words, "%s%s=%s",
			    words.len > 0 ? ", " : "", wishes[i].name,
			    wishes[i].value);
	found = look_at_password(setup, &words);
	if (found != SETUP_HINDERED && words.len > 0)
		found = setup_say(setup, SETUP_MISSING,
		    "writes into " ENV_FILE_DEFAULT ": %s", words.data);
	else if (found != SETUP_HINDERED)
		found = setup_say(setup, SETUP_THERE,
		    ENV_FILE_DEFAULT " is as it is wished");
	buffer_free(&words);
	return found;
}

/* -- writing ------------------------------------------------------------------ */

/* As the package made it, or as the operator has changed it. */
static int
write_file(const struct setup *setup, const char *text)
{
	struct whole_file file = { ENV_FILE_DEFAULT, 0640, 0, setup->group };
	struct stat st;

	if (stat(file.path, &st) == 0) {
		file.mode = st.st_mode & 07777;
		file.owner = st.st_uid;
		file.group = st.st_gid;
	}
	return whole_file_write(&file, text);
}

static int
write_settings(struct setup *setup)
{
	struct wish wishes[WISHES];
	struct buffer text = { 0 };
	int result = 0;
	size_t i;

	if (whole_file_read(ENV_FILE_DEFAULT, &text) == -1 && errno != ENOENT)
		result = setup_fail(setup, ENV_FILE_DEFAULT ": %m");
	list_wishes(setup, wishes);
	for (i = 0; i < WISHES && result == 0; i++) {
		if (wishes[i].value == NULL ||
		    strcmp(setup_value(wishes[i].name), wishes[i].value) == 0)
			continue;
		if (!env_file_set(&text, wishes[i].name, wishes[i].value))
			result = setup_fail(setup,
			    "%s: what holds a backslash or both quotes is for "
			    "you to write into " ENV_FILE_DEFAULT,
			    wishes[i].name);
		else if (setenv(wishes[i].name, wishes[i].value, 1) == -1)
			abort(); /* no memory */
	}
	if (result == 0 && write_file(setup, text.data) == -1)
		result = setup_fail(setup, ENV_FILE_DEFAULT ": %m");
	buffer_free(&text);
	return result;
}

int
setup_make_settings(struct setup *setup)
{
	struct buffer password = { 0 };
	int result = write_settings(setup);

	if (result == 0 && read_password(setup, &password) &&
	    password_is_new(&password) &&
	    credential_write("SMTP_PASSWORD", password.data) == -1)
		result = setup_fail(setup, CREDENTIAL_FOLDER ": %m");
	if (password.data != NULL)
		explicit_bzero(password.data, password.len);
	buffer_free(&password);
	if (result == 0)
		result = setup_reload(setup);
	if (result == 0)
		setup_say(setup, SETUP_THERE, ENV_FILE_DEFAULT " is written");
	setup->changed = true;
	return result;
}
