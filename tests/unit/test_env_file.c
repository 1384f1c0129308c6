/* SPDX-License-Identifier: MIT */
/* What setup writes into postrider.env, and what stays of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "env_file.h"

static void
check(const char *before, const char *value, const char *after)
{
	struct buffer text = { 0 };

	buffer_add_text(&text, before);
	assert_true(env_file_set(&text, "SMTP_HOST", value));
	assert_string_equal(text.data, after);
	/* Once more, it is as it was. */
	assert_true(env_file_set(&text, "SMTP_HOST", value));
	assert_string_equal(text.data, after);
	buffer_free(&text);
}

static void
test_in_its_place(void **state)
{
	(void)state;
	check("# a\nSMTP_HOST=old\n#b\n", "new", "# a\nSMTP_HOST=new\n#b\n");
	check(" SMTP_HOST = old", "new", "SMTP_HOST=new\n");
	/* The last one counts. */
	check("SMTP_HOST=1\nX=2\nSMTP_HOST=3\n", "new",
	    "SMTP_HOST=1\nX=2\nSMTP_HOST=new\n");
}

static void
test_under_its_comment(void **state)
{
	(void)state;
	check("# The relay\n#SMTP_HOST=localhost\n#SMTP_PORT=25\n", "new",
	    "# The relay\n#SMTP_HOST=localhost\nSMTP_HOST=new\n"
	    "#SMTP_PORT=25\n");
	check("# SMTP_HOST=x", "new", "# SMTP_HOST=x\nSMTP_HOST=new\n");
}

static void
test_at_the_end(void **state)
{
	(void)state;
	check("", "new", "SMTP_HOST=new\n");
	check("SMTP_HOSTS=1\nMY_SMTP_HOST=2", "new",
	    "SMTP_HOSTS=1\nMY_SMTP_HOST=2\nSMTP_HOST=new\n");
}

static void
test_what_is_read_is_what_was_written(void **state)
{
	static const char *const values[] = { "plain", "A <a@b.example>",
		"\"Quoted, Inc.\" <a@b.example>", "it's", "a b", " led", "#1",
		"a=b" };
	char path[] = "/tmp/test_env_file.XXXXXX";
	struct buffer text = { 0 };
	size_t i;
	int fd;

	(void)state;
	fd = mkstemp(path);
	assert_int_not_equal(fd, -1);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buffer_clear(&text);
		assert_true(env_file_set(&text, "VALUE", values[i]));
		assert_int_equal(pwrite(fd, text.data, text.len, 0), text.len);
		assert_int_equal(ftruncate(fd, (off_t)text.len), 0);
		unsetenv("VALUE");
		assert_int_equal(env_file_load(path), 0);
		assert_string_equal(getenv("VALUE"), values[i]);
	}
	close(fd);
	unlink(path);
	buffer_free(&text);
}

static void
test_what_cannot_be_written(void **state)
{
	static const char *const values[] = { "a\nb", "a\\b", "'both' \"" };
	struct buffer text = { 0 };
	size_t i;

	(void)state;
	buffer_add_text(&text, "X=1\n");
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_false(env_file_set(&text, "VALUE", values[i]));
		assert_string_equal(text.data, "X=1\n");
	}
	buffer_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_its_place),
		cmocka_unit_test(test_under_its_comment),
		cmocka_unit_test(test_at_the_end),
		cmocka_unit_test(test_what_is_read_is_what_was_written),
		cmocka_unit_test(test_what_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
