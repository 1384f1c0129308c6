/* SPDX-License-Identifier: MIT */
/*
 * unit.dkim: what is put before a message, and when nothing is. That others
 * verify it is shown by story.dkim.
 */
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
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "dkim.h"

#define MESSAGE                                         \
	"Date: Sun, 29 Jun 2025 15:52:17 +0000\r\n"     \
	"From: a@example.com\r\n"                       \
	"Subject: one\r\n two\r\n"                      \
	"X-Other: x\r\n"                                \
	"List-Unsubscribe: <https://example.com/u>\r\n" \
	"\r\n"                                          \
	"text\r\n.\r\n"

static char folder[] = "/tmp/postrider-XXXXXX";
static char path[64];

static int
make_folder(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(1024U);
	FILE *file;

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/example.com.s1.pem", folder);
	file = fopen(path, "w");
	if (file == NULL ||
	    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) != 1 ||
	    fclose(file) != 0)
		return -1;
	EVP_PKEY_free(key);
	return chmod(path, 0600);
}

static int
remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static struct dkim_signer *
open_signer(const char *where)
{
	struct dkim_signer *signer = dkim_signer_new(where, stderr);

	assert_non_null(signer);
	return signer;
}

static void
sign(struct dkim_signer *signer, const char *domain, struct buffer *message)
{
	const char *why;

	buffer_clear(message);
	buffer_add_text(message, MESSAGE);
	assert_int_equal(dkim_signer_sign(signer, domain, message, &why), 0);
	assert_int_equal(strlen(message->data), message->len);
}

/* The field without its folds. */
static void
read_field(struct buffer *field, const struct buffer *message)
{
	const size_t len = message->len - strlen(MESSAGE);
	size_t i;

	for (i = 0; i < len; i++)
		if (strchr("\r\n\t ", message->data[i]) == NULL)
			buffer_add(field, &message->data[i], 1);
}

static void
assert_part(const struct buffer *field, const char *part)
{
	if (strstr(field->data, part) == NULL)
		fail_msg("%s has no %s", field->data, part);
}

static void
test_signed(void **state)
{
	struct dkim_signer *signer = open_signer(folder);
	struct buffer message = { 0 }, field = { 0 };

	(void)state;
	sign(signer, "news.example.com", &message);
	assert_true(message.len > strlen(MESSAGE));
	assert_string_equal(message.data + message.len - strlen(MESSAGE),
	    MESSAGE);
	read_field(&field, &message);
	assert_int_equal(strncmp(field.data, "DKIM-Signature:v=1;", 19), 0);
	assert_part(&field, ";a=rsa-sha256;");
	assert_part(&field, ";c=relaxed/relaxed;");
	assert_part(&field, ";d=example.com;");
	assert_part(&field, ";s=s1;");
	/* From once more: no second one can be added. */
	assert_part(&field, ";h=Date:From:Subject:List-Unsubscribe:from;");
	assert_null(strstr(field.data, ";l="));
	buffer_free(&field);
	buffer_free(&message);
	dkim_signer_free(signer);
}

static void
test_domains(void **state)
{
	struct dkim_signer *signer = open_signer(folder);

	(void)state;
	assert_string_equal(dkim_signer_domains(signer), "example.com");
	assert_true(dkim_signer_signs(signer, "news.example.com"));
	assert_false(dkim_signer_signs(signer, "example.org"));
	dkim_signer_free(signer);
	signer = open_signer("");
	assert_string_equal(dkim_signer_domains(signer), "");
	assert_false(dkim_signer_signs(signer, "example.com"));
	dkim_signer_free(signer);
}

/* RFC 5322 2.1.1: 78 bytes is what others fold at. */
static void
test_lines(void **state)
{
	struct dkim_signer *signer = open_signer(folder);
	struct buffer message = { 0 };
	size_t i, column = 0;

	(void)state;
	sign(signer, "example.com", &message);
	for (i = 0; i < message.len - strlen(MESSAGE); i++) {
		column = message.data[i] == '\n' ? 0 : column + 1;
		assert_in_range(column, 0, 79);
		assert_int_equal(message.data[i] == '\n',
		    i > 0 && message.data[i - 1] == '\r');
	}
	assert_int_equal(column, 0);
	buffer_free(&message);
	dkim_signer_free(signer);
}

static void
test_not_signed(void **state)
{
	struct dkim_signer *signer = open_signer(folder);
	struct buffer message = { 0 };

	(void)state;
	sign(signer, "example.org", &message);
	assert_string_equal(message.data, MESSAGE);
	dkim_signer_free(signer);
	signer = open_signer("");
	sign(signer, "example.com", &message);
	assert_string_equal(message.data, MESSAGE);
	dkim_signer_free(signer);
	buffer_free(&message);
	dkim_signer_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_not_signed),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
