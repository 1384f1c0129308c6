/* SPDX-License-Identifier: MIT */
/*
 * The words of a text, as it is searched by: runs of letters and digits of any
 * script, in lower case. What has no blanks between its words (Chinese) is one
 * word from mark to mark. Pure.
 */
#ifndef POSTRIDER_WORDS_H
#define POSTRIDER_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX 32 /* of one text; the rest is not searched by */
#define WORD_SIZE 65 /* a longer word is cut to what fits */

struct words {
	const char *at; /* begin with the text, UTF-8 */
	size_t len; /* of what is left */
	char word[WORD_SIZE]; /* set by words_next() */
};
/* false: there was none left. */
bool words_next(struct words *);

#endif
