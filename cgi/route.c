/* SPDX-License-Identifier: MIT */
/* Patterns against paths, segment by segment. */
#include "route.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "key.h"

/* Whether the path is the pattern's; sets the match's id. */
static bool
path_matches(const char *pattern, const char *path, struct route_match *match)
{
	match->id = "";
	match->id_len = 0;
	for (; *pattern != '\0'; pattern++, path++) {
		if (*pattern != '{') {
			if (*pattern != *path)
				return false;
			continue;
		}
		match->id = path;
		match->id_len = strcspn(path, "/");
		if (match->id_len == 0)
			return false;
		pattern = strchr(pattern, '}');
		path += match->id_len - 1;
	}
	return *path == '\0';
}

static bool
method_matches(const struct route *route, const char *method)
{
	return strcmp(route->method, method) == 0 ||
	    (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* The few methods of a path fit ROUTE_ALLOW_SIZE; a longer list is cut. */
static void
allow_add(struct route_match *match, const char *method)
{
	size_t len = strlen(match->allow);

	(void)snprintf(match->allow + len, sizeof(match->allow) - len, "%s%s",
	    len > 0 ? ", " : "", method);
}

unsigned
route_scopes(enum route_access access)
{
	switch (access) {
	case ACCESS_READ:
	case ACCESS_METRICS:
		return KEY_READ;
	case ACCESS_SEND:
		return KEY_SEND;
	case ACCESS_KEY:
	case ACCESS_OPEN:
		return 0;
	case ACCESS_ADMIN:
		break;
	}
	return KEY_ADMIN;
}

enum route_result
route_find(const struct route *table, size_t table_len, const char *method,
    const char *path, struct route_match *match)
{
	size_t i;

	memset(match, 0, sizeof(*match));
	for (i = 0; i < table_len; i++) {
		if (!path_matches(table[i].pattern, path, match))
			continue;
		match->route = &table[i];
		if (method_matches(&table[i], method))
			return ROUTE_FOUND;
		allow_add(match, table[i].method);
		if (strcmp(table[i].method, "GET") == 0)
			allow_add(match, "HEAD");
	}
	return match->route == NULL ? ROUTE_NO_PATH : ROUTE_NO_METHOD;
}
