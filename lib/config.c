/* SPDX-License-Identifier: MIT */
/* Reads all settings by their table; knows only those by name that are read again. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "config_check.h"
#include "config_table.h"

int
config_load(struct config *config, enum config_program program, FILE *faults)
{
	int found = 0, got;
	size_t i;

	memset(config, 0, sizeof(*config));
	for (i = 0; i < config_settings_len; i++) {
		got = 0;
		if (config_settings[i].programs & program)
			got = setting_load(&config_settings[i], config, faults);
		if (got <= 0) /* also after a fault: rules need a value */
			setting_load_fallback(&config_settings[i], config);
		found += got < 0;
	}
	found += config_check(config, program, faults);
	return found == 0 ? 0 : -1;
}

static const struct setting *
find_setting(const char *name)
{
	size_t i = 0;

	while (strcmp(config_settings[i].name, name) != 0)
		i++;
	return &config_settings[i];
}

int
config_read_tls(struct config *config, const char *word)
{
	return setting_store(find_setting("SMTP_TLS"), config, word) == NULL ?
	    0 :
	    -1;
}

int
config_read_auth(struct config *config, const char *word)
{
	return setting_store(find_setting("SMTP_AUTH"), config, word) == NULL ?
	    0 :
	    -1;
}

int
config_read_secret(const struct config *config, const char *name,
    struct buffer *text)
{
	const struct setting *setting = find_setting(name);
	int read;

	if (config->smtp_secret_file != NULL)
		read = setting_read_file(setting, config->smtp_secret_file,
		    config->smtp_secret_file, text);
	else
		read = setting_read_secret(setting, text);
	if (read == 0)
		buffer_add_text(text,
		    *(char *const *)(const void *)((const char *)config +
			setting->offset));
	return read < 0 ? -1 : 0;
}

void
config_forget_environment(enum config_program program)
{
	char *text;
	size_t i;

	for (i = 0; i < config_settings_len; i++) {
		if (!config_settings[i].secret)
			continue;
		text = getenv(config_settings[i].name);
		if (text == NULL || *text == '\0')
			continue;
		explicit_bzero(text, strlen(text));
		if (config_settings[i].programs == CONFIG_WORKER &&
		    (program & CONFIG_WORKER) == 0)
			log_warning("a secret of the worker is in the "
				    "environment of another program",
			    "setting", config_settings[i].name, NULL);
	}
}

void
config_free(struct config *config)
{
	size_t i;
	char **text;

	for (i = 0; i < config_settings_len; i++) {
		if (config_settings[i].type != SETTING_TEXT)
			continue;
		text = (char **)(void *)((char *)config +
		    config_settings[i].offset);
		if (*text != NULL && config_settings[i].secret)
			explicit_bzero(*text, strlen(*text));
		free(*text);
	}
	memset(config, 0, sizeof(*config));
}

void
config_print(enum config_program program, FILE *out)
{
	const struct setting *setting;
	const char *fallback;
	size_t i;

	for (i = 0; i < config_settings_len; i++) {
		setting = &config_settings[i];
		if (!(setting->programs & program))
			continue;
		fallback = setting->fallback;
		if (fallback == NULL)
			fallback = setting->computed;
		else if (*fallback == '\0')
			fallback = "none";
		fprintf(out, "  %s%s: ", setting->name,
		    setting->secret ? " or its _FILE" : "");
		setting_describe(setting, out);
		fprintf(out, "; default %s\n      %s\n", fallback,
		    setting->help);
	}
}
