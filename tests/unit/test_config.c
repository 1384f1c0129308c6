/* SPDX-License-Identifier: MIT */
/* unit.config: defaults, programs, rules between settings, all faults. */
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

#include "address.h"
#include "config.h"
#include "id.h"

static struct config config;
static char *faults;

static int
clear_environment(void **state)
{
	(void)state;
	return clearenv();
}

static int
free_config(void **state)
{
	(void)state;
	config_free(&config);
	free(faults);
	faults = NULL;
	return 0;
}

static int
load(enum config_program program)
{
	size_t size;
	FILE *out;
	int result;

	free_config(NULL);
	out = open_memstream(&faults, &size);
	assert_non_null(out);
	result = config_load(&config, program, out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(result == 0, faults[0] == '\0');
	return result;
}

/* Whether a line of faults is about `name` and says `why`. */
static bool
is_faulted(const char *name, const char *why)
{
	const size_t len = strlen(name);
	const char *line, *end, *found;

	for (line = faults; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		found = strstr(line, why);
		if (strncmp(line, name, len) == 0 && line[len] == ':' &&
		    found != NULL && found < end)
			return true;
	}
	return false;
}

static void
test_defaults(void **state)
{
	(void)state;
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_string_equal(config.rabbitmq_url,
	    "amqp://guest:guest@127.0.0.1:5672/");
	assert_string_equal(config.redis_url, "redis://127.0.0.1:6379");
	assert_string_equal(config.queue, "email_tasks");
	assert_int_equal(config.redis_timeout, 2000);
	assert_int_equal(config.reconnect_base, 250);
	assert_int_equal(config.log_level, LOG_INFO);
	assert_string_equal(config.smtp_host, "localhost");
	assert_int_equal(config.smtp_port, 25);
	assert_string_equal(config.smtp_password, "");
	assert_int_equal(config.smtp_tls, SMTP_TLS_OPPORTUNISTIC);
	assert_int_equal(config.retry_for, 48 * 3600 * 1000);
	assert_int_equal(config.failed_ttl, 7 * 24 * 3600 * 1000);
	assert_true(config.on_unknown_retry);
	assert_false(config.test_addresses);
	assert_int_equal(config.port, 3002);
	assert_string_equal(config.state_directory, "/var/lib/postrider");
	assert_int_equal(load(CONFIG_API), 0);
	assert_true(config.auth_required);
	assert_int_equal(config.max_request_kb, 20480);
	assert_int_equal(config.accept_timeout, 2000);
	assert_string_equal(config.smtp_host, "localhost"); /* never NULL */
}

static void
test_computed_defaults(void **state)
{
	struct mailbox box;

	(void)state;
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_true(
	    domain_is_valid(config.smtp_ehlo, strlen(config.smtp_ehlo)));
	assert_true(id_is_valid(config.instance, strlen(config.instance)));
	assert_int_equal(mailbox_parse(&box, config.smtp_from,
			     strlen(config.smtp_from)),
	    ADDRESS_OK);
	assert_string_equal(box.name, "Postrider");
	assert_non_null(strchr(address_domain(box.address), '.'));
	mailbox_free(&box);

	setenv("SMTP_EHLO", "mail.example.org", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_string_equal(config.smtp_from,
	    "Postrider <postrider@mail.example.org>");
	setenv("SMTP_EHLO", "[127.0.0.1]", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_string_equal(config.smtp_from,
	    "Postrider <postrider@localhost.localdomain>");
}

static void
test_tls_follows_the_password(void **state)
{
	(void)state;
	setenv("SMTP_USERNAME", "me", 1);
	setenv("SMTP_PASSWORD", "hunter2", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_int_equal(config.smtp_tls, SMTP_TLS_REQUIRED);
	setenv("SMTP_TLS", "implicit", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_int_equal(config.smtp_tls, SMTP_TLS_IMPLICIT);
	setenv("SMTP_TLS", "off", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_int_equal(config.smtp_tls, SMTP_TLS_OFF);
	assert_int_equal(unsetenv("SMTP_PASSWORD"), 0);
	assert_int_equal(unsetenv("SMTP_TLS"), 0);
	setenv("SMTP_TOKEN", "hunter2", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_int_equal(config.smtp_tls, SMTP_TLS_REQUIRED);
}

/* RFC 8314 7.3 */
static void
test_tls_follows_the_port(void **state)
{
	(void)state;
	setenv("SMTP_PORT", "465", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_int_equal(config.smtp_tls, SMTP_TLS_IMPLICIT);
	setenv("SMTP_TLS", "required", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_int_equal(config.smtp_tls, SMTP_TLS_REQUIRED);
}

/* What one setting says of another, named by each. */
static void
test_login_is_whole(void **state)
{
	(void)state;
	setenv("SMTP_TOKEN", "hunter2", 1);
	assert_int_equal(load(CONFIG_WORKER), -1);
	assert_true(is_faulted("SMTP_TOKEN", "without SMTP_USERNAME"));
	setenv("SMTP_USERNAME", "me", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	setenv("SMTP_AUTH", "xoauth2", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	setenv("SMTP_AUTH", "plain", 1);
	assert_int_equal(load(CONFIG_WORKER), -1);
	assert_true(is_faulted("SMTP_AUTH", "needs SMTP_PASSWORD"));
	setenv("SMTP_PASSWORD", "hunter2", 1);
	assert_int_equal(load(CONFIG_WORKER), -1);
	assert_true(is_faulted("SMTP_TOKEN", "and so is SMTP_PASSWORD"));
	assert_int_equal(unsetenv("SMTP_TOKEN"), 0);
	assert_int_equal(load(CONFIG_WORKER), 0);
	setenv("SMTP_AUTH", "xoauth2", 1);
	assert_int_equal(load(CONFIG_WORKER), -1);
	assert_true(is_faulted("SMTP_AUTH", "needs SMTP_TOKEN"));
	assert_null(strstr(faults, "hunter2"));
}

static void
test_bounce_address(void **state)
{
	(void)state;
	setenv("BOUNCE_ADDRESS", "bounces@example.com", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	setenv("BOUNCE_ADDRESS", "Bounces <bounces@example.com>", 1);
	assert_int_equal(load(CONFIG_WORKER), -1);
	assert_true(is_faulted("BOUNCE_ADDRESS", "'Bounces <"));
	setenv("BOUNCE_ADDRESS", "j\xc3\xb6rg@example.com", 1);
	assert_int_equal(load(CONFIG_WORKER), -1);
	assert_true(is_faulted("BOUNCE_ADDRESS", "is not ASCII"));
}

static void
test_ca_is_looked_at(void **state)
{
	(void)state;
	setenv("SMTP_CA", "/dev/null", 1);
	assert_int_equal(load(CONFIG_WORKER), -1);
	assert_true(is_faulted("SMTP_CA", "checks no certificate"));
	setenv("SMTP_TLS", "required", 1);
	assert_int_equal(load(CONFIG_WORKER), -1);
	assert_true(is_faulted("SMTP_CA", "'/dev/null' has no certificate"));
}

static void
test_values_are_taken(void **state)
{
	(void)state;
	setenv("RABBITMQ_URL", "amqp://a:b@one/,amqps://a:b@two:5671/x", 1);
	setenv("SMTP_FROM", "\"Shop, Inc\" <shop@example.org>", 1);
	setenv("LOG_LEVEL", "debug", 1);
	setenv("LEASE_TTL", "1s", 1);
	setenv("RETRY_BASE", "50ms", 1);
	setenv("RETRY_FOR", "0", 1);
	setenv("ON_UNKNOWN", "hold", 1);
	setenv("TEST_ADDRESSES", "on", 1);
	setenv("SMTP_PORT", "", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_string_equal(config.rabbitmq_url,
	    "amqp://a:b@one/,amqps://a:b@two:5671/x");
	assert_string_equal(config.smtp_from,
	    "\"Shop, Inc\" <shop@example.org>");
	assert_int_equal(config.log_level, LOG_DEBUG);
	assert_int_equal(config.lease_ttl, 1000);
	assert_int_equal(config.retry_base, 50);
	assert_int_equal(config.retry_for, 0);
	assert_false(config.on_unknown_retry);
	assert_true(config.test_addresses);
	assert_int_equal(config.smtp_port, 25);
}

static void
test_other_programs_settings_are_not_read(void **state)
{
	(void)state;
	setenv("SMTP_PORT", "nonsense", 1);
	setenv("SMTP_FROM", "nonsense", 1);
	assert_int_equal(load(CONFIG_API), 0);
	assert_int_equal(config.smtp_port, 25);
	assert_int_equal(load(CONFIG_WORKER), -1);
}

static void
test_every_fault_at_once(void **state)
{
	static const struct {
		const char *name, *value, *why;
	} rows[] = {
		{ "RABBITMQ_URL", "http://x", "amqp://" },
		{ "REDIS_URL", "http://x", "" },
		{ "REDIS_TIMEOUT", "0", "'0' is out of range" },
		{ "AMQP_TIMEOUT", "2x", "'2x' is not a duration" },
		{ "AMQP_HEARTBEAT", "1500ms", "whole number of seconds" },
		{ "RECONNECT_BASE", "3s", "longer than RECONNECT_CAP" },
		{ "SMTP_RECONNECT_CAP", "2s", "shorter than RECONNECT_BASE" },
		{ "EMAIL_QUEUE", "a.b", "'a.b' is not a queue" },
		{ "LOG_LEVEL", "loud", "debug | info | warning | error" },
		{ "SMTP_HOST", "a b", "'a b' is neither" },
		{ "SMTP_PORT", "65536",
		    "out of range: it takes a number, 1 to "
		    "65535" },
		{ "SMTP_PASSWORD", "hunter2", "without SMTP_USERNAME" },
		{ "SMTP_TLS", "starttls", "'starttls' is not known" },
		{ "SMTP_EHLO", "-x", "'-x' is neither a domain" },
		{ "SMTP_FROM", "a@b@c", "'a@b@c' has a part before the @" },
		{ "SMTP_CONNECTIONS", "none", "is not a whole number" },
		{ "RETRY_BASE", "2h", "longer than RETRY_CAP" },
		{ "LEASE_TTL", "999ms", "out of range" },
		{ "TEST_ADDRESSES", "\x1b[2J", "'\\x1b[2J' is not known" },
		{ "INSTANCE", "a/b", "'a/b' may have only" },
		{ "STATE_DIRECTORY", "var", "not an absolute path" },
		{ "STATUS_HOST", "/", "'/' is neither" },
		{ "PORT", "-1", "'-1' is not a whole number" },
	};
	const char *at;
	size_t i, lines = 0;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		setenv(rows[i].name, rows[i].value, 1);
	assert_int_equal(load(CONFIG_WORKER), -1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!is_faulted(rows[i].name, rows[i].why))
			fail_msg("%s is not told in:\n%s", rows[i].name,
			    faults);
	for (at = faults; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_int_equal(lines, i);
	assert_null(strchr(faults, '\x1b'));
}

static void
test_more_rules(void **state)
{
	static const struct {
		enum config_program program;
		const char *name, *value, *why;
	} rows[] = {
		{ CONFIG_WORKER, "SMTP_USERNAME", "me", "without SMTP_PASS" },
		{ CONFIG_WORKER, "INSTANCE",
		    "12345678901234567890123456789012345678901", "too long" },
		{ CONFIG_API, "INFLIGHT_MB", "19", "MAX_REQUEST_KB" },
		{ CONFIG_API, "RABBITMQ_URL", "amqp://a/,", "comma list" },
		{ CONFIG_API, "RABBITMQ_URL", "amqp://", "comma list" },
		{ CONFIG_API, "REDIS_URL", "redis://h:port/x/y", "" },
		{ CONFIG_API, "AUTH", "on", "off | required" },
		{ CONFIG_EVENTS, "REDIS_URL", "x", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		clearenv();
		setenv(rows[i].name, rows[i].value, 1);
		if (load(rows[i].program) != -1 ||
		    !is_faulted(rows[i].name, rows[i].why))
			fail_msg("%s=%s: %s", rows[i].name, rows[i].value,
			    faults);
	}
}

static void
test_secrets_are_never_shown(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	(void)state;
	setenv("RABBITMQ_URL", "amqp://u:hunter2@h\n/", 1);
	setenv("REDIS_URL", "http://:hunter2@h", 1);
	setenv("SMTP_PASSWORD", "hunter2\n", 1);
	assert_int_equal(load(CONFIG_WORKER), -1);
	assert_true(is_faulted("RABBITMQ_URL", "control"));
	assert_true(is_faulted("REDIS_URL", ""));
	assert_true(is_faulted("SMTP_PASSWORD", "control"));
	assert_null(strstr(faults, "hunter2"));

	out = open_memstream(&text, &size);
	assert_non_null(out);
	config_print(CONFIG_WORKER, out);
	assert_int_equal(fclose(out), 0);
	assert_null(strstr(text, "hunter2"));
	free(text);
}

static void
test_secret_out_of_a_file(void **state)
{
	char path[] = "/tmp/postrider-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "redis://:hunter2@h:1\n", 21), 21);
	close(fd);
	setenv("REDIS_URL_FILE", path, 1);
	assert_int_equal(load(CONFIG_API), 0);
	assert_string_equal(config.redis_url, "redis://:hunter2@h:1");
	setenv("REDIS_URL", "redis://h", 1);
	assert_int_equal(load(CONFIG_API), -1);
	assert_true(is_faulted("REDIS_URL_FILE", "is set, and so is"));
	assert_int_equal(unlink(path), 0);
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* 0 or -1; `expected` is all, or a part of what is wrong. */
static void
assert_secret(int result, const char *expected)
{
	struct buffer text = { 0 };

	assert_int_equal(config_read_secret(&config, "SMTP_TOKEN", &text),
	    result);
	if (result == 0)
		assert_string_equal(text.data, expected);
	else if (strstr(text.data, expected) == NULL)
		fail_msg("%s", text.data);
	assert_true(result == 0 || strstr(text.data, "hunter") == NULL);
	buffer_free(&text);
}

static void
test_secret_is_read_again(void **state)
{
	char path[] = "/tmp/postrider-XXXXXX";

	(void)state;
	close(mkstemp(path));
	write_file(path, "hunter1\n");
	setenv("SMTP_USERNAME", "me", 1);
	setenv("SMTP_TOKEN_FILE", path, 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_secret(0, "hunter1");
	write_file(path, "hunter2");
	assert_secret(0, "hunter2");
	write_file(path, "hunter2\n\n");
	assert_secret(-1, "SMTP_TOKEN_FILE has a control character");
	write_file(path, "");
	assert_secret(-1, "SMTP_TOKEN_FILE is empty");
	assert_int_equal(unlink(path), 0);
	assert_secret(-1, "SMTP_TOKEN_FILE cannot be read: No such file");
	assert_int_equal(unsetenv("SMTP_TOKEN_FILE"), 0);
	setenv("SMTP_TOKEN", "hunter3", 1);
	assert_int_equal(load(CONFIG_WORKER), 0);
	assert_secret(0, "hunter3");
}

static void
test_print(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	config_print(CONFIG_API, out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text,
	    "  ACCEPT_TIMEOUT: a duration, 10ms to "
	    "1m; default 2s\n"));
	assert_non_null(strstr(text,
	    "  AUTH: off | required; default "
	    "required\n"));
	assert_non_null(strstr(text, "  REDIS_URL or its _FILE: text; "));
	assert_null(strstr(text, "SMTP_PORT"));
	free(text);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, clear_environment, free_config)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults),
		TEST(test_computed_defaults),
		TEST(test_tls_follows_the_password),
		TEST(test_tls_follows_the_port),
		TEST(test_login_is_whole),
		TEST(test_bounce_address),
		TEST(test_ca_is_looked_at),
		TEST(test_values_are_taken),
		TEST(test_other_programs_settings_are_not_read),
		TEST(test_every_fault_at_once),
		TEST(test_more_rules),
		TEST(test_secrets_are_never_shown),
		TEST(test_secret_out_of_a_file),
		TEST(test_secret_is_read_again),
		TEST(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
