/* SPDX-License-Identifier: MIT */
/*
 * postrider setup: looks at all there is, says what it would do, and does that
 * in order. What works is let alone, so that it can be run again at any time,
 * and goes on where it failed.
 */
#include "setup.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "setup_step.h"
#include "terminal.h"

#define STATE_WIDTH 10
#define STEP_WIDTH 10
#define REDIS_PORT "6380"
#define PASSWORD_BYTES 32

static const char *relay, *relay_user, *relay_password_file, *from, *to,
    *redis_port = REDIS_PORT, *no_mail, *dry_run, *yes;

const struct options_entry setup_options[] = {
	{ "relay", "HOST[:PORT]", &relay, "takes the mail; localhost:25",
	    NULL },
	{ "relay-user", "NAME", &relay_user, "to log in there", NULL },
	{ "relay-password-file", "FILE", &relay_password_file,
	    "holds the password; it is copied for root and the worker", NULL },
	{ "from", "MAILBOX", &from, "sender of mails that name none", NULL },
	{ "to", "ADDRESS", &to, "gets the test mail; root@localhost, or From",
	    NULL },
	{ "redis-port", "PORT", &redis_port,
	    "of a Redis that is made; " REDIS_PORT, NULL },
	{ "no-mail", NULL, &no_mail, "send no test mail", NULL },
	{ "dry-run", NULL, &dry_run, "only say what would be done", NULL },
	{ "yes", NULL, &yes, "ask nothing", NULL },
	{ 0 },
};

static const struct setup_step steps[] = {
	{ "host", setup_look_at_host, NULL },
	{ "rabbitmq", setup_look_at_rabbitmq, setup_make_rabbitmq },
	{ "redis", setup_look_at_redis, setup_make_redis },
	{ "settings", setup_look_at_settings, setup_make_settings },
	{ "key", setup_look_at_key, setup_make_key },
	{ "units", setup_look_at_units, setup_start_units },
	{ "web", setup_look_at_web, setup_make_web },
	{ "ready", setup_look_whether_ready, setup_wait_until_ready },
	{ "mail", setup_look_at_mail, setup_send_mail },
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* -- what steps use ----------------------------------------------------------- */

static void
say(struct setup *setup, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) == -1)
		abort();
	/* Not before: the old one may be in it. */
	buffer_clear(&setup->why);
	buffer_add_text(&setup->why, text);
	free(text);
}

enum setup_found
setup_say(struct setup *setup, enum setup_found found, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(setup, format, args);
	va_end(args);
	return found;
}

int
setup_fail(struct setup *setup, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(setup, format, args);
	va_end(args);
	return -1;
}

void
setup_add_password(struct buffer *text)
{
	unsigned char bytes[PASSWORD_BYTES];
	size_t i;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		abort(); /* getrandom(2): never for so few */
	for (i = 0; i < sizeof(bytes); i++)
		buffer_printf(text, "%02x", bytes[i]);
	explicit_bzero(bytes, sizeof(bytes));
}

const char *
setup_value(const char *setting)
{
	const char *text = getenv(setting);

	return text == NULL ? "" : text;
}

int
setup_reload(struct setup *setup)
{
	char *faults = NULL;
	size_t size;
	FILE *out = open_memstream(&faults, &size);
	int result;

	if (out == NULL)
		abort();
	config_free(&setup->config);
	result = config_load(&setup->config, CONFIG_CTL, out);
	if (fclose(out) != 0)
		abort();
	if (result == -1)
		setup_fail(setup, "the settings: %s", faults);
	free(faults);
	return result;
}

/* -- the wish ----------------------------------------------------------------- */

static char *
copy(const char *text, size_t len)
{
	char *made = strndup(text, len);

	if (made == NULL)
		abort();
	return made;
}

void
setup_wish_relay(struct setup_wish *wish, const char *text)
{
	const char *bracket = text[0] == '[' ? strchr(text, ']') : NULL;
	const char *colon = strrchr(bracket != NULL ? bracket : text, ':');

	if (bracket == NULL && colon != strchr(text, ':'))
		colon = NULL; /* an IPv6 address, no port */
	if (colon != NULL)
		wish->relay_port = copy(colon + 1, strlen(colon + 1));
	if (bracket != NULL)
		wish->relay = copy(text + 1, (size_t)(bracket - text - 1));
	else
		wish->relay = copy(text,
		    colon != NULL ? (size_t)(colon - text) : strlen(text));
}

static int
read_port(const char *text)
{
	char *end;
	const long port = strtol(text, &end, 10);

	return *end == '\0' && port >= 1 && port <= 65535 ? (int)port : 0;
}

/* A sender as it is for mails, or the default one. */
static char *
sender_address(const struct setup *setup)
{
	const char *text = setup->wish.from != NULL ? setup->wish.from :
						      setup->config.smtp_from;
	struct mailbox box;
	char *address;

	if (mailbox_parse(&box, text, strlen(text)) != ADDRESS_OK)
		return copy("", 0);
	address = copy(box.address, strlen(box.address));
	mailbox_free(&box);
	return address;
}

/* Nothing that mail would not go through with, whoever said it. */
static const char *
wrong_wish(const struct setup_wish *wish)
{
	struct mailbox box;

	if (wish->relay != NULL &&
	    (wish->relay[0] == '\0' || strpbrk(wish->relay, " /@,") != NULL))
		return "--relay is HOST or HOST:PORT";
	if (wish->relay_port != NULL && read_port(wish->relay_port) == 0)
		return "--relay: the port is a number from 1 to 65535";
	if (wish->relay_password_file != NULL && wish->relay_user == NULL &&
	    setup_value("SMTP_USERNAME")[0] == '\0')
		return "--relay-password-file needs --relay-user";
	if (wish->from != NULL) {
		if (mailbox_parse(&box, wish->from, strlen(wish->from)) !=
		    ADDRESS_OK)
			return "--from is an address, or Name <address>";
		mailbox_free(&box);
	}
	if (address_check(wish->to, strlen(wish->to)) != ADDRESS_OK)
		return "--to is an address";
	return wish->redis_port == 0 ?
	    "--redis-port is a number from 1 to 65535" :
	    NULL;
}

/* Whom the test mail goes to when nobody says: who runs the relay, or we. */
static const char *
default_to(const struct setup *setup, char **address)
{
	const char *host = setup->wish.relay != NULL ? setup->wish.relay :
						       setup_value("SMTP_HOST");

	if (setup_value("SMTP_RELAYS")[0] == '\0' &&
	    (host[0] == '\0' || strcmp(host, "localhost") == 0))
		return "root@localhost";
	*address = sender_address(setup);
	return *address;
}

/* -- what is seen ------------------------------------------------------------- */

static void
tell(const struct setup *setup, const char *state, const char *step)
{
	struct json_object *line;

	if (!setup->ctl.json) {
		terminal_print_word(state, STATE_WIDTH);
		terminal_print_text(step, STEP_WIDTH);
		putchar(' ');
		terminal_print_text(setup->why.data, 0);
		putchar('\n');
		fflush(stdout);
		return;
	}
	line = json_object_new_object();
	json_object_object_add(line, "step", json_object_new_string(step));
	json_object_object_add(line, "state", json_object_new_string(state));
	json_object_object_add(line, "message",
	    json_object_new_string(setup->why.data));
	if (setup->key.len > 0)
		json_object_object_add(line, "key",
		    json_object_new_string(setup->key.data));
	terminal_print_json(line);
	json_object_put(line);
}

/* Once: what made it is the only one who knows. */
static void
tell_key(struct setup *setup)
{
	if (setup->key.len == 0)
		return;
	if (!setup->ctl.json) {
		puts(setup->key.data);
		fputs(
		    "keep this key, nobody can be told it again; for programs "
		    "that send mail,\npostrider keys add NAME makes keys that "
		    "may do less\n",
		    stderr);
	}
	explicit_bzero(setup->key.data, setup->key.len);
	buffer_clear(&setup->key);
}

/* -- looking, then doing ------------------------------------------------------ */

/* How many cannot be; each that is to be taken is marked. */
static int
look(struct setup *setup, bool todo[STEPS], int *missing)
{
	static const char *const words[SETUP_FOUND__MAX] = {
		[SETUP_THERE] = "ok",
		[SETUP_MISSING] = "to do",
		[SETUP_HINDERED] = "refused",
	};
	int hindered = 0;
	size_t i;

	for (i = 0; i < STEPS; i++) {
		enum setup_found found = steps[i].look(setup);

		tell(setup, words[found], steps[i].name);
		todo[i] = found == SETUP_MISSING;
		*missing += todo[i];
		hindered += found == SETUP_HINDERED;
		/* Without a host for it, nothing else means anything. */
		if (i == 0 && found == SETUP_HINDERED)
			break;
	}
	return hindered;
}

static enum command_status
take(struct setup *setup, const bool todo[STEPS])
{
	enum command_status result = COMMAND_DONE;
	bool wanted;
	size_t i;

	for (i = 0; i < STEPS && result == COMMAND_DONE; i++) {
		/* What was made since may ask for it. */
		wanted = todo[i] ||
		    (setup->changed && steps[i].take == setup_start_units);
		if (!wanted)
			continue;
		if (steps[i].take(setup) == -1)
			result = COMMAND_REFUSED;
		tell(setup, result == COMMAND_DONE ? "done" : "failed",
		    steps[i].name);
		tell_key(setup);
	}
	if (result != COMMAND_DONE)
		fputs("postrider setup: what is done stays; put right what "
		      "failed, then run it again:\nit goes on from there\n",
		    stderr);
	return result;
}

static enum command_status
look_and_take(struct setup *setup)
{
	bool todo[STEPS] = { false };
	int missing = 0;
	const int hindered = look(setup, todo, &missing);

	if (hindered > 0) {
		fputs("postrider setup: nothing has been changed; what is "
		      "refused above says what to do\n",
		    stderr);
		return COMMAND_REFUSED;
	}
	if (dry_run != NULL || missing == 0)
		return COMMAND_DONE;
	if (yes == NULL && isatty(STDIN_FILENO) &&
	    !setup_ask_whether("Do all that is to do")) {
		fputs("postrider setup: nothing has been changed\n", stderr);
		return COMMAND_REFUSED;
	}
	return take(setup, todo);
}

static void
setup_free(struct setup *setup)
{
	free(setup->wish.relay);
	free(setup->wish.relay_port);
	free(setup->wish.from);
	buffer_free(&setup->wish.relay_password);
	buffer_free(&setup->key);
	buffer_free(&setup->why);
	config_free(&setup->config);
}

enum command_status
setup_run(const struct ctl *ctl, char **arguments)
{
	struct setup setup = { .ctl = { NULL, ctl->json } };
	enum command_status result;
	char *address = NULL;
	const char *wrong;

	(void)arguments;
	setup.ctl.config = &setup.config;
	umask(0077);
	if (setup_reload(&setup) == -1)
		abort(); /* they were fine a moment ago */
	setup.wish.relay_user = relay_user;
	setup.wish.relay_password_file = relay_password_file;
	setup.wish.no_mail = no_mail != NULL;
	setup.wish.redis_port = read_port(redis_port);
	if (relay != NULL)
		setup_wish_relay(&setup.wish, relay);
	if (from != NULL)
		setup.wish.from = copy(from, strlen(from));
	if (yes == NULL && geteuid() == 0)
		setup_ask(&setup);
	setup.wish.to = to != NULL ? to : default_to(&setup, &address);
	wrong = wrong_wish(&setup.wish);
	result = wrong != NULL ? command_wrong("setup", wrong) :
				 look_and_take(&setup);
	free(address);
	setup_free(&setup);
	return result;
}
