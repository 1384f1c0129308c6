/* SPDX-License-Identifier: MIT */
/* Reads the command line; knows no option of a program by name. */
#include "options.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "seclusion.h"
#include "version.h"

#define OPTIONS_WRONG_SETTINGS 1
#define OPTIONS_WRONG_USAGE 2
#define OPTIONS_SHOWN_MAX 200 /* bytes of a wrong argument that are shown */

static void
print_option(const char *name, const char *argument, const char *help)
{
	const int width = 21;
	int used = printf("  %s%s%s", name, argument == NULL ? "" : " ",
	    argument == NULL ? "" : argument);

	printf("%*s%s\n", used < width ? width - used : 1, "", help);
}

static int
print_help(const struct options *options)
{
	const struct options_entry *entry;
	struct buffer name = { 0 };

	printf("Usage: %s [options]\n\n%s\n\nOptions:\n", options->program,
	    options->summary);
	for (entry = options->entries; entry != NULL && entry->name != NULL;
	     entry++) {
		buffer_clear(&name);
		buffer_printf(&name, "--%s", entry->name);
		print_option(name.data, entry->argument, entry->help);
	}
	buffer_free(&name);
	print_option("-t", NULL, "check the settings and exit");
	print_option("--help", NULL, "show this and exit");
	print_option("--version", NULL, "show the version and exit");
	printf("\nSettings, from the environment:\n");
	config_print(options->mask, stdout);
	return 0;
}

static int
wrong_usage(const struct options *options, const char *argument,
    const char *why)
{
	struct buffer shown = { 0 };

	buffer_add_escaped(&shown, argument, strlen(argument),
	    OPTIONS_SHOWN_MAX);
	fprintf(stderr, "%s: '%s' %s; see %s --help\n", options->program,
	    shown.data, why, options->program);
	buffer_free(&shown);
	return OPTIONS_WRONG_USAGE;
}

/* The entry that `argument` (--name or --name=value) is for, or NULL. */
static const struct options_entry *
find_entry(const struct options *options, const char *argument)
{
	const struct options_entry *entry = options->entries;
	size_t len;

	if (strncmp(argument, "--", 2) != 0 || entry == NULL)
		return NULL;
	argument += 2;
	len = strcspn(argument, "=");
	for (; entry->name != NULL; entry++)
		if (strlen(entry->name) == len &&
		    memcmp(entry->name, argument, len) == 0)
			return entry;
	return NULL;
}

/* One of the program's own options at argv[*at]. OPTIONS_RUN, or a status. */
static int
read_entry(const struct options *options, char **argv, int *at)
{
	const char *argument = argv[*at];
	const struct options_entry *entry = find_entry(options, argument);
	const char *equals = strchr(argument, '=');

	if (entry == NULL)
		return wrong_usage(options, argument, "is not an option");
	if (entry->argument == NULL) {
		if (equals != NULL)
			return wrong_usage(options, argument, "takes no value");
		*entry->value = entry->name;
		return OPTIONS_RUN;
	}
	if (equals != NULL)
		*entry->value = equals + 1;
	else if (argv[*at + 1] != NULL)
		*entry->value = argv[++*at];
	else
		*entry->value = "";
	if (**entry->value == '\0')
		return wrong_usage(options, argument, "needs a value");
	return OPTIONS_RUN;
}

/* Faults in the settings go to stderr, each with the program's name. */
static int
load_settings(const struct options *options, struct config *config)
{
	char *faults = NULL, *line, *rest;
	size_t size;
	FILE *out = open_memstream(&faults, &size);
	int result;

	if (out == NULL)
		abort();
	result = config_load(config, options->mask, out);
	if (result == 0 && options->check != NULL)
		result = options->check(config, out);
	if (fclose(out) != 0)
		abort();
	for (line = strtok_r(faults, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		fprintf(stderr, "%s: %s\n", options->program, line);
	free(faults);
	return result;
}

int
options_parse(const struct options *options, int argc, char **argv,
    struct config *config)
{
	bool check_only = false;
	int at, status;

	memset(config, 0, sizeof(*config));
	for (at = 1; at < argc; at++) {
		if (strcmp(argv[at], "--help") == 0)
			return print_help(options);
		if (strcmp(argv[at], "--version") == 0) {
			printf("%s %s\n", options->program, POSTRIDER_VERSION);
			return 0;
		}
		if (strcmp(argv[at], "-t") == 0) {
			check_only = true;
			continue;
		}
		status = read_entry(options, argv, &at);
		if (status != OPTIONS_RUN)
			return status;
	}
	seclusion_begin();
	if (load_settings(options, config) < 0)
		return OPTIONS_WRONG_SETTINGS;
	if (check_only) {
		printf("configuration ok\n");
		return 0;
	}
	log_open(&(struct log_options){ .program = options->program,
	    .least = config->log_level,
	    .format = config->log_format,
	    .recipients = config->log_recipients });
	config_forget_environment(options->mask);
	return OPTIONS_RUN;
}
