/* SPDX-License-Identifier: MIT */
/* unit.ca_path: files and folders in which a TLS library finds CAs, or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ca_path.h"

static char folder[] = "/tmp/postrider-XXXXXX";
static char path[64];

static int
make_folder(void **state)
{
	(void)state;
	memcpy(strrchr(folder, '-'), "-XXXXXX", 8);
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static void
put(const char *name, const char *text)
{
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
assert_fault(const char *where, const char *part)
{
	const char *why = ca_path_check(where);

	assert_non_null(why);
	if (strstr(why, part) == NULL)
		fail_msg("%s", why);
}

static void
test_files(void **state)
{
	(void)state;
	assert_false(ca_path_is_folder("/nowhere"));
	assert_fault("/nowhere", "cannot be read");
	put("ca.pem", "Issuer: me\n-----BEGIN CERTIFICATE-----\nMII\n");
	assert_false(ca_path_is_folder(path));
	assert_null(ca_path_check(path));
	put("ca.pem", "-----BEGIN TRUSTED CERTIFICATE-----\n");
	assert_null(ca_path_check(path));
	put("ca.pem", "-----BEGIN PRIVATE KEY-----\n");
	assert_fault(path, "no certificate");
	put("ca.pem", "");
	assert_fault(path, "no certificate");
}

static void
test_folders(void **state)
{
	(void)state;
	assert_true(ca_path_is_folder(folder));
	assert_fault(folder, "openssl rehash");
	put("ca.pem", "-----BEGIN CERTIFICATE-----\n");
	assert_fault(folder, "openssl rehash");
	(void)unlink(path);
	put("5ed36f99.0", "-----BEGIN CERTIFICATE-----\n");
	assert_null(ca_path_check(folder));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files),
		TEST(test_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
