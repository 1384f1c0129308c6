/* SPDX-License-Identifier: MIT */
/*
 * postrider: the operator's command. This finds the command in the table, reads
 * its options and the settings, and runs it.
 */
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "command.h"
#include "credential.h"
#include "env_file.h"
#include "terminal.h"
#include "version.h"

#define NAME_WIDTH 18
#define ARGUMENTS_MAX 1024

static const char *json, *env_file, *url, *key_file, *help, *version;

/* These go before the command, or behind it. */
static const struct options_entry common[] = {
	{ "json", NULL, &json, "print JSON, one value a line", NULL },
	{ "url", "URL", &url, "the API; POSTRIDER_URL", NULL },
	{ "key-file", "FILE", &key_file,
	    "holds the API key; POSTRIDER_API_KEY_FILE", NULL },
	{ "env", "FILE", &env_file,
	    "settings that the environment does not have; " ENV_FILE_DEFAULT,
	    NULL },
	{ "help", NULL, &help, "show this, or a command's own, and exit",
	    NULL },
	{ "version", NULL, &version, "show the version and exit", NULL },
	{ 0 },
};

enum command_status
command_wrong(const char *name, const char *why)
{
	fprintf(stderr, "postrider %s: %s; see postrider %s --help\n", name,
	    why, name);
	return COMMAND_USAGE;
}

/* -- help ------------------------------------------------------------------- */

static int
print_help(void)
{
	const struct command *command;

	puts("Usage: postrider [options] COMMAND ...\n\nCommands:");
	for (command = commands; command->name != NULL; command++)
		printf("  %-*s %s\n", NAME_WIDTH, command->name,
		    command->summary);
	puts("\npostrider COMMAND --help tells its options.\n\nOptions:");
	options_print(common);
	puts("\nSettings, from the environment:");
	config_print(CONFIG_CTL, stdout);
	puts("\nIt ends with 0: done; 1: refused, or not well; 2: wrong usage; "
	     "3: no answer, try\nagain; 4: not allowed.");
	return COMMAND_DONE;
}

static int
print_command_help(const struct command *command)
{
	printf("Usage: postrider %s%s%s%s\n\n%s\n", command->name,
	    command->options == NULL ? "" : " [options]",
	    command->arguments[0] == '\0' ? "" : " ", command->arguments,
	    command->summary);
	if (command->options != NULL) {
		puts("\nOptions:");
		options_print(command->options);
	}
	return COMMAND_DONE;
}

/* -- the command line ------------------------------------------------------- */

/* Whether argv begins with the words of `name`; then how many those are. */
static int
words_of(const char *name, char **argv)
{
	int words = 0;
	size_t len;

	for (; *name != '\0'; words++) {
		len = strcspn(name, " ");
		if (argv[words] == NULL || strlen(argv[words]) != len ||
		    memcmp(argv[words], name, len) != 0)
			return 0;
		name += len;
		name += *name == ' ';
	}
	return words;
}

static const struct command *
find_command(char **argv, int *words)
{
	const struct command *command;

	for (command = commands; command->name != NULL; command++)
		if ((*words = words_of(command->name, argv)) > 0)
			return command;
	return NULL;
}

static bool
is_of(const struct options_entry *entry, const char *argument)
{
	const size_t len = strcspn(argument + 2, "=");

	for (; entry->name != NULL; entry++)
		if (strlen(entry->name) == len &&
		    strncmp(entry->name, argument + 2, len) == 0)
			return true;
	return false;
}

/* Options up to the first word. OPTIONS_RUN, or what to end with. */
static int
read_before(char **argv, int *at)
{
	int status;

	for (; argv[*at] != NULL && argv[*at][0] == '-'; (*at)++) {
		status = options_read("postrider", common, argv, at);
		if (status != OPTIONS_RUN)
			return status;
	}
	return OPTIONS_RUN;
}

/* What follows the command's name. `arguments` are those that are no options. */
static int
read_behind(const struct command *command, char **argv, int at,
    char *arguments[ARGUMENTS_MAX + 1])
{
	const struct options_entry *entries;
	char program[64];
	int count = 0, status;
	bool only_words = false;

	snprintf(program, sizeof(program), "postrider %s", command->name);
	for (; argv[at] != NULL; at++) {
		if (!only_words && strcmp(argv[at], "--") == 0) {
			only_words = true;
		} else if (only_words || argv[at][0] != '-' ||
		    argv[at][1] == '\0') {
			if (count == ARGUMENTS_MAX || count == command->most)
				return (int)command_wrong(command->name,
				    "has too many arguments");
			arguments[count++] = argv[at];
		} else {
			entries = command->options;
			if (strncmp(argv[at], "--", 2) == 0 &&
			    is_of(common, argv[at]))
				entries = common;
			status = options_read(program, entries, argv, &at);
			if (status != OPTIONS_RUN)
				return status;
		}
	}
	arguments[count] = NULL;
	if (help == NULL && count < command->least)
		return (
		    int)command_wrong(command->name, "needs more arguments");
	return OPTIONS_RUN;
}

/* -- settings --------------------------------------------------------------- */

static int
set(const char *name, const char *value)
{
	return value == NULL ? 0 : setenv(name, value, 1);
}

static int
load_settings(struct config *config)
{
	if (set("POSTRIDER_URL", url) == -1 ||
	    set("POSTRIDER_API_KEY_FILE", key_file) == -1)
		abort();
	if (key_file != NULL)
		unsetenv("POSTRIDER_API_KEY"); /* the option goes first */
	/* Who may not read the services' settings brings their own. */
	if (env_file_load(env_file == NULL ? ENV_FILE_DEFAULT : env_file) ==
		-1 &&
	    env_file != NULL) {
		fprintf(stderr, "postrider: %s: %s\n", env_file,
		    strerror(errno));
		return COMMAND_USAGE;
	}
	credential_load_all();
	return config_load(config, CONFIG_CTL, stderr) == 0 ? OPTIONS_RUN :
							      COMMAND_USAGE;
}

static int
run(const struct command *command, char **arguments)
{
	struct config config = { 0 };
	struct ctl ctl = { &config, json != NULL };
	int status = load_settings(&config);

	if (status == OPTIONS_RUN)
		status = (int)command->run(&ctl, arguments);
	config_free(&config);
	return status;
}

int
main(int argc, char **argv)
{
	static char *arguments[ARGUMENTS_MAX + 1];
	const struct command *command;
	int at = 1, words, status;

	(void)argc;
	signal(SIGPIPE, SIG_IGN);
	terminal_open();
	status = read_before(argv, &at);
	if (status != OPTIONS_RUN)
		return status;
	if (version != NULL) {
		puts("postrider " POSTRIDER_VERSION);
		return COMMAND_DONE;
	}
	if (help != NULL && argv[at] == NULL)
		return print_help();
	if (argv[at] == NULL) {
		fputs("postrider: which command? See postrider --help\n",
		    stderr);
		return COMMAND_USAGE;
	}
	command = find_command(argv + at, &words);
	if (command == NULL) {
		fprintf(stderr,
		    "postrider: '%s' is no command; see postrider "
		    "--help\n",
		    argv[at]);
		return COMMAND_USAGE;
	}
	status = read_behind(command, argv, at + words, arguments);
	if (status != OPTIONS_RUN)
		return status;
	if (help != NULL)
		return print_command_help(command);
	return run(command, arguments);
}
