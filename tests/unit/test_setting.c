/* SPDX-License-Identifier: MIT */
/* unit.setting: text to value for each type, and secrets out of files. */
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

#include "setting.h"

enum colour {
	RED,
	GREEN,
	BLUE
};

struct values {
	char *text;
	int64_t number;
	bool flag;
	enum colour colour;
};

static const char *const off_on[] = { "off", "on", NULL };
static const char *const colours[] = { "red", "green", "blue", NULL };

static const struct setting text_setting = { .name = "T_TEXT",
	.type = SETTING_TEXT,
	.offset = offsetof(struct values, text),
	.max = 10 };
static const struct setting secret_setting = { .name = "T_SECRET",
	.type = SETTING_TEXT,
	.offset = offsetof(struct values, text),
	.secret = true };
static const struct setting number_setting = { .name = "T_NUMBER",
	.type = SETTING_NUMBER,
	.offset = offsetof(struct values, number),
	.min = 5,
	.max = INT64_MAX };
static const struct setting duration_setting = { .name = "T_DURATION",
	.type = SETTING_DURATION,
	.offset = offsetof(struct values, number),
	.min = 100,
	.max = INT64_C(86400000) * 30 };
static const struct setting flag_setting = { .name = "T_FLAG",
	.type = SETTING_FLAG,
	.offset = offsetof(struct values, flag),
	.words = off_on };
static const struct setting choice_setting = { .name = "T_CHOICE",
	.type = SETTING_CHOICE,
	.offset = offsetof(struct values, colour),
	.words = colours };

#define BAD (-1)

static void
check_numbers(const struct setting *setting, const char *text, int64_t expected)
{
	struct values values = { .number = BAD };
	const char *why = setting_store(setting, &values, text);

	if ((why != NULL) != (expected == BAD) || values.number != expected)
		fail_msg("%s=%s: %s, %lld", setting->name, text,
		    why == NULL ? "taken" : why, (long long)values.number);
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *text;
		int64_t number;
	} rows[] = {
		{ "5", 5 },
		{ "0005", 5 },
		{ "9223372036854775807", INT64_MAX },
		{ "4", BAD },
		{ "", BAD },
		{ "-5", BAD },
		{ "+5", BAD },
		{ " 5", BAD },
		{ "5 ", BAD },
		{ "5x", BAD },
		{ "0x10", BAD },
		{ "5.0", BAD },
		{ "9223372036854775808", BAD },
		{ "99999999999999999999999999", BAD },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_numbers(&number_setting, rows[i].text, rows[i].number);
}

static void
test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "100ms", 100 },
		{ "1500ms", 1500 },
		{ "2s", 2000 },
		{ "2", 2000 },
		{ "3m", 180000 },
		{ "4h", 14400000 },
		{ "30d", 2592000000 },
		{ "99ms", BAD },
		{ "31d", BAD },
		{ "0", BAD },
		{ "2x", BAD },
		{ "2 s", BAD },
		{ "s", BAD },
		{ "1.5s", BAD },
		{ "-2s", BAD },
		{ "2S", BAD },
		{ "2sec", BAD },
		{ "1h30m", BAD },
		{ "9223372036854775800d", BAD },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_numbers(&duration_setting, rows[i].text, rows[i].ms);
}

static void
test_words(void **state)
{
	struct values values = { .flag = true, .colour = BLUE };

	(void)state;
	assert_null(setting_store(&flag_setting, &values, "off"));
	assert_false(values.flag);
	assert_null(setting_store(&flag_setting, &values, "on"));
	assert_true(values.flag);
	assert_non_null(setting_store(&flag_setting, &values, "yes"));
	assert_non_null(setting_store(&flag_setting, &values, "OFF"));
	assert_non_null(setting_store(&flag_setting, &values, ""));
	assert_true(values.flag);
	assert_null(setting_store(&choice_setting, &values, "green"));
	assert_int_equal(values.colour, GREEN);
	assert_non_null(setting_store(&choice_setting, &values, "gree"));
	assert_int_equal(values.colour, GREEN);
}

static void
test_text(void **state)
{
	struct values values = { 0 };

	(void)state;
	assert_null(setting_store(&text_setting, &values, "first"));
	assert_null(setting_store(&text_setting, &values, "1234567890"));
	assert_string_equal(values.text, "1234567890");
	assert_non_null(setting_store(&text_setting, &values, "12345678901"));
	assert_non_null(setting_store(&text_setting, &values, "a\nb"));
	assert_non_null(setting_store(&text_setting, &values, "a\x7f"));
	assert_string_equal(values.text, "1234567890");
	free(values.text);
}

/* Loads, and compares the line of faults. */
static void
check_load(const struct setting *setting, struct values *values, int result,
    const char *expected)
{
	char *faults = NULL;
	size_t size;
	FILE *out = open_memstream(&faults, &size);

	assert_non_null(out);
	assert_int_equal(setting_load(setting, values, out), result);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(faults, expected);
	free(faults);
}

static void
test_load(void **state)
{
	struct values values = { .number = 7 };

	(void)state;
	unsetenv("T_DURATION");
	check_load(&duration_setting, &values, 0, "");
	setenv("T_DURATION", "", 1);
	check_load(&duration_setting, &values, 0, "");
	assert_int_equal(values.number, 7);
	setenv("T_DURATION", "1m", 1);
	check_load(&duration_setting, &values, 1, "");
	assert_int_equal(values.number, 60000);
	setenv("T_DURATION", "2x\n\x1b[0m", 1);
	check_load(&duration_setting, &values, -1,
	    "T_DURATION: '2x\\n\\x1b[0m' is not a duration (a number with ms, "
	    "s, m, h or d): it takes a duration, 100ms to 30d\n");
	setenv("T_CHOICE", "pink", 1);
	check_load(&choice_setting, &values, -1,
	    "T_CHOICE: 'pink' is not known: it takes red | green | blue\n");
	setenv("T_TEXT_FILE", "/nowhere", 1); /* not a secret: not looked at */
	check_load(&text_setting, &values, 0, "");
}

/* Writes `text` to a new file and names it in T_SECRET_FILE. */
static void
put_secret(char path[32], const char *text, size_t len)
{
	int fd;

	memcpy(path, "/tmp/postrider-XXXXXX", 22);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	unsetenv("T_SECRET");
	setenv("T_SECRET_FILE", path, 1);
}

static void
test_secret_file(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *secret; /* NULL: refused */
	} rows[] = {
		{ "hunter2", 7, "hunter2" },
		{ "hunter2\n", 8, "hunter2" },
		{ "hunter2 ", 8, "hunter2 " },
		{ "hunter2\n\n", 9, NULL }, /* one newline only */
		{ "hun\0ter2", 8, NULL },
		{ "\n", 1, NULL },
		{ "", 0, NULL },
	};
	struct values values = { 0 };
	char path[32], *faults;
	size_t i, size;
	FILE *out;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_secret(path, rows[i].text, rows[i].len);
		out = open_memstream(&faults, &size);
		assert_non_null(out);
		assert_int_equal(setting_load(&secret_setting, &values, out),
		    rows[i].secret == NULL ? -1 : 1);
		assert_int_equal(fclose(out), 0);
		if (rows[i].secret != NULL)
			assert_string_equal(values.text, rows[i].secret);
		else
			assert_memory_equal(faults, "T_SECRET", 8);
		assert_null(strstr(faults, "hun"));
		free(faults);
		assert_int_equal(unlink(path), 0);
	}
	free(values.text);
}

static void
test_secret_faults(void **state)
{
	struct values values = { 0 };

	(void)state;
	setenv("T_SECRET", "hunter2", 1);
	setenv("T_SECRET_FILE", "/nowhere/x", 1);
	check_load(&secret_setting, &values, -1,
	    "T_SECRET_FILE: is set, and so is the setting itself\n");
	unsetenv("T_SECRET");
	check_load(&secret_setting, &values, -1,
	    "T_SECRET_FILE: '/nowhere/x' cannot be read: No such file or directory\n");
	setenv("T_SECRET_FILE", "/", 1);
	check_load(&secret_setting, &values, -1,
	    "T_SECRET_FILE: '/' cannot be read: Is a directory\n");
	setenv("T_SECRET_FILE", "/dev/zero", 1);
	check_load(&secret_setting, &values, -1,
	    "T_SECRET_FILE: '/dev/zero' is larger than 64 KiB\n");
	setenv("T_SECRET_FILE", "", 1);
	check_load(&secret_setting, &values, 0, "");
	setenv("T_SECRET", "hunter2\n", 1);
	check_load(&secret_setting, &values, -1,
	    "T_SECRET: has a control character\n");
	assert_null(values.text);
}

static void
test_credential(void **state)
{
	char folder[] = "/tmp/postrider-XXXXXX", path[64];
	struct buffer now = { 0 };
	struct values values = { 0 };
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	unsetenv("T_SECRET");
	unsetenv("T_SECRET_FILE");
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	check_load(&secret_setting, &values, 0, ""); /* there is none */
	snprintf(path, sizeof(path), "%s/T_SECRET", folder);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs("hunter2\n", file);
	assert_int_equal(fclose(file), 0);
	check_load(&secret_setting, &values, 1, "");
	assert_string_equal(values.text, "hunter2");
	assert_int_equal(setting_read_secret(&secret_setting, &now), 1);
	assert_string_equal(now.data, "hunter2");
	setenv("T_SECRET", "hunter3", 1);
	check_load(&secret_setting, &values, -1,
	    "credential T_SECRET: is set, and so is the setting itself\n");
	unsetenv("T_SECRET");
	setenv("T_TEXT", "plain", 1); /* no secret: not looked for there */
	check_load(&text_setting, &values, 1, "");
	unsetenv("T_TEXT");
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	buffer_free(&now);
	free(values.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_credential),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_secret_file),
		cmocka_unit_test(test_secret_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
