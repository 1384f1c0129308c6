/* SPDX-License-Identifier: MIT */
/* unit.dkim_keys: which files are keys, which domain's, and which are no good. */
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
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "dkim_keys.h"

#define FILES_MAX 8

static char folder[] = "/tmp/postrider-XXXXXX";
static char paths[FILES_MAX][128];
static size_t paths_len;
static char *no_pem = "no key at all";
static char *rsa, *short_rsa, *ec, *locked; /* PEM */
static struct dkim_keys keys;
static char *faults;

static char *
pem_of(EVP_PKEY *key, const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem, *mine;
	long len;

	assert_non_null(key);
	assert_int_equal(PEM_write_bio_PrivateKey(bio, key, cipher,
			     (const unsigned char *)"x", 1, NULL, NULL),
	    1);
	len = BIO_get_mem_data(bio, &pem);
	mine = strndup(pem, (size_t)len);
	BIO_free(bio);
	return mine;
}

static int
make_keys(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(1024U);

	(void)state;
	rsa = pem_of(key, NULL);
	locked = pem_of(key, EVP_aes_128_cbc());
	EVP_PKEY_free(key);
	key = EVP_RSA_gen(768U);
	short_rsa = pem_of(key, NULL);
	EVP_PKEY_free(key);
	key = EVP_EC_gen("P-256");
	ec = pem_of(key, NULL);
	EVP_PKEY_free(key);
	return 0;
}

static int
free_keys(void **state)
{
	(void)state;
	free(rsa);
	free(locked);
	free(short_rsa);
	free(ec);
	return 0;
}

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
	dkim_keys_free(&keys);
	free(faults);
	faults = NULL;
	while (paths_len > 0)
		(void)unlink(paths[--paths_len]);
	return rmdir(folder);
}

static void
put(const char *name, const char *text, mode_t mode)
{
	char *path = paths[paths_len++];
	FILE *file;

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int
load(const char *where)
{
	size_t size;
	FILE *out;
	int result;

	free(faults);
	out = open_memstream(&faults, &size);
	assert_non_null(out);
	result = dkim_keys_load(&keys, where, out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(result == 0, faults[0] == '\0');
	return result;
}

static void
assert_key(const char *domain, const char *of, const char *selector)
{
	const struct dkim_key *key = dkim_keys_find(&keys, domain);

	assert_non_null(key);
	assert_string_equal(key->domain, of);
	assert_string_equal(key->selector, selector);
	assert_string_equal(key->pem, rsa);
}

static void
test_domains(void **state)
{
	(void)state;
	put("Example.com.s1.pem", rsa, 0600);
	put("mail.example.com.2026-11.pem", rsa, 0640);
	put("example.org.a_b.pem", rsa, 0400);
	put("example.com.txt", "s1._domainkey", 0644);
	put(".pem", "", 0644);
	assert_int_equal(load(folder), 0);
	assert_int_equal(keys.len, 3);
	assert_key("example.com", "example.com", "s1");
	assert_key("news.example.com", "example.com", "s1");
	assert_key("mail.example.com", "mail.example.com", "2026-11");
	assert_key("a.b.mail.example.com", "mail.example.com", "2026-11");
	assert_key("example.org", "example.org", "a_b");
	assert_null(dkim_keys_find(&keys, "example.net"));
	assert_null(dkim_keys_find(&keys, "notexample.com"));
	assert_null(dkim_keys_find(&keys, "com"));
	assert_null(dkim_keys_find(&keys, ""));
}

static void
test_none(void **state)
{
	(void)state;
	assert_int_equal(load(""), 0);
	assert_null(dkim_keys_find(&keys, "example.com"));
}

static void
test_faults(void **state)
{
	static const struct {
		const char *name;
		char *const *text;
		mode_t mode;
		const char *why;
	} rows[] = {
		{ "example.com.s1.pem", &rsa, 0604, "`chmod o=` it" },
		{ "example.com.s1.pem", &rsa, 0642, "`chmod o=` it" },
		{ "example.com.s1.pem", &short_rsa, 0600,
		    "less than 1024 bits" },
		{ "example.com.s1.pem", &ec, 0600, "is not an RSA key" },
		{ "example.com.s1.pem", &locked, 0600, "without a passphrase" },
		{ "example.com.s1.pem", &no_pem, 0600, "has no private key" },
		{ "s1.pem", &rsa, 0600, "is not named" },
		{ "a..b.s1.pem", &rsa, 0600, "is no domain" },
		{ "example.com.a b.pem", &rsa, 0600, "letters, digits" },
		{ "example.com..pem", &rsa, 0600, "letters, digits" },
		{ "README", &rsa, 0600, "has no file" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put(rows[i].name, *rows[i].text, rows[i].mode);
		assert_int_equal(load(folder), -1);
		assert_int_equal(strncmp(faults, "DKIM_KEYS: '/tmp", 16), 0);
		if (strstr(faults, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].name, faults);
		assert_int_equal(keys.len, 0);
		(void)unlink(paths[--paths_len]);
	}
	assert_int_equal(load("/nowhere"), -1);
	assert_non_null(strstr(faults, "is not a folder"));
}

static void
test_all_faults(void **state)
{
	const char *first;

	(void)state;
	put("example.com.s1.pem", rsa, 0600);
	put("example.com.s2.pem", rsa, 0600);
	put("example.org.s1.pem", "", 0600);
	assert_int_equal(load(folder), -1);
	first = strstr(faults, "s2.pem' is the second key of its domain");
	assert_non_null(first);
	assert_non_null(strstr(first, "example.org.s1.pem' has no private"));
	assert_int_equal(keys.len, 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_domains),
		TEST(test_none),
		TEST(test_faults),
		TEST(test_all_faults),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
