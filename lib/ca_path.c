/* SPDX-License-Identifier: MIT */
/* A look at CA certificates before a TLS library finds none in them. */
#include "ca_path.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define HASH_LEN 8

bool
ca_path_is_folder(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

/* The name of X509_NAME_hash(3), a dot, and a number. */
static bool
is_hashed(const char *name)
{
	return strspn(name, "0123456789abcdef") == HASH_LEN &&
	    name[HASH_LEN] == '.' && name[HASH_LEN + 1] >= '0' &&
	    name[HASH_LEN + 1] <= '9';
}

static const char *
check_folder(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool found = false;

	if (folder == NULL)
		return "cannot be read";
	while (!found && (entry = readdir(folder)) != NULL)
		found = is_hashed(entry->d_name);
	(void)closedir(folder); /* only read */
	return found ? NULL :
		       "is a folder without the links that `openssl rehash` "
		       "makes";
}

static const char *
check_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[128];
	bool found = false;

	if (file == NULL)
		return "cannot be read";
	/* Also BEGIN TRUSTED CERTIFICATE and BEGIN X509 CERTIFICATE. */
	while (!found && fgets(line, sizeof(line), file) != NULL)
		found = strncmp(line, "-----BEGIN ", 11) == 0 &&
		    strstr(line, "CERTIFICATE-----") != NULL;
	(void)fclose(file); /* only read */
	return found ? NULL : "has no certificate in it (PEM)";
}

const char *
ca_path_check(const char *path)
{
	return ca_path_is_folder(path) ? check_folder(path) : check_file(path);
}
