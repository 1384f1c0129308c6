/* SPDX-License-Identifier: MIT */
/* The scheme decides. */
#include "record_url.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *prefix;
	enum record_dialect dialect;
} schemes[] = {
	{ "sqlite://", RECORD_SQLITE },
	{ "postgres://", RECORD_POSTGRES },
	{ "postgresql://", RECORD_POSTGRES },
};

enum record_dialect
record_url_dialect(const char *url)
{
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(url, schemes[i].prefix,
			strlen(schemes[i].prefix)) == 0)
			return schemes[i].dialect;
	return RECORD_DIALECT__MAX;
}

const char *
record_url_path(const char *url)
{
	return url + strlen(schemes[RECORD_SQLITE].prefix);
}

const char *
record_url_check(const char *url)
{
	switch (record_url_dialect(url)) {
	case RECORD_SQLITE:
		return record_url_path(url)[0] == '/' ?
		    NULL :
		    "has no absolute path: sqlite:///path/of/file";
	case RECORD_POSTGRES:
		return NULL;
	case RECORD_DIALECT__MAX:
		break;
	}
	return "is neither sqlite:///path/of/file nor postgres://...";
}
