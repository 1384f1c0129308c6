/* SPDX-License-Identifier: MIT */
/* The parameters behind the `?` of a URL, one after the other. Pure. */
#ifndef POSTRIDER_QUERY_H
#define POSTRIDER_QUERY_H

#include <stdbool.h>

#define QUERY_TEXT_SIZE 520 /* the longest tag, with its value, fits */

struct query {
	const char *at; /* begin with QUERY_STRING; never NULL */
	/* set by query_next(), percent-decoded, `+` a space */
	char name[QUERY_TEXT_SIZE];
	char value[QUERY_TEXT_SIZE]; /* "" when there is none */
	bool bad; /* one of the two is too long, holds NUL or a broken %xx */
};

/* false: there was none left. Empty parameters (`a=1&&b=2`) are passed over. */
bool query_next(struct query *);

#endif
