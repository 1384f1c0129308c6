/* SPDX-License-Identifier: MIT */
/* unit.relay_list: SMTP_RELAYS, and who may take mail for whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "relay_list.h"

/* What faults there are of `text`; NULL: none, and *list is to be freed. */
static char *
load(struct relay_list *list, struct config *config, const char *text)
{
	char *faults = NULL;
	size_t size;
	FILE *out = open_memstream(&faults, &size);
	int result;

	assert_non_null(out);
	setenv("SMTP_RELAYS", text, 1);
	setenv("SMTP_CONNECTIONS", "7", 1);
	assert_int_equal(config_load(config, CONFIG_WORKER, stderr), 0);
	result = relay_list_load(list, config, out);
	fclose(out);
	if (result == 0) {
		assert_int_equal(size, 0);
		free(faults);
		return NULL;
	}
	assert_int_not_equal(size, 0);
	return faults;
}

static void
test_one_relay(void **state)
{
	struct config config;
	struct relay_list list;

	(void)state;
	setenv("SMTP_HOST", "mail.example", 1);
	assert_null(load(&list, &config, ""));
	assert_int_equal(list.len, 1);
	assert_string_equal(list.entries[0].name, "mail.example:25");
	assert_int_equal(list.entries[0].config.smtp_connections, 7);
	assert_int_equal(relay_list_route(&list, "example.com"), 1);
	relay_list_free(&list);
	config_free(&config);
	unsetenv("SMTP_HOST");
}

static void
write_secret(char path[32])
{
	int fd;

	snprintf(path, 32, "/tmp/relay-list-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd != -1);
	assert_int_equal(write(fd, "secret\n", 7), 7);
	close(fd);
}

static void
test_what_is_set(void **state)
{
	struct config config;
	struct relay_list list;
	const struct relay_entry *e = list.entries;
	char path[32], text[256];

	(void)state;
	write_secret(path);
	snprintf(text, sizeof(text),
	    "smtp://me@example.com@a.example:587?password_file=%s&weight=5"
	    "&connections=3&name=first,"
	    " smtps://[2001:db8::1]?weight=0&tls=off, smtp://c.example",
	    path);
	assert_null(load(&list, &config, text));
	assert_int_equal(list.len, 3);
	assert_string_equal(e[0].name, "first");
	assert_string_equal(e[0].config.smtp_host, "a.example");
	assert_string_equal(e[0].config.smtp_username, "me@example.com");
	assert_string_equal(e[0].config.smtp_password, "secret");
	assert_int_equal(e[0].config.smtp_port, 587);
	assert_int_equal(e[0].config.smtp_tls, SMTP_TLS_REQUIRED);
	assert_int_equal(e[0].config.smtp_connections, 3);
	assert_int_equal(e[0].weight, 5);
	assert_string_equal(e[1].name, "[2001:db8::1]:465");
	assert_int_equal(e[1].config.smtp_tls, SMTP_TLS_OFF);
	assert_int_equal(e[1].weight, 0);
	assert_string_equal(e[2].name, "c.example:25");
	assert_string_equal(e[2].config.smtp_username, "");
	assert_int_equal(e[2].config.smtp_tls, SMTP_TLS_OPPORTUNISTIC);
	assert_int_equal(e[2].config.smtp_connections, 7);
	relay_list_free(&list);
	config_free(&config);
	unlink(path);
}

static void
test_routes(void **state)
{
	struct config config;
	struct relay_list list;

	(void)state;
	assert_null(load(&list, &config,
	    "smtp://a,smtp://b?domain=X.example&domain=y.example,"
	    "smtp://c?domain=x.example,smtp://d"));
	assert_int_equal(relay_list_route(&list, "x.example"), 6);
	assert_int_equal(relay_list_route(&list, "y.example"), 2);
	assert_int_equal(relay_list_route(&list, "sub.x.example"), 9);
	assert_int_equal(relay_list_route(&list, ""), 9);
	relay_list_free(&list);
	config_free(&config);
}

static void
test_faults(void **state)
{
	static const struct {
		const char *text, *fault;
	} rows[] = {
		{ "imap://a", "is no smtp:// or smtps:// URL" },
		{ "a.example", "is no smtp:// or smtps:// URL" },
		{ "smtp://", "has a host" },
		{ "smtp://a:70000", "has a port" },
		{ "smtp://[::1", "without its brackets" },
		{ "smtp://a?weight=-1", "has a weight" },
		{ "smtp://a?weight", "has a weight" },
		{ "smtp://a?domain=-", "has a domain" },
		{ "smtp://a?tls=yes", "has a tls" },
		{ "smtp://a?auth=ntlm", "has an auth" },
		{ "smtp://a?connections=0", "has connections" },
		{ "smtp://a?name=", "has a name" },
		{ "smtp://a?port=25", "has a parameter" },
		{ "smtp://me@a", "needs both" },
		{ "smtp://a,smtp://a", "is there twice" },
		{ "smtp://a?domain=b.example", "for all domains" },
		{ "/no/such/file", "No such file" },
	};
	struct config config;
	struct relay_list list;
	char *said;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		said = load(&list, &config, rows[i].text);
		if (rows[i].fault[0] != '\0') {
			assert_non_null(said);
			if (strstr(said, rows[i].fault) == NULL)
				fail_msg("%s: %s", rows[i].text, said);
		}
		free(said);
		relay_list_free(&list);
		config_free(&config);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_relay),
		cmocka_unit_test(test_what_is_set),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
