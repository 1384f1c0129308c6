/* SPDX-License-Identifier: MIT */
/* Reads UTF-8 as RFC 3629 section 4 spells it, and nothing looser. */
#include "utf8.h"

#include <string.h>

/* Lead bytes, the length they announce, and the second byte's range. */
static const struct {
	unsigned char lead_min, lead_max, length, second_min, second_max;
} utf8_forms[] = {
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};
#define UTF8_FORMS (sizeof(utf8_forms) / sizeof(utf8_forms[0]))

/* The form of the character at `byte`, or UTF8_FORMS. */
static size_t
utf8_form(const unsigned char *byte, size_t len)
{
	size_t i;

	for (i = 0; i < UTF8_FORMS; i++)
		if (byte[0] >= utf8_forms[i].lead_min &&
		    byte[0] <= utf8_forms[i].lead_max)
			break;
	if (i == UTF8_FORMS || len < utf8_forms[i].length ||
	    byte[1] < utf8_forms[i].second_min ||
	    byte[1] > utf8_forms[i].second_max)
		return UTF8_FORMS;
	return i;
}

size_t
utf8_next(const char *text, size_t len, uint32_t *point)
{
	const unsigned char *byte = (const unsigned char *)text;
	uint32_t value;
	size_t form, length, i;

	if (len == 0)
		return 0;
	if (byte[0] < 0x80) {
		value = byte[0];
		length = 1;
	} else {
		form = utf8_form(byte, len);
		if (form == UTF8_FORMS)
			return 0;
		length = utf8_forms[form].length;
		value = byte[0] & (0x7fU >> length);
		for (i = 1; i < length; i++) {
			if ((byte[i] & 0xc0) != 0x80)
				return 0;
			value = value << 6 | (byte[i] & 0x3f);
		}
	}
	if (point != NULL)
		*point = value;
	return length;
}

/* How many bytes of ASCII it begins with, eight at a time. */
static size_t
utf8_ascii(const char *text, size_t len)
{
	uint64_t eight;
	size_t done;

	for (done = 0; done + sizeof(eight) <= len; done += sizeof(eight)) {
		memcpy(&eight, text + done, sizeof(eight));
		if ((eight & 0x8080808080808080) != 0)
			break;
	}
	return done;
}

bool
utf8_is_valid(const char *text, size_t len)
{
	size_t done, step;

	for (done = 0; done < len; done += step) {
		step = utf8_ascii(text + done, len - done);
		if (step == 0)
			step = utf8_next(text + done, len - done, NULL);
		if (step == 0)
			return false;
	}
	return true;
}
