/* SPDX-License-Identifier: MIT */
/*
 * Which characters a text may hold, by where it goes: the Unicode properties
 * are libunistring's. Pure.
 */
#ifndef POSTRIDER_CHARACTERS_H
#define POSTRIDER_CHARACTERS_H

#include <stdbool.h>
#include <stddef.h>

enum characters {
	/*
	 * A header's text: nothing that ends the line or speaks to a terminal
	 * (controls but the tab, U+2028, U+2029), nothing that turns the
	 * direction of what stands behind it (UAX 9 2.1 to 2.5).
	 */
	CHARACTERS_LINE,
	/*
	 * A display name: no controls, no bidi controls, nothing invisible but
	 * what Persian, emoji and names in kanji need (joiners, variation
	 * selectors).
	 */
	CHARACTERS_NAME,
	/* An address: what has a glyph, no spaces. */
	CHARACTERS_ADDRESS
};

/* Whether all are of that kind; false also for what is not UTF-8. */
bool characters_are(const char *text, size_t len, enum characters);

/*
 * Whether they are all of one script, or of those that Japanese, Chinese or
 * Korean are written in together, Latin among them (UTS 39 5.2). Digits and
 * other characters of every script do not count. false also for no UTF-8.
 */
bool characters_are_of_one_script(const char *text, size_t len);

#endif
