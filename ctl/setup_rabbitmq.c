/* SPDX-License-Identifier: MIT */
/*
 * postrider setup: a vhost of our own in this host's RabbitMQ, and a user who
 * may do all in it, and nothing elsewhere. By rabbitmqctl(8), which is wherever
 * RabbitMQ is. The password is kept before the user is made: whatever ends us,
 * the next run knows it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amqp_link.h"
#include "credential.h"
#include "digest.h"
#include "env_file.h"
#include "id.h"
#include "program.h"
#include "setup_step.h"

#define OURS "amqp://" SETUP_NAME ":"
#define AT_HOME "@127.0.0.1:5672/" SETUP_NAME
#define SALT_BYTES 4 /* as RabbitMQ has it */
#define UNUSED_BYTES 32

static bool
is_ours(const char *url)
{
	const size_t len = strlen(url), end = strlen(AT_HOME);

	return strncmp(url, OURS, strlen(OURS)) == 0 && len > end &&
	    strcmp(url + len - end, AT_HOME) == 0;
}

/* 0: RABBITMQ_URL does. */
static int
log_in(struct setup *setup, char *why, size_t size)
{
	struct amqp_link link = { .config = &setup->config, .name = "setup" };
	int result = amqp_link_open(&link, why, size);

	if (result == 0)
		amqp_link_close(&link, NULL);
	return result;
}

/* rabbitmqctl's words, ended by NULL. 0, or -1 with `why`. */
static int
control(struct setup *setup, const char *const words[], const char *input,
    struct buffer *said)
{
	const char *argv[10] = { "rabbitmqctl", "--silent" };
	size_t n = 2, i;
	int status;

	for (i = 0; words[i] != NULL; i++)
		argv[n++] = words[i];
	buffer_clear(said);
	status = program_run(argv, input, said);
	if (status == 0)
		return 0;
	return setup_fail(setup, "rabbitmqctl %s: %s", words[0],
	    said->len > 0 ? said->data : "failed");
}

/* Whether a line of a list is of `name`. */
static bool
lists(const struct buffer *said, const char *name)
{
	const size_t len = strlen(name);
	const char *at = said->data;

	for (; at != NULL && *at != '\0'; at += *at == '\n') {
		if (strncmp(at, name, len) == 0 &&
		    strchr(" \t\r\n", at[len]) != NULL)
			return true;
		at += strcspn(at, "\n");
	}
	return false;
}

static enum setup_found
look_at_users(struct setup *setup)
{
	static const char *const list[] = { "list_users", NULL };
	struct buffer said = { 0 };
	enum setup_found found;

	if (!program_exists("rabbitmqctl"))
		found = setup_say(setup, SETUP_HINDERED,
		    "there is no RabbitMQ on this host: apt install "
		    "rabbitmq-server; or set RABBITMQ_URL in " ENV_FILE_DEFAULT
		    " to another host's");
	else if (control(setup, list, NULL, &said) == -1)
		found = setup_say(setup, SETUP_HINDERED,
		    "rabbitmqctl does not reach RabbitMQ: systemctl start "
		    "rabbitmq-server; it says: %s",
		    said.len > 0 ? said.data : "nothing");
	else if (lists(&said, SETUP_NAME))
		found = setup_say(setup, SETUP_HINDERED,
		    "RabbitMQ has a user " SETUP_NAME
		    " whose password is not known here: set RABBITMQ_URL "
		    "in " ENV_FILE_DEFAULT
		    ", or rabbitmqctl delete_user " SETUP_NAME);
	else
		found = setup_say(setup, SETUP_MISSING,
		    "makes vhost and user " SETUP_NAME);
	buffer_free(&said);
	return found;
}

enum setup_found
setup_look_at_rabbitmq(struct setup *setup)
{
	struct buffer url = { 0 };
	enum setup_found found;
	char why[512];

	if (!credential_read("RABBITMQ_URL", &url))
		found = look_at_users(setup);
	else if (log_in(setup, why, sizeof(why)) == 0)
		found = setup_say(setup, SETUP_THERE,
		    "RABBITMQ_URL is set, and logs in");
	else if (credential_is_used("RABBITMQ_URL") && is_ours(url.data))
		found = setup_say(setup, SETUP_MISSING,
		    "makes vhost and user " SETUP_NAME
		    " as RABBITMQ_URL has them (%s)",
		    why);
	else
		found = setup_say(setup, SETUP_HINDERED, "%s", why);
	buffer_free(&url);
	return found;
}

/* -- making it ---------------------------------------------------------------- */

static int
make_vhost(struct setup *setup, struct buffer *said)
{
	static const char *const list[] = { "list_vhosts", "name", NULL };
	static const char *const add[] = { "add_vhost", SETUP_NAME, NULL };

	if (control(setup, list, NULL, said) == -1)
		return -1;
	return lists(said, SETUP_NAME) ? 0 : control(setup, add, NULL, said);
}

/*
 * Only its salted digest is in a command line, which is for all to see: from a
 * pipe RabbitMQ 4.0's rabbitmqctl never reads a password, it hangs.
 */
static int
set_password(struct setup *setup, const char *password, struct buffer *said)
{
	struct digest *digest = digest_new();
	char salt[2 * SALT_BYTES + 1], hex[DIGEST_HEX_SIZE];
	const char *words[] = { "eval", NULL, NULL };
	struct buffer code = { 0 };
	unsigned char byte;
	size_t i;
	int result;

	id_random_hex(salt, SALT_BYTES);
	for (i = 0; i < SALT_BYTES; i++) {
		(void)sscanf(salt + 2 * i, "%2hhx", &byte);
		digest_add(digest, &byte, 1);
	}
	digest_add(digest, password, strlen(password));
	digest_end(digest, hex);
	digest_free(digest);
	buffer_printf(&code,
	    "ok = rabbit_auth_backend_internal:change_password_hash("
	    "atom_to_binary(" SETUP_NAME ", utf8), <<16#%s:32, 16#%s:256>>, "
	    "rabbit_password_hashing_sha256).",
	    salt, hex);
	words[1] = code.data;
	result = control(setup, words, NULL, said);
	buffer_free(&code);
	return result;
}

/* Added with a password that is never used and opens nothing yet. */
static int
make_user(struct setup *setup, const char *password, struct buffer *said)
{
	static const char *const list[] = { "list_users", NULL };
	static const char *const permit[] = { "set_permissions", "-p",
		SETUP_NAME, SETUP_NAME, ".*", ".*", ".*", NULL };
	char unused[2 * UNUSED_BYTES + 1];
	const char *const add[] = { "add_user", SETUP_NAME, unused, NULL };

	id_random_hex(unused, UNUSED_BYTES);
	if (control(setup, list, NULL, said) == -1)
		return -1;
	if (!lists(said, SETUP_NAME) && control(setup, add, NULL, said) == -1)
		return -1;
	if (set_password(setup, password, said) == -1)
		return -1;
	return control(setup, permit, NULL, said);
}

/* The URL that is kept, or a new one, which is kept before it is used. */
static int
decide_url(struct setup *setup, struct buffer *url)
{
	if (credential_read("RABBITMQ_URL", url))
		return 0;
	buffer_add_text(url, OURS);
	setup_add_password(url);
	buffer_add_text(url, AT_HOME);
	if (credential_write("RABBITMQ_URL", url->data) == 0)
		return setup_reload(setup);
	return setup_fail(setup, CREDENTIAL_FOLDER ": %m");
}

int
setup_make_rabbitmq(struct setup *setup)
{
	struct buffer url = { 0 }, said = { 0 };
	char *password, why[512];
	int result = -1;

	if (decide_url(setup, &url) == -1)
		goto out;
	password = strndup(url.data + strlen(OURS),
	    strcspn(url.data + strlen(OURS), "@"));
	if (password == NULL)
		abort();
	setup->changed = true;
	if (make_vhost(setup, &said) == 0 &&
	    make_user(setup, password, &said) == 0)
		result = log_in(setup, why, sizeof(why));
	else
		why[0] = '\0';
	free(password);
	if (result == 0)
		setup_say(setup, SETUP_THERE,
		    "vhost and user " SETUP_NAME
		    "; RABBITMQ_URL is in " CREDENTIAL_FOLDER);
	else if (why[0] != '\0')
		setup_fail(setup, "%s", why);
out:
	buffer_free(&url);
	buffer_free(&said);
	return result;
}
