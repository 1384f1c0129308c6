/* SPDX-License-Identifier: MIT */
/* Reads SMTP_RELAYS. */
#include "relay_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "ca_path.h"
#include "config_check.h"
#include "setting.h"

#define SMTP_PORT_USUAL 25
#define SMTPS_PORT 465

/* One entry being read. */
struct reading {
	const struct config *config; /* the worker's */
	struct relay_entry *entry;
	char *text; /* as it was given, for faults */
	const char *where; /* "SMTP_RELAYS", or "<file>:<line>" */
	FILE *faults;
	int found;
	bool tls, tokens; /* given */
};

static void
fault(struct reading *reading, const char *why)
{
	setting_fault(reading->where, reading->text, why, reading->faults);
	reading->found++;
}

static char *
copy_text(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		abort();
	return copy;
}

static void
replace(char **text, const char *with)
{
	free(*text);
	*text = copy_text(with);
}

/* -- the values ------------------------------------------------------------ */

static void
read_weight(struct reading *reading, const char *value)
{
	static const struct setting row = { .type = SETTING_NUMBER,
		.offset = offsetof(struct relay_entry, weight),
		.max = 1000 };

	if (setting_store(&row, reading->entry, value) != NULL)
		fault(reading, "has a weight that is not 0 to 1000");
}

static void
read_domain(struct reading *reading, const char *value)
{
	struct relay_entry *entry = reading->entry;
	char domain[DOMAIN_MAX + 1];

	if (domain_normalize(value, strlen(value), domain) != ADDRESS_OK) {
		fault(reading, "has a domain that is none");
		return;
	}
	entry->domains = realloc(entry->domains,
	    (entry->domains_len + 1) * sizeof(*entry->domains));
	if (entry->domains == NULL)
		abort();
	entry->domains[entry->domains_len++] = copy_text(domain);
}

static void
read_tls(struct reading *reading, const char *value)
{
	if (config_read_tls(&reading->entry->config, value) == -1)
		fault(reading,
		    "has a tls that is not off, opportunistic, required or "
		    "implicit");
	reading->tls = true;
}

static void
read_auth(struct reading *reading, const char *value)
{
	if (config_read_auth(&reading->entry->config, value) == -1)
		fault(reading,
		    "has an auth that is not auto, plain, login or xoauth2");
}

static void
read_secret(struct reading *reading, char **secret, const char *path)
{
	struct config *config = &reading->entry->config;
	struct buffer text = { 0 };

	if (config->smtp_secret_file != NULL)
		fault(reading, "has more than one password_file or token_file");
	replace(&config->smtp_secret_file, path);
	if (config_read_secret(config, "SMTP_PASSWORD", &text) == -1)
		fault(reading, text.data);
	else
		replace(secret, text.data != NULL ? text.data : "");
	if (text.data != NULL)
		explicit_bzero(text.data, text.len);
	buffer_free(&text);
}

static void
read_password(struct reading *reading, const char *path)
{
	read_secret(reading, &reading->entry->config.smtp_password, path);
}

static void
read_token(struct reading *reading, const char *path)
{
	read_secret(reading, &reading->entry->config.smtp_token, path);
}

static void
read_ca(struct reading *reading, const char *path)
{
	const char *why = ca_path_check(path);

	if (why != NULL)
		fault(reading, why);
	replace(&reading->entry->config.smtp_ca, path);
}

static void
read_connections(struct reading *reading, const char *value)
{
	static const struct setting row = { .type = SETTING_NUMBER,
		.offset = offsetof(struct config, smtp_connections),
		.min = 1,
		.max = 1000 };

	if (setting_store(&row, &reading->entry->config, value) != NULL)
		fault(reading, "has connections that are not 1 to 1000");
}

static void
read_name(struct reading *reading, const char *value)
{
	if (value[0] == '\0' || strlen(value) > 64)
		fault(reading, "has a name that is not 1 to 64 bytes");
	replace(&reading->entry->name, value);
}

static const struct {
	const char *name;
	void (*read)(struct reading *, const char *value);
} parameters[] = {
	{ "weight", read_weight },
	{ "domain", read_domain },
	{ "tls", read_tls },
	{ "auth", read_auth },
	{ "password_file", read_password },
	{ "token_file", read_token },
	{ "ca", read_ca },
	{ "connections", read_connections },
	{ "name", read_name },
};

static void
read_parameter(struct reading *reading, char *text)
{
	char *value = strchr(text, '=');
	size_t i;

	if (value != NULL)
		*value++ = '\0';
	for (i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		if (strcmp(parameters[i].name, text) == 0)
			break;
	if (i == sizeof(parameters) / sizeof(parameters[0]))
		fault(reading,
		    "has a parameter that is none of weight, domain, tls, "
		    "auth, password_file, token_file, ca, connections, name");
	else
		parameters[i].read(reading, value != NULL ? value : "");
}

/* -- the URL --------------------------------------------------------------- */

/* host, host:port, [v6] or [v6]:port */
static void
read_place(struct reading *reading, char *text)
{
	static const struct setting row = { .type = SETTING_NUMBER,
		.offset = offsetof(struct config, smtp_port),
		.min = 1,
		.max = 65535 };
	struct config *config = &reading->entry->config;
	char *host = text, *end = strchr(text, ':');

	if (*text == '[') {
		host++;
		end = strchr(text, ']');
		if (end != NULL)
			*end++ = '\0';
	}
	if (end != NULL && *end == ':') {
		*end = '\0';
		if (setting_store(&row, config, end + 1) != NULL)
			fault(reading, "has a port that is not 1 to 65535");
	} else if (*text == '[' && (end == NULL || *end != '\0')) {
		fault(reading, "has an address without its brackets");
	}
	if (!config_is_host(host))
		fault(reading,
		    "has a host that is neither a name nor an IP "
		    "address");
	replace(&config->smtp_host, host);
}

static void
check_login(struct reading *reading)
{
	struct config *config = &reading->entry->config;
	const bool user = config->smtp_username[0] != '\0';

	if (user != (config->smtp_secret_file != NULL))
		fault(reading,
		    "needs both a user and a password_file or "
		    "token_file, or neither");
	if (!reading->tls && config->smtp_port == SMTPS_PORT)
		config->smtp_tls = SMTP_TLS_IMPLICIT;
	else if (!reading->tls)
		config->smtp_tls =
		    user ? SMTP_TLS_REQUIRED : SMTP_TLS_OPPORTUNISTIC;
}

/* No other relay's login: this one's are its own. */
static void
begin(struct reading *reading)
{
	struct config *config = &reading->entry->config;

	memset(reading->entry, 0, sizeof(*reading->entry));
	*config = *reading->config;
	config->smtp_host = copy_text("");
	config->smtp_username = copy_text("");
	config->smtp_password = copy_text("");
	config->smtp_token = copy_text("");
	config->smtp_ca = copy_text(reading->config->smtp_ca);
	config->smtp_port = SMTP_PORT_USUAL;
	config->smtp_auth = SMTP_AUTH_AUTO;
	reading->entry->weight = 1;
}

/* `url` is changed. */
static void
read_url(struct reading *reading, char *url)
{
	struct config *config = &reading->entry->config;
	char *rest, *at, *parameter, *next;

	begin(reading);
	if (strncmp(url, "smtps://", 8) == 0) {
		config->smtp_tls = SMTP_TLS_IMPLICIT;
		config->smtp_port = SMTPS_PORT;
		reading->tls = true;
	} else if (strncmp(url, "smtp://", 7) != 0) {
		fault(reading, "is no smtp:// or smtps:// URL");
		return;
	}
	rest = strstr(url, "://") + 3;
	next = strchr(rest, '?');
	if (next != NULL)
		*next++ = '\0';
	at = strrchr(rest, '@');
	if (at != NULL) {
		*at = '\0';
		replace(&config->smtp_username, rest);
		rest = at + 1;
	}
	read_place(reading, rest);
	while ((parameter = strsep(&next, "&")) != NULL)
		read_parameter(reading, parameter);
	check_login(reading);
}

static void
name_by_place(struct relay_entry *entry)
{
	struct buffer name = { 0 };

	buffer_printf(&name,
	    strchr(entry->config.smtp_host, ':') ? "[%s]:%lld" : "%s:%lld",
	    entry->config.smtp_host, (long long)entry->config.smtp_port);
	entry->name = buffer_take(&name);
}

/* -- the list -------------------------------------------------------------- */

static int
read_entry(struct relay_list *list, const struct config *config,
    const char *where, const char *text, FILE *faults)
{
	char *url;
	struct reading reading = { .config = config,
		.where = where,
		.faults = faults };

	if (list->len == RELAY_LIST_MAX) {
		setting_fault(where, NULL, "has more than 32 relays", faults);
		return 1;
	}
	reading.entry = &list->entries[list->len++];
	reading.text = copy_text(text);
	url = copy_text(text);
	read_url(&reading, url);
	if (reading.entry->name == NULL)
		name_by_place(reading.entry);
	free(url);
	free(reading.text);
	return reading.found;
}

static int
read_lines(struct relay_list *list, const struct config *config, FILE *file,
    FILE *faults)
{
	struct buffer where = { 0 };
	char *line = NULL, *text, *end;
	size_t size = 0;
	int number, found = 0;

	for (number = 1; getline(&line, &size, file) != -1; number++) {
		text = line + strspn(line, " \t");
		end = text + strcspn(text, " \t\r\n");
		if (*text == '#' || end == text)
			continue;
		*end = '\0';
		buffer_clear(&where);
		buffer_printf(&where, "SMTP_RELAYS: %s:%d", config->smtp_relays,
		    number);
		found += read_entry(list, config, where.data, text, faults);
	}
	free(line);
	buffer_free(&where);
	return found;
}

static int
read_file(struct relay_list *list, const struct config *config, FILE *faults)
{
	FILE *file = fopen(config->smtp_relays, "re");
	int found;

	if (file == NULL) {
		setting_fault("SMTP_RELAYS", config->smtp_relays,
		    strerror(errno), faults);
		return 1;
	}
	found = read_lines(list, config, file, faults);
	(void)fclose(file); /* it was read */
	return found;
}

static int
read_comma_list(struct relay_list *list, const struct config *config,
    FILE *faults)
{
	char *all = copy_text(config->smtp_relays), *rest = all, *text;
	int found = 0;

	while ((text = strsep(&rest, ",")) != NULL) {
		text += strspn(text, " ");
		text[strcspn(text, " ")] = '\0';
		found += read_entry(list, config, "SMTP_RELAYS", text, faults);
	}
	free(all);
	return found;
}

/* The one of SMTP_HOST: the worker's settings are its own. */
static void
add_only(struct relay_list *list, const struct config *config)
{
	struct relay_entry *entry = &list->entries[list->len++];

	entry->config = *config;
	entry->weight = 1;
	name_by_place(entry);
}

static int
check_whole(const struct relay_list *list, FILE *faults)
{
	size_t i, k;
	int found = 0;
	bool general = false;

	for (i = 0; i < list->len; i++) {
		general = general || list->entries[i].domains_len == 0;
		for (k = 0; k < i; k++)
			if (strcmp(list->entries[i].name,
				list->entries[k].name) == 0)
				break;
		if (k == i)
			continue;
		setting_fault("SMTP_RELAYS", list->entries[i].name,
		    "is there twice: give one a name=", faults);
		found++;
	}
	if (!general) {
		setting_fault("SMTP_RELAYS", NULL,
		    "has no relay for all domains: one without domain= is "
		    "needed",
		    faults);
		found++;
	}
	return found;
}

int
relay_list_load(struct relay_list *list, const struct config *config,
    FILE *faults)
{
	int found;

	memset(list, 0, sizeof(*list));
	if (config->smtp_relays[0] == '\0') {
		add_only(list, config);
		return 0;
	}
	found = config->smtp_relays[0] == '/' ?
	    read_file(list, config, faults) :
	    read_comma_list(list, config, faults);
	if (found == 0)
		found = check_whole(list, faults);
	return found == 0 ? 0 : -1;
}

static void
free_config(struct config *config)
{
	free(config->smtp_host);
	free(config->smtp_username);
	if (config->smtp_password != NULL)
		explicit_bzero(config->smtp_password,
		    strlen(config->smtp_password));
	free(config->smtp_password);
	if (config->smtp_token != NULL)
		explicit_bzero(config->smtp_token, strlen(config->smtp_token));
	free(config->smtp_token);
	free(config->smtp_secret_file);
	free(config->smtp_ca);
}

void
relay_list_free(struct relay_list *list)
{
	struct relay_entry *entry;
	size_t i, k;

	for (i = 0; i < list->len; i++) {
		entry = &list->entries[i];
		for (k = 0; k < entry->domains_len; k++)
			free(entry->domains[k]);
		free(entry->domains);
		free(entry->name);
		if (entry->config.smtp_relays[0] != '\0')
			free_config(&entry->config);
	}
	list->len = 0;
}

relay_set
relay_list_route(const struct relay_list *list, const char *domain)
{
	relay_set own = 0, general = 0;
	const struct relay_entry *entry;
	size_t i, k;

	for (i = 0; i < list->len; i++) {
		entry = &list->entries[i];
		if (entry->domains_len == 0)
			general |= (relay_set)1 << i;
		for (k = 0; k < entry->domains_len; k++)
			if (strcmp(entry->domains[k], domain) == 0)
				own |= (relay_set)1 << i;
	}
	return own != 0 ? own : general;
}
