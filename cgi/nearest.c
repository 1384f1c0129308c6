/* SPDX-License-Identifier: MIT */
/* Optimal string alignment distance, on short ASCII words. */
#include "nearest.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 32 /* longer ones are nobody's misspelling */
#define DISTANCE_MAX 3

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int
letter(char byte)
{
	return tolower((unsigned char)byte);
}

/* Both at most WORD_MAX long. */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t d[WORD_MAX + 1][WORD_MAX + 1];
	size_t i, j;

	for (i = 0; i <= a_len; i++)
		d[i][0] = i;
	for (j = 0; j <= b_len; j++)
		d[0][j] = j;
	for (i = 1; i <= a_len; i++)
		for (j = 1; j <= b_len; j++) {
			int x = letter(a[i - 1]), y = letter(b[j - 1]);

			d[i][j] = least(d[i - 1][j], d[i][j - 1]) + 1;
			d[i][j] = least(d[i][j], d[i - 1][j - 1] + (x != y));
			if (i > 1 && j > 1 && x == letter(b[j - 2]) &&
			    letter(a[i - 2]) == y)
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[a_len][b_len];
}

const char *
nearest_name(const char *word, size_t len, const char *const *names,
    size_t names_len)
{
	const char *nearest = NULL;
	size_t best = least(DISTANCE_MAX, len / 2) + 1;
	size_t i, name_len, cost;

	if (len > WORD_MAX)
		return NULL;
	for (i = 0; i < names_len; i++) {
		name_len = strlen(names[i]);
		if (name_len > WORD_MAX)
			continue;
		cost = distance(word, len, names[i], name_len);
		if (cost >= best)
			continue;
		best = cost;
		nearest = names[i];
	}
	return nearest;
}
