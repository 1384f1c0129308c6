/* SPDX-License-Identifier: MIT */
/* unit.options: what each command line prints, and the status it ends with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "options.h"
#include "version.h"

#define ARGUMENTS_MAX 6

static const char *socket_path, *verbose;

static const struct options_entry entries[] = {
	{ "socket", "PATH", &socket_path, "listen on a unix socket", NULL },
	{ "verbose", NULL, &verbose, "say more", NULL },
	{ 0 },
};

/* A check that only this program has. */
static int
check_host(const struct config *config, FILE *faults)
{
	if (strcmp(config->smtp_host, "forbidden") != 0)
		return 0;
	fprintf(faults, "SMTP_HOST: is forbidden\nand a second line\n");
	return -1;
}

static const struct options options = {
	.program = "postrider-test",
	.mask = CONFIG_WORKER,
	.summary = "Tests options.",
	.entries = entries,
	.check = check_host,
};

static char printed[2][16384]; /* stdout, stderr */

/* Runs `call` with stdout and stderr in files, then reads those back. */
static int
run(const char *const arguments[ARGUMENTS_MAX])
{
	char *argv[ARGUMENTS_MAX + 2] = { (char[]){ "program" } };
	struct config config;
	FILE *files[2];
	int saved[2], argc, status, i;
	size_t len;

	for (argc = 1; arguments[argc - 1] != NULL; argc++)
		argv[argc] = (char *)arguments[argc - 1];
	fflush(stdout);
	for (i = 0; i < 2; i++) {
		files[i] = tmpfile();
		assert_non_null(files[i]);
		saved[i] = dup(i + 1);
		assert_int_equal(dup2(fileno(files[i]), i + 1), i + 1);
	}
	socket_path = verbose = NULL;
	status = options_parse(&options, argc, argv, &config);
	fflush(stdout);
	for (i = 0; i < 2; i++) {
		assert_int_equal(dup2(saved[i], i + 1), i + 1);
		close(saved[i]);
		rewind(files[i]);
		len = fread(printed[i], 1, sizeof(printed[i]) - 1, files[i]);
		printed[i][len] = '\0';
		fclose(files[i]);
	}
	config_free(&config);
	return status;
}

#define RUN(...) run((const char *const[ARGUMENTS_MAX]){ __VA_ARGS__ })

static int
clear_environment(void **state)
{
	(void)state;
	return clearenv();
}

static void
test_run(void **state)
{
	(void)state;
	assert_int_equal(RUN(NULL), OPTIONS_RUN);
	assert_null(socket_path);
	assert_int_equal(RUN("--socket", "/run/x"), OPTIONS_RUN);
	assert_string_equal(socket_path, "/run/x");
	assert_int_equal(RUN("--socket=/run/y=z", "--verbose"), OPTIONS_RUN);
	assert_string_equal(socket_path, "/run/y=z");
	assert_non_null(verbose);
	assert_string_equal(printed[0], "");
	assert_string_equal(printed[1], "");
}

static void
test_version(void **state)
{
	(void)state;
	assert_int_equal(RUN("--version"), 0);
	assert_string_equal(printed[0],
	    "postrider-test " POSTRIDER_VERSION "\n");
}

static void
test_help(void **state)
{
	static const char *const wanted[] = {
		"Usage: postrider-test [options]\n", "\nTests options.\n",
		"  --socket PATH      listen on a unix socket\n",
		"  --verbose          say more\n",
		"  -t                 check the settings", "  SMTP_TLS: "
	};
	size_t i;

	(void)state;
	setenv("SMTP_PORT", "wrong", 1); /* help does not need good settings */
	assert_int_equal(RUN("--help"), 0);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (strstr(printed[0], wanted[i]) == NULL)
			fail_msg("no '%s' in:\n%s", wanted[i], printed[0]);
	assert_null(strstr(printed[0], "ACCEPT_TIMEOUT"));
	assert_string_equal(printed[1], "");
}

static void
test_check(void **state)
{
	(void)state;
	assert_int_equal(RUN("-t"), 0);
	assert_string_equal(printed[0], "configuration ok\n");
	setenv("SMTP_PORT", "0", 1);
	setenv("SMTP_FROM", "x", 1);
	assert_int_equal(RUN("-t"), 1);
	assert_string_equal(printed[0], "");
	assert_string_equal(printed[1],
	    "postrider-test: SMTP_PORT: '0' is out of range: it takes a "
	    "number, 1 to 65535\npostrider-test: SMTP_FROM: 'x' has no @\n");
	assert_int_equal(RUN("--socket", "/x"), 1); /* also without -t */
}

static void
test_programs_own_check(void **state)
{
	(void)state;
	setenv("SMTP_HOST", "forbidden", 1);
	assert_int_equal(RUN("-t"), 1);
	assert_string_equal(printed[1],
	    "postrider-test: SMTP_HOST: is forbidden\n"
	    "postrider-test: and a second line\n");
}

static void
check_wrong_usage(int status, const char *shown)
{
	assert_int_equal(status, 2);
	assert_string_equal(printed[0], "");
	if (strstr(printed[1], shown) == NULL)
		fail_msg("no '%s' in: %s", shown, printed[1]);
	assert_ptr_equal(strchr(printed[1], '\n'),
	    printed[1] + strlen(printed[1]) - 1);
	assert_non_null(strstr(printed[1], "see postrider-test --help"));
}

static void
test_wrong_usage(void **state)
{
	(void)state;
	check_wrong_usage(RUN("--nonsense"), "'--nonsense' is not an option");
	check_wrong_usage(RUN("operand"), "'operand' is not an option");
	check_wrong_usage(RUN("-x"), "'-x' is not an option");
	check_wrong_usage(RUN("--"), "'--' is not an option");
	check_wrong_usage(RUN(""), "'' is not an option");
	check_wrong_usage(RUN("--sock=x"), "'--sock=x' is not an option");
	check_wrong_usage(RUN("--socket"), "'--socket' needs a value");
	check_wrong_usage(RUN("--socket="), "'--socket=' needs a value");
	check_wrong_usage(RUN("--socket", ""), "'--socket' needs a value");
	check_wrong_usage(RUN("--verbose=1"), "takes no value");
	check_wrong_usage(RUN("--a\nb\x1b"), "'--a\\nb\\x1b' is not");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_run, clear_environment),
		cmocka_unit_test_setup(test_version, clear_environment),
		cmocka_unit_test_setup(test_help, clear_environment),
		cmocka_unit_test_setup(test_check, clear_environment),
		cmocka_unit_test_setup(test_programs_own_check,
		    clear_environment),
		cmocka_unit_test_setup(test_wrong_usage, clear_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
