/* SPDX-License-Identifier: MIT */
/* Unicode's letters and cases are libunistring's. */
#include "words.h"

#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

#include "utf8.h"

/* The next character in lower case, 0 when it is no part of a word. */
static uint32_t
next_letter(struct words *words)
{
	uint32_t point = 0;
	size_t length = utf8_next(words->at, words->len, &point);

	if (length == 0)
		length = 1; /* not UTF-8: passed over */
	words->at += length;
	words->len -= length;
	return uc_is_alnum(point) ? uc_tolower(point) : 0;
}

bool
words_next(struct words *words)
{
	uint32_t letter = 0;
	size_t len = 0;
	bool fits = true;
	int added;

	while (words->len > 0 && letter == 0)
		letter = next_letter(words);
	for (; letter != 0; letter = words->len > 0 ? next_letter(words) : 0) {
		added = fits ? u8_uctomb((uint8_t *)words->word + len, letter,
				   (ptrdiff_t)(WORD_SIZE - 1 - len)) :
			       -1;
		fits = added > 0;
		if (fits)
			len += (size_t)added;
	}
	words->word[len] = '\0';
	return len > 0;
}
