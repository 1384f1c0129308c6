/* SPDX-License-Identifier: MIT */
/* Kinds of characters, and scripts. */
#include "characters.h"

#include <string.h>

#include <unictype.h>

#include "utf8.h"

#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER 0x200d

static bool
is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point <= 0x9f) ||
	    point == 0x2028 || point == 0x2029;
}

/* Embeddings, overrides and isolates: U+202A-E, U+2066-9. */
static bool
turns_direction(uint32_t point)
{
	return (point >= 0x202a && point <= 0x202e) ||
	    (point >= 0x2066 && point <= 0x2069);
}

static bool
is_of_line(uint32_t point)
{
	return point == '\t' || !(is_control(point) || turns_direction(point));
}

static bool
is_of_name(uint32_t point)
{
	if (point < 0x80 || point == ZERO_WIDTH_NON_JOINER ||
	    point == ZERO_WIDTH_JOINER)
		return !is_control(point);
	if (uc_is_property_variation_selector(point))
		return true;
	return !is_control(point) && !uc_is_property_bidi_control(point) &&
	    !uc_is_property_default_ignorable_code_point(point) &&
	    !(point >= 0xfff9 && point <= 0xfffb); /* annotations */
}

static bool
is_of_address(uint32_t point)
{
	if (point < 0x80)
		return point > ' ' && point != 0x7f;
	return uc_is_general_category_withtable(point,
		   UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M |
		       UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_P |
		       UC_CATEGORY_MASK_S) &&
	    !uc_is_property_default_ignorable_code_point(point);
}

bool
characters_are(const char *text, size_t len, enum characters characters)
{
	static bool (*const is_of[])(uint32_t) = {
		[CHARACTERS_LINE] = is_of_line,
		[CHARACTERS_NAME] = is_of_name,
		[CHARACTERS_ADDRESS] = is_of_address,
	};
	uint32_t point;
	size_t done, step;

	for (done = 0; done < len; done += step) {
		step = utf8_next(text + done, len - done, &point);
		if (step == 0 || !is_of[characters](point))
			return false;
	}
	return true;
}

/* -- scripts --------------------------------------------------------------- */

enum {
	JAPANESE = 1,
	CHINESE = 2,
	KOREAN = 4,
	EVERY_LANGUAGE = JAPANESE | CHINESE | KOREAN
};

/* Languages that are written in several scripts: UTS 39 5.2, "highly". */
static unsigned
languages_of(const char *script)
{
	static const struct {
		const char *script;
		unsigned languages;
	} table[] = {
		{ "Latin", EVERY_LANGUAGE },
		{ "Han", EVERY_LANGUAGE },
		{ "Hiragana", JAPANESE },
		{ "Katakana", JAPANESE },
		{ "Bopomofo", CHINESE },
		{ "Hangul", KOREAN },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].script, script) == 0)
			return table[i].languages;
	return 0;
}

/* Digits, hyphens, combining marks: they belong to every script. */
static bool
is_of_any_script(const uc_script_t *script)
{
	return script == NULL || strcmp(script->name, "Common") == 0 ||
	    strcmp(script->name, "Inherited") == 0;
}

bool
characters_are_of_one_script(const char *text, size_t len)
{
	const uc_script_t *first = NULL, *script;
	unsigned languages = EVERY_LANGUAGE;
	bool one = true;
	uint32_t point;
	size_t done, step;

	for (done = 0; done < len; done += step) {
		step = utf8_next(text + done, len - done, &point);
		if (step == 0)
			return false;
		script = uc_script(point);
		if (is_of_any_script(script))
			continue;
		if (first == NULL)
			first = script;
		one = one && script == first;
		languages &= languages_of(script->name);
	}
	return one || languages != 0;
}
