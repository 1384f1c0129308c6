/* SPDX-License-Identifier: MIT */
/* Reads one setting out of the environment or a secret's file. */
#include "setting.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"

#define SECRET_MAX 65536 /* bytes in a secret's file */
#define SHOWN_MAX 200 /* bytes of a wrong value that a fault shows */

/* Longest first; the last one measures what fits no other. */
static const struct {
	const char *name;
	int64_t ms;
} units[] = {
	{ "d", 86400000 },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
};
#define UNITS (sizeof(units) / sizeof(units[0]))

/* Digits at *text, which is moved behind them. 0, or -1. */
static int
read_number(const char **text, int64_t *number)
{
	const char *at = *text;
	int64_t value = 0;

	for (; *at >= '0' && *at <= '9'; at++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *at - '0', &value))
			return -1;
	}
	if (at == *text)
		return -1;
	*text = at;
	*number = value;
	return 0;
}

static const char *
store_number(const struct setting *setting, int64_t *place, const char *text)
{
	int64_t number;

	if (read_number(&text, &number) < 0 || *text != '\0')
		return "is not a whole number";
	if (number < setting->min || number > setting->max)
		return "is out of range";
	*place = number;
	return NULL;
}

static const char *
store_duration(const struct setting *setting, int64_t *place, const char *text)
{
	static const char not_one[] =
	    "is not a duration (a number with ms, s, m, h or d)";
	int64_t number;
	int64_t unit = 1000; /* a bare number is seconds */
	size_t i;

	if (read_number(&text, &number) < 0)
		return not_one;
	if (*text != '\0') {
		for (i = 0; i < UNITS && strcmp(text, units[i].name) != 0; i++)
			;
		if (i == UNITS)
			return not_one;
		unit = units[i].ms;
	}
	if (number > INT64_MAX / unit || number * unit < setting->min ||
	    number * unit > setting->max)
		return "is out of range";
	*place = number * unit;
	return NULL;
}

/* The place of `text` in the words, or -1. */
static int
find_word(const struct setting *setting, const char *text)
{
	int i;

	for (i = 0; setting->words[i] != NULL; i++)
		if (strcmp(setting->words[i], text) == 0)
			return i;
	return -1;
}

/* What is wrong with it, or NULL. */
static const char *
check_text(const struct setting *setting, const char *text)
{
	const char *at;

	for (at = text; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return "has a control character";
	if (setting->max > 0 && at - text > setting->max)
		return "is too long";
	return NULL;
}

static const char *
store_text(const struct setting *setting, char **place, const char *text)
{
	const char *why = check_text(setting, text);
	char *copy;

	if (why != NULL)
		return why;
	copy = strdup(text);
	if (copy == NULL)
		abort();
	free(*place);
	*place = copy;
	return NULL;
}

const char *
setting_store(const struct setting *setting, void *values, const char *text)
{
	void *place = (char *)values + setting->offset;
	int word;

	switch (setting->type) {
	case SETTING_TEXT:
		return store_text(setting, place, text);
	case SETTING_NUMBER:
		return store_number(setting, place, text);
	case SETTING_DURATION:
		return store_duration(setting, place, text);
	case SETTING_CHOICE:
	case SETTING_FLAG:
		word = find_word(setting, text);
		if (word < 0)
			return "is not known";
		if (setting->type == SETTING_FLAG)
			*(bool *)place = word == 1;
		else /* our enums are as wide as int; config.c asserts it */
			memcpy(place, &word, sizeof(word));
		return NULL;
	case SETTING_TYPE__MAX:
		break;
	}
	abort();
}

/* A range's bound in the largest unit that says it exactly. */
static void
print_bound(const struct setting *setting, int64_t bound, FILE *out)
{
	size_t i;

	if (setting->type == SETTING_NUMBER || bound == 0) {
		fprintf(out, "%" PRId64, bound);
		return;
	}
	for (i = 0; bound % units[i].ms != 0; i++)
		;
	fprintf(out, "%" PRId64 "%s", bound / units[i].ms, units[i].name);
}

void
setting_describe(const struct setting *setting, FILE *out)
{
	static const char *const kinds[SETTING_TYPE__MAX] = {
		[SETTING_TEXT] = "text",
		[SETTING_NUMBER] = "a number, ",
		[SETTING_DURATION] = "a duration, ",
		[SETTING_CHOICE] = "",
		[SETTING_FLAG] = "",
	};
	int i;

	fputs(kinds[setting->type], out);
	if (setting->words != NULL) {
		for (i = 0; setting->words[i] != NULL; i++)
			fprintf(out, "%s%s", i == 0 ? "" : " | ",
			    setting->words[i]);
	} else if (setting->type != SETTING_TEXT) {
		print_bound(setting, setting->min, out);
		fputs(" to ", out);
		print_bound(setting, setting->max, out);
	}
}

void
setting_fault(const char *name, const char *value, const char *why,
    FILE *faults)
{
	struct buffer shown = { 0 };

	fprintf(faults, "%s: ", name);
	if (value != NULL) {
		buffer_add_escaped(&shown, value, strlen(value), SHOWN_MAX);
		fprintf(faults, "'%s' ", shown.data);
		buffer_free(&shown);
	}
	fprintf(faults, "%s\n", why);
}

/* What setting_store() said, and for most types what it would have taken. */
static void
store_fault(const struct setting *setting, const char *text, const char *why,
    FILE *faults)
{
	char *hint = NULL;
	size_t size;
	FILE *out = open_memstream(&hint, &size);

	if (out == NULL)
		abort();
	fputs(why, out);
	if (setting->type != SETTING_TEXT) {
		fputs(": it takes ", out);
		setting_describe(setting, out);
	}
	if (fclose(out) != 0)
		abort();
	setting_fault(setting->name, setting->secret ? NULL : text, hint,
	    faults);
	free(hint);
}

/* The whole file less one newline at its end; NULL: `why` says it. */
static char *
read_file(const char *path, struct buffer *why)
{
	char *text = calloc(1, SECRET_MAX + 1);
	FILE *file = fopen(path, "re");
	size_t len = 0;

	if (text == NULL)
		abort();
	if (file != NULL)
		len = fread(text, 1, SECRET_MAX + 1, file);
	if (file == NULL || ferror(file))
		buffer_printf(why, "cannot be read: %s", strerror(errno));
	else if (len > SECRET_MAX)
		buffer_add_text(why, "is larger than 64 KiB");
	else if (memchr(text, '\0', len) != NULL)
		buffer_add_text(why, "has a NUL byte");
	else if (len == 0 || strcmp(text, "\n") == 0)
		buffer_add_text(why, "is empty");
	else if (text[len - 1] == '\n')
		text[len - 1] = '\0';
	if (file != NULL)
		(void)fclose(file); /* only read */
	if (why->len > 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* getenv(3), with an empty value as none. */
static const char *
read_variable(const char *name)
{
	const char *text = getenv(name);

	return text == NULL || *text == '\0' ? NULL : text;
}

/*
 * Where a secret's file is, and what a fault calls it: NAME_FILE says it, or it
 * is systemd's credential of that name (systemd.exec(5), LoadCredential=).
 * false: it has none.
 */
struct secret_file {
	struct buffer name, path;
};

static bool
find_file(const struct setting *setting, struct secret_file *file)
{
	const char *path, *folder = read_variable("CREDENTIALS_DIRECTORY");

	memset(file, 0, sizeof(*file));
	if (!setting->secret)
		return false;
	buffer_printf(&file->name, "%s_FILE", setting->name);
	path = read_variable(file->name.data);
	if (path != NULL) {
		buffer_add_text(&file->path, path);
		return true;
	}
	if (folder == NULL)
		return false;
	buffer_clear(&file->name);
	buffer_printf(&file->name, "credential %s", setting->name);
	buffer_printf(&file->path, "%s/%s", folder, setting->name);
	return access(file->path.data, F_OK) == 0;
}

static void
secret_file_free(struct secret_file *file)
{
	buffer_free(&file->name);
	buffer_free(&file->path);
}

/* The value of a secret out of its file; -1: a fault. */
static int
load_secret(const struct setting *setting, void *values,
    const struct secret_file *file, FILE *faults)
{
	struct buffer fault = { 0 };
	char *text = read_file(file->path.data, &fault);
	const char *why;

	if (text == NULL) {
		setting_fault(file->name.data, file->path.data, fault.data,
		    faults);
		buffer_free(&fault);
		return -1;
	}
	why = setting_store(setting, values, text);
	if (why != NULL)
		store_fault(setting, NULL, why, faults);
	explicit_bzero(text, strlen(text));
	free(text);
	return why == NULL ? 1 : -1;
}

int
setting_load(const struct setting *setting, void *values, FILE *faults)
{
	const char *text = read_variable(setting->name);
	struct secret_file file;
	const bool has_file = find_file(setting, &file);
	const char *why;
	int result = 0;

	if (has_file && text == NULL) {
		result = load_secret(setting, values, &file, faults);
	} else if (has_file) {
		setting_fault(file.name.data, NULL,
		    "is set, and so is the setting itself", faults);
		result = -1;
	} else if (text != NULL) {
		why = setting_store(setting, values, text);
		if (why != NULL)
			store_fault(setting, text, why, faults);
		result = why == NULL ? 1 : -1;
	}
	secret_file_free(&file);
	return result;
}

int
setting_read_file(const struct setting *setting, const char *name,
    const char *path, struct buffer *text)
{
	struct buffer fault = { 0 };
	char *secret = read_file(path, &fault);
	const char *why =
	    secret == NULL ? fault.data : check_text(setting, secret);

	if (why == NULL)
		buffer_add_text(text, secret);
	else
		buffer_printf(text, "%s %s", name, why);
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	free(secret);
	buffer_free(&fault);
	return why == NULL ? 1 : -1;
}

int
setting_read_secret(const struct setting *setting, struct buffer *text)
{
	struct secret_file file;
	int result = 0;

	if (find_file(setting, &file))
		result = setting_read_file(setting, file.name.data,
		    file.path.data, text);
	secret_file_free(&file);
	return result;
}

void
setting_load_fallback(const struct setting *setting, void *values)
{
	struct buffer text = { 0 };

	if (setting->fallback != NULL)
		buffer_add_text(&text, setting->fallback);
	else
		setting->compute(values, &text);
	if (setting_store(setting, values, text.data) != NULL)
		abort(); /* the table is wrong; its unit test finds it */
	buffer_free(&text);
}
