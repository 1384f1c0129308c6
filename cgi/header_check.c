/* SPDX-License-Identifier: MIT */
/* The headers that count, and how two of them look as one. */
#include "header_check.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define JOINT ", " /* RFC 9110 5.3 */

/* The part behind each ", " in turn; NULL when there is none left. */
static const char *
next_part(const char *value)
{
	const char *joint = strstr(value, JOINT);

	return joint == NULL ? NULL : joint + strlen(JOINT);
}

static bool
is_joined(const char *value)
{
	return next_part(value) != NULL;
}

/*
 * Digest's own parameters are separated in the same way, but a parameter is
 * name=value, and credentials begin with the word of a scheme (RFC 9110 11.4).
 */
static bool
is_joined_credentials(const char *value)
{
	while ((value = next_part(value)) != NULL)
		if (value[strcspn(value, " =\"")] != '=')
			return true;
	return false;
}

static const struct header {
	const char *variable; /* RFC 3875 4.1 */
	const char *name;
	bool (*is_joined)(const char *value); /* NULL: it is never */
} headers[] = {
	{ "HTTP_AUTHORIZATION", "Authorization", is_joined_credentials },
	{ "HTTP_IDEMPOTENCY_KEY", "Idempotency-Key", is_joined },
	{ "HTTP_X_BATCH_VALIDATION", "x-batch-validation", is_joined },
	{ "CONTENT_TYPE", "Content-Type", NULL },
	{ "CONTENT_LENGTH", "Content-Length", NULL },
};

static bool
occurs_twice(const struct header *header, char *const *envp)
{
	const size_t len = strlen(header->variable);
	bool seen = false;

	for (; *envp != NULL; envp++) {
		if (strncmp(*envp, header->variable, len) != 0 ||
		    (*envp)[len] != '=')
			continue;
		if (seen ||
		    (header->is_joined != NULL &&
			header->is_joined(*envp + len + 1)))
			return true;
		seen = true;
	}
	return false;
}

void
header_check(char *const *envp, struct faults *faults)
{
	size_t i;

	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (occurs_twice(&headers[i], envp))
			faults_add(faults, headers[i].name,
			    "must come only once");
}
