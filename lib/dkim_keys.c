/* SPDX-License-Identifier: MIT */
/* Reading the folder of DKIM keys. It knows nothing of signing. */
#include "dkim_keys.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "address.h"
#include "buffer.h"
#include "literal.h"
#include "setting.h"

#define SETTING "DKIM_KEYS"
#define SUFFIX ".pem"
#define PEM_MAX 16384 /* bytes; one of 8192 bits has 6 KiB */

static void
key_clear(struct dkim_key *key)
{
	free(key->domain);
	free(key->selector);
	if (key->pem != NULL)
		explicit_bzero(key->pem, strlen(key->pem));
	free(key->pem);
	memset(key, 0, sizeof(*key));
}

void
dkim_keys_free(struct dkim_keys *keys)
{
	size_t i;

	for (i = 0; i < keys->len; i++)
		key_clear(&keys->list[i]);
	free(keys->list);
	memset(keys, 0, sizeof(*keys));
}

static const struct dkim_key *
find_exactly(const struct dkim_keys *keys, const char *domain)
{
	size_t i;

	for (i = 0; i < keys->len; i++)
		if (strcmp(keys->list[i].domain, domain) == 0)
			return &keys->list[i];
	return NULL;
}

const struct dkim_key *
dkim_keys_find(const struct dkim_keys *keys, const char *domain)
{
	const struct dkim_key *key = NULL;

	while (domain != NULL && keys->len > 0 &&
	    (key = find_exactly(keys, domain)) == NULL) {
		domain = strchr(domain, '.');
		if (domain != NULL)
			domain++;
	}
	return key;
}

/* -- one file -------------------------------------------------------------- */

static char *
copy(const char *text, size_t len)
{
	struct buffer mine = { 0 };

	buffer_add(&mine, text, len);
	return buffer_take(&mine);
}

/* The last label is the selector. NULL, or what is wrong with the name. */
static const char *
read_name(struct dkim_key *key, const char *name)
{
	char domain[DOMAIN_MAX + 1];
	const size_t len = strlen(name) - strlen(SUFFIX);
	const char *dot = memrchr(name, '.', len);
	size_t domain_len;

	if (dot == NULL)
		return "is not named <domain>.<selector>.pem";
	domain_len = (size_t)(dot - name);
	if (domain_normalize(name, domain_len, domain) != ADDRESS_OK)
		return "is not named <domain>.<selector>.pem: what stands "
		       "before the selector is no domain";
	key->domain = copy(domain, strlen(domain));
	key->selector = copy(dot + 1, len - domain_len - 1);
	/* A label, as those of domains are, but for one of digits alone. */
	if (strspn(key->selector,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-_") != strlen(key->selector) ||
	    key->selector[0] == '\0')
		return "is not named <domain>.<selector>.pem: the selector may "
		       "have letters, digits, hyphens and underscores";
	return NULL;
}

/* Nobody is asked for a passphrase. */
static int
refuse_passphrase(char *text, int size, int writing, void *arg)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static const char *
check_pem(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	const char *why = NULL;
	EVP_PKEY *key;

	if (bio == NULL)
		abort();
	key = PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, NULL);
	if (key == NULL)
		why = "has no private key in it (PEM, without a passphrase)";
	else if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		why = "is not an RSA key";
	else if (EVP_PKEY_get_bits(key) < DKIM_KEY_BITS_MIN)
		why = "is an RSA key of less than " LITERAL(
		    DKIM_KEY_BITS_MIN) " bits";
	EVP_PKEY_free(key);
	BIO_free(bio);
	return why;
}

/* Owner and group may read it; the file that was looked at is the one read. */
static const char *
read_file(struct dkim_key *key, FILE *file)
{
	char text[PEM_MAX + 1];
	struct stat found;
	size_t len;

	if (fstat(fileno(file), &found) == -1)
		return strerror(errno);
	if (!S_ISREG(found.st_mode))
		return "is not a file";
	if ((found.st_mode & S_IRWXO) != 0)
		return "may be read or changed by others: `chmod o=` it";
	len = fread(text, 1, sizeof(text), file);
	if (ferror(file))
		return "cannot be read";
	if (len == sizeof(text))
		return "is too large for a key";
	key->pem = copy(text, len);
	explicit_bzero(text, sizeof(text));
	return check_pem(key->pem);
}

/* NULL, or what is wrong; `*key` is to be cleared in any case. */
static const char *
read_key(struct dkim_key *key, const char *path, const char *name)
{
	const char *why = read_name(key, name);
	FILE *file;

	if (why != NULL)
		return why;
	file = fopen(path, "re");
	if (file == NULL)
		return "cannot be read";
	why = read_file(key, file);
	(void)fclose(file); /* only read */
	return why;
}

/* -- the folder ------------------------------------------------------------ */

static void
add_key(struct dkim_keys *keys, const struct dkim_key *key)
{
	keys->list = realloc(keys->list, (keys->len + 1) * sizeof(*keys->list));
	if (keys->list == NULL)
		abort();
	keys->list[keys->len++] = *key;
}

/* Whatever else is in the folder is none of our business. */
static bool
is_key_file(const char *name)
{
	const size_t len = strlen(name);

	return name[0] != '.' && len > strlen(SUFFIX) &&
	    strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0;
}

/* 0, or -1 after the fault was written. */
static int
take_file(struct dkim_keys *keys, const char *folder, const char *name,
    FILE *faults)
{
	struct dkim_key key = { NULL, NULL, NULL };
	struct buffer path = { 0 };
	const char *why;

	buffer_printf(&path, "%s/%s", folder, name);
	why = read_key(&key, path.data, name);
	if (why == NULL && find_exactly(keys, key.domain) != NULL)
		why = "is the second key of its domain: one signs";
	if (why == NULL) {
		add_key(keys, &key);
	} else {
		setting_fault(SETTING, path.data, why, faults);
		key_clear(&key);
	}
	buffer_free(&path);
	return why == NULL ? 0 : -1;
}

/* In the order of their names, so that faults come in the same order. */
static int
take_files(struct dkim_keys *keys, const char *folder, FILE *faults)
{
	struct dirent **entries = NULL;
	const int count = scandir(folder, &entries, NULL, alphasort);
	int i, result = 0;

	if (count == -1) {
		setting_fault(SETTING, folder,
		    "is not a folder that can be "
		    "read",
		    faults);
		return -1;
	}
	for (i = 0; i < count; i++) {
		if (is_key_file(entries[i]->d_name) &&
		    take_file(keys, folder, entries[i]->d_name, faults) == -1)
			result = -1;
		free(entries[i]);
	}
	free(entries);
	if (result == 0 && keys->len == 0) {
		setting_fault(SETTING, folder,
		    "has no file <domain>.<selector>.pem", faults);
		result = -1;
	}
	return result;
}

int
dkim_keys_load(struct dkim_keys *keys, const char *folder, FILE *faults)
{
	memset(keys, 0, sizeof(*keys));
	if (folder[0] == '\0')
		return 0;
	if (take_files(keys, folder, faults) == 0)
		return 0;
	dkim_keys_free(keys);
	return -1;
}
