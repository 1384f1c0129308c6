/* SPDX-License-Identifier: MIT */
/* unit.log: the lines as they leave on stderr, read back through a pipe. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"
#include "timestamp.h"

#define OUTPUT_SIZE 65536

static char output[OUTPUT_SIZE];
static int real_stderr, reader;

/* stderr goes into a pipe until end_capture() reads it into `output`. */
static void
begin_capture(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, OUTPUT_SIZE) >= OUTPUT_SIZE);
	real_stderr = dup(STDERR_FILENO);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	close(ends[1]);
	reader = ends[0];
}

static size_t
end_capture(void)
{
	size_t len = 0;
	ssize_t got;

	assert_int_equal(dup2(real_stderr, STDERR_FILENO), STDERR_FILENO);
	close(real_stderr);
	while ((got = read(reader, output + len, sizeof(output) - 1 - len)) > 0)
		len += (size_t)got;
	output[len] = '\0';
	close(reader);
	return len;
}

static void
open_log(enum log_level least)
{
	log_open(&(struct log_options){ .program = "postrider-test",
	    .least = least,
	    .recipients = true });
}

/* What stands behind the program's name. */
static const char *
captured_tail(const char *level)
{
	char head[64];
	const char *at;

	end_capture();
	(void)snprintf(head, sizeof(head), "level=%s prog=postrider-test ",
	    level);
	at = strstr(output, head);
	assert_non_null(at);
	return at + strlen(head);
}

static void
test_line(void **state)
{
	int64_t at, before = timestamp_now();

	(void)state;
	begin_capture();
	log_info("ready", "socket", "/run/x.sock", "absent", NULL, "n",
	    log_number(-42), NULL);
	assert_string_equal(captured_tail("info"),
	    "msg=\"ready\" socket=/run/x.sock n=-42\n");
	assert_memory_equal(output, "ts=", 3);
	assert_int_equal(timestamp_parse(output + 3, TIMESTAMP_SIZE - 1, &at),
	    0);
	assert_in_range(at, before, timestamp_now());
	assert_int_equal(output[3 + TIMESTAMP_SIZE - 1], ' ');
}

static void
test_hostile_values(void **state)
{
	static const struct {
		const char *value, *written;
	} rows[] = {
		{ "word", "word" },
		{ "a/b:c,d@e", "a/b:c,d@e" },
		{ "", "\"\"" },
		{ "two words", "\"two words\"" },
		{ "a=b", "\"a=b\"" },
		{ "say \"hi\"", "\"say \\\"hi\\\"\"" },
		{ "C:\\x", "\"C:\\\\x\"" },
		{ "x\r\nts=forged level=info",
		    "\"x\\r\\nts=forged level=info\"" },
		{ "\x1b[2J", "\"\\x1b[2J\"" },
		{ "\xc2\x9b", "\"\\xc2\\x9b\"" },
		{ "caf\xc3\xa9", "\"caf\xc3\xa9\"" },
		{ "\xff\xfe", "\"\\xff\\xfe\"" },
	};
	char expected[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin_capture();
		log_warning("m", "k", rows[i].value, NULL);
		(void)snprintf(expected, sizeof(expected), "msg=\"m\" k=%s\n",
		    rows[i].written);
		assert_string_equal(captured_tail("warning"), expected);
	}
	begin_capture();
	log_error("a\nb", NULL);
	assert_string_equal(captured_tail("error"), "msg=\"a\\nb\"\n");
}

static void
test_long_values_and_lines(void **state)
{
	char value[3000], binary[3000];
	const char *tail;
	size_t len;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	memset(binary, 1, sizeof(binary) - 1);
	binary[sizeof(binary) - 1] = '\0';

	begin_capture();
	log_info("m", "k", value, "after", "yes", NULL);
	tail = captured_tail("info");
	assert_int_equal(strspn(strstr(tail, "k=\"") + 3, "v"), 1024 - 3);
	assert_non_null(strstr(tail, "...\" after=yes\n"));

	begin_capture();
	log_info("m", "a", binary, "b", binary, "c", binary, "d", binary, "e",
	    binary, "f", binary, "g", binary, "h", binary, "i", "last", NULL);
	len = end_capture();
	assert_in_range(len, 7000, 8192);
	assert_string_equal(output + len - 9, " cut=yes\n");
	assert_ptr_equal(strchr(output, '\n'), output + len - 1);
}

static void
test_level(void **state)
{
	(void)state;
	open_log(LOG_WARNING);
	begin_capture();
	log_debug("no", NULL);
	log_info("no", NULL);
	log_warning("yes", NULL);
	log_error("yes", NULL);
	end_capture();
	open_log(LOG_DEBUG);
	assert_null(strstr(output, "no"));
	assert_non_null(strstr(output, "level=warning"));
	assert_non_null(strstr(output, "level=error"));
	begin_capture();
	log_debug("now", NULL);
	assert_string_equal(captured_tail("debug"), "msg=\"now\"\n");
}

static void
test_numbers_in_one_call(void **state)
{
	const char *numbers[16];
	char expected[8];
	int i;

	(void)state;
	for (i = 0; i < 16; i++)
		numbers[i] = log_number(i);
	for (i = 0; i < 16; i++) {
		(void)snprintf(expected, sizeof(expected), "%d", i);
		assert_string_equal(numbers[i], expected);
	}
	assert_string_equal(log_number(INT64_MIN), "-9223372036854775808");
	assert_string_equal(log_duration(4260), "4.2s");
}

#define THREADS 4
#define LINES 50

static void *
write_lines(void *letter)
{
	int i;

	for (i = 0; i < LINES; i++)
		log_info("thread", "letters", letter, NULL);
	return NULL;
}

/* Each line has the letters of one thread, and none is broken. */
static void
test_threads_do_not_mix(void **state)
{
	static char letters[THREADS][64];
	pthread_t threads[THREADS];
	char *line, *rest, *value;
	int i, lines = 0;

	(void)state;
	begin_capture();
	for (i = 0; i < THREADS; i++) {
		memset(letters[i], 'a' + i, sizeof(letters[i]) - 1);
		assert_int_equal(pthread_create(&threads[i], NULL, write_lines,
				     letters[i]),
		    0);
	}
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	end_capture();
	for (line = strtok_r(output, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		value = strstr(line, " letters=");
		assert_non_null(value);
		value += strlen(" letters=");
		assert_in_range(value[0], 'a', 'a' + THREADS - 1);
		assert_string_equal(value, letters[value[0] - 'a']);
		lines++;
	}
	assert_int_equal(lines, THREADS * LINES);
}

/* Gathered lines go out together, in order, and never behind a later one. */
static void
test_gathered(void **state)
{
	char big[900];
	int i;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	begin_capture();
	log_gather(true);
	log_info("one", NULL);
	log_info("two", NULL);
	end_capture();
	assert_string_equal(output, "");

	begin_capture();
	log_warning("three", NULL);
	end_capture();
	assert_true(strstr(output, "one") < strstr(output, "two"));
	assert_true(strstr(output, "two") < strstr(output, "three"));

	begin_capture();
	for (i = 0; i < 5; i++)
		log_info("many", "big", big, NULL);
	end_capture();
	assert_true(strlen(output) > 3600 && strlen(output) <= 4096);
	assert_int_equal(output[strlen(output) - 1], '\n');

	begin_capture();
	log_gather(false);
	log_info("after", NULL);
	end_capture();
	assert_non_null(strstr(output, "many"));
	assert_true(strstr(output, "many") < strstr(output, "after"));
}

static void
test_addresses_are_masked_unless_they_are_wanted(void **state)
{
	const struct log_options masked = { .program = "postrider-test",
		.least = LOG_INFO };

	(void)state;
	log_open(&masked);
	begin_capture();
	log_info("mail", "reply", "550 <ann@example.com>", NULL);
	assert_string_equal(captured_tail("info"),
	    "msg=\"mail\" reply=\"550 <a***@example.com>\"\n");
	open_log(LOG_DEBUG);
	begin_capture();
	log_info("mail", "to", "ann@example.com", NULL);
	assert_string_equal(captured_tail("info"),
	    "msg=\"mail\" to=ann@example.com\n");
}

static void
test_json(void **state)
{
	const struct log_options json = { .program = "postrider-test",
		.least = LOG_INFO,
		.format = LOG_JSON };

	(void)state;
	log_open(&json);
	begin_capture();
	log_info("say \"hi\"", "id", "7", "reply", "a\nb\xff", NULL);
	end_capture();
	assert_memory_equal(output, "{\"ts\":\"20", 9);
	assert_string_equal(strstr(output, "\",\"level\""),
	    "\",\"level\":\"info\",\"prog\":\"postrider-test\","
	    "\"msg\":\"say \\\"hi\\\"\",\"id\":\"7\","
	    "\"reply\":\"a\\nb\xef\xbf\xbd\"}\n");
	open_log(LOG_DEBUG);
}

/* How often it stands in the output. */
static int
count(const char *text)
{
	const char *at = output;
	int n = 0;

	while ((at = strstr(at, text)) != NULL) {
		at++;
		n++;
	}
	return n;
}

static void
test_repeats_are_folded(void **state)
{
	int i;

	(void)state;
	begin_capture();
	for (i = 0; i < 413; i++)
		log_warning("the disk refuses", "why", "full", NULL);
	log_warning("the disk refuses", "why", "gone", NULL);
	for (i = 0; i < 3; i++)
		log_info("as before", NULL); /* only what alarms is folded */
	log_warning("the disk refuses", "why", "gone", NULL);
	log_info("the end", NULL);
	end_capture();
	assert_int_equal(count("why=full\n"), 1);
	assert_int_equal(count("why=full repeated=\"412 times\"\n"), 1);
	assert_int_equal(count("why=gone\n"), 2);
	assert_int_equal(count("as before"), 3);
	assert_int_equal(count("\n"), 8);
}

static void
test_the_journal_gets_priorities(void **state)
{
	struct stat file;
	char stream[64];

	(void)state;
	begin_capture();
	assert_int_equal(fstat(STDERR_FILENO, &file), 0);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju",
	    (uintmax_t)file.st_dev, (uintmax_t)file.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	open_log(LOG_DEBUG);
	log_error("a", NULL);
	log_warning("b", NULL);
	log_info("c", NULL);
	log_debug("d", NULL);
	setenv("JOURNAL_STREAM", "1:1", 1); /* what it was inherited from */
	open_log(LOG_DEBUG);
	log_info("e", NULL);
	end_capture();
	unsetenv("JOURNAL_STREAM");
	assert_int_equal(count("<3>ts="), 1);
	assert_int_equal(count("<4>ts="), 1);
	assert_int_equal(count("<6>ts="), 1);
	assert_int_equal(count("<7>ts="), 1);
	assert_int_equal(count("\nts="), 1);
}

static void
test_a_signal_changes_the_level(void **state)
{
	(void)state;
	open_log(LOG_WARNING);
	begin_capture();
	log_debug("no", NULL);
	raise(SIGUSR2);
	log_debug("yes", NULL);
	raise(SIGUSR2);
	log_info("no", NULL);
	end_capture();
	open_log(LOG_DEBUG);
	assert_int_equal(count("no"), 0);
	assert_int_equal(count("yes"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_hostile_values),
		cmocka_unit_test(test_long_values_and_lines),
		cmocka_unit_test(test_level),
		cmocka_unit_test(test_numbers_in_one_call),
		cmocka_unit_test(test_threads_do_not_mix),
		cmocka_unit_test(test_gathered),
		cmocka_unit_test(
		    test_addresses_are_masked_unless_they_are_wanted),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_repeats_are_folded),
		cmocka_unit_test(test_the_journal_gets_priorities),
		cmocka_unit_test(test_a_signal_changes_the_level),
	};

	open_log(LOG_DEBUG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
