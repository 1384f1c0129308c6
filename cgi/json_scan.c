/* SPDX-License-Identifier: MIT */
/*
 * One pass over the bytes by recursive descent; the depth limit bounds the
 * stack. Keys are compared by a 64-bit hash of their decoded bytes: whoever
 * makes two different keys collide only gets his own request refused.
 */
#include "json_scan.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_plain.h"
#include "literal.h"
#include "utf8.h"

#define HASH_BASIS UINT64_C(0xcbf29ce484222325) /* FNV-1a, 64 bits */
#define HASH_PRIME UINT64_C(0x100000001b3)

struct scanner {
	const char *text;
	size_t len;
	size_t at;
	unsigned depth;
	struct json_fault *fault;
	size_t keys_len; /* those of every object that is open */
	uint64_t keys[JSON_DEPTH_MAX * JSON_KEYS_MAX];
};

static int scan_value(struct scanner *);

static int
fault_at(struct scanner *scan, size_t at, const char *what)
{
	scan->fault->what = what;
	scan->fault->at = at;
	return -1;
}

static int
fault_here(struct scanner *scan, const char *what)
{
	if (scan->at == scan->len)
		what = "an end where more is needed";
	return fault_at(scan, scan->at, what);
}

/* The byte that is next, or -1 at the end. */
static int
peek(const struct scanner *scan)
{
	return scan->at < scan->len ? (unsigned char)scan->text[scan->at] : -1;
}

static void
skip_space(struct scanner *scan)
{
	int byte = peek(scan);

	while (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
		scan->at++;
		byte = peek(scan);
	}
}

/* -- strings --------------------------------------------------------------- */

static void
hash_byte(uint64_t *hash, uint32_t byte)
{
	*hash = (*hash ^ (byte & 0xff)) * HASH_PRIME;
}

/* Escaped or not, a character counts as its UTF-8 bytes. */
static void
hash_point(uint64_t *hash, uint32_t point)
{
	if (point < 0x80) {
		hash_byte(hash, point);
		return;
	}
	if (point < 0x800) {
		hash_byte(hash, 0xc0 | point >> 6);
	} else {
		if (point < 0x10000) {
			hash_byte(hash, 0xe0 | point >> 12);
		} else {
			hash_byte(hash, 0xf0 | point >> 18);
			hash_byte(hash, 0x80 | (point >> 12 & 0x3f));
		}
		hash_byte(hash, 0x80 | (point >> 6 & 0x3f));
	}
	hash_byte(hash, 0x80 | (point & 0x3f));
}

/* Four hex digits; -1 when they are not. */
static int
scan_hex(struct scanner *scan, uint32_t *unit)
{
	int i, byte;

	for (*unit = 0, i = 0; i < 4; i++) {
		byte = peek(scan);
		if (byte >= '0' && byte <= '9')
			*unit = *unit << 4 | (uint32_t)(byte - '0');
		else if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
			*unit =
			    *unit << 4 | (uint32_t)((byte | 0x20) - 'a' + 10);
		else
			return fault_here(scan,
			    "a \\u without four hex digits");
		scan->at++;
	}
	return 0;
}

/* Behind `\u`. */
static int
scan_unicode(struct scanner *scan, uint64_t *hash)
{
	size_t begin = scan->at - 2;
	uint32_t high, low;

	if (scan_hex(scan, &high) == -1)
		return -1;
	if (high == 0)
		return fault_at(scan, begin, "a \\u0000");
	if (high < 0xd800 || high > 0xdfff) {
		hash_point(hash, high);
		return 0;
	}
	if (high > 0xdbff || scan->len - scan->at < 2 ||
	    memcmp(scan->text + scan->at, "\\u", 2) != 0)
		return fault_at(scan, begin, "a lone surrogate");
	scan->at += 2;
	if (scan_hex(scan, &low) == -1)
		return -1;
	if (low < 0xdc00 || low > 0xdfff)
		return fault_at(scan, begin, "a lone surrogate");
	hash_point(hash, 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff)));
	return 0;
}

/* Behind the backslash. */
static int
scan_escape(struct scanner *scan, uint64_t *hash)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	int byte = peek(scan);
	const char *letter;

	if (byte == 'u') {
		scan->at++;
		return scan_unicode(scan, hash);
	}
	letter = byte > 0 ? strchr(letters, byte) : NULL;
	if (letter == NULL)
		return fault_here(scan, "an unknown escape");
	hash_byte(hash, (uint32_t)meant[letter - letters]);
	scan->at++;
	return 0;
}

/* One character that is no quote; the hash goes on over what it means. */
static int
scan_character(struct scanner *scan, int byte, uint64_t *hash)
{
	size_t i, length;

	if (byte == '\\') {
		scan->at++;
		return scan_escape(scan, hash);
	}
	if (byte < 0x20)
		return fault_here(scan, "a control character in a string");
	length = utf8_next(scan->text + scan->at, scan->len - scan->at, NULL);
	if (length == 0)
		return fault_here(scan, "invalid UTF-8");
	for (i = 0; i < length; i++)
		hash_byte(hash, (unsigned char)scan->text[scan->at++]);
	return 0;
}

/* What is to be hashed is looked at byte by byte: names are short. */
static int
scan_name(struct scanner *scan, uint64_t *hash)
{
	int byte;

	*hash = HASH_BASIS;
	scan->at++;
	while ((byte = peek(scan)) != '"')
		if (scan_character(scan, byte, hash) == -1)
			return -1;
	scan->at++;
	return 0;
}

static int
scan_string(struct scanner *scan)
{
	uint64_t unused = HASH_BASIS;
	int byte;

	scan->at++;
	for (;;) {
		scan->at +=
		    json_plain_run(scan->text + scan->at, scan->len - scan->at);
		byte = peek(scan);
		if (byte == '"')
			break;
		if (scan_character(scan, byte, &unused) == -1)
			return -1;
	}
	scan->at++;
	return 0;
}

/* -- numbers and words ----------------------------------------------------- */

/* At least one digit; returns how many. */
static size_t
skip_digits(struct scanner *scan)
{
	size_t begin = scan->at;

	while (peek(scan) >= '0' && peek(scan) <= '9')
		scan->at++;
	return scan->at - begin;
}

/* RFC 8259 section 6; *whole: neither fraction nor exponent. */
static int
scan_number_form(struct scanner *scan, bool *whole)
{
	*whole = true;
	if (peek(scan) == '-')
		scan->at++;
	if (peek(scan) == '0')
		scan->at++;
	else if (skip_digits(scan) == 0)
		return fault_here(scan, "a number without digits");
	if (peek(scan) == '.') {
		*whole = false;
		scan->at++;
		if (skip_digits(scan) == 0)
			return fault_here(scan, "a fraction without digits");
	}
	if (peek(scan) == 'e' || peek(scan) == 'E') {
		*whole = false;
		scan->at++;
		if (peek(scan) == '+' || peek(scan) == '-')
			scan->at++;
		if (skip_digits(scan) == 0)
			return fault_here(scan, "an exponent without digits");
	}
	return 0;
}

static bool
number_fits(const char *digits, bool whole)
{
	if (!whole)
		return isfinite(strtod(digits, NULL));
	errno = 0;
	(void)strtoll(digits, NULL, 10); /* only its errno is asked for */
	return errno != ERANGE;
}

static int
scan_number(struct scanner *scan)
{
	const size_t begin = scan->at;
	char digits[JSON_NUMBER_MAX + 1];
	bool whole;
	size_t len;

	if (scan_number_form(scan, &whole) == -1)
		return -1;
	len = scan->at - begin;
	if (len > JSON_NUMBER_MAX)
		return fault_at(scan, begin,
		    "a number over " LITERAL(JSON_NUMBER_MAX) " bytes");
	memcpy(digits, scan->text + begin, len);
	digits[len] = '\0';
	if (!number_fits(digits, whole))
		return fault_at(scan, begin, "a number out of range");
	return 0;
}

static int
scan_word(struct scanner *scan)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i, len;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		len = strlen(words[i]);
		if (scan->len - scan->at >= len &&
		    memcmp(scan->text + scan->at, words[i], len) == 0) {
			scan->at += len;
			return 0;
		}
	}
	return fault_here(scan, "something that is no value");
}

/* -- arrays and objects ---------------------------------------------------- */

static int
scan_key(struct scanner *scan, size_t first_key)
{
	const size_t begin = scan->at;
	uint64_t hash;
	size_t i;

	if (peek(scan) != '"')
		return fault_here(scan, "something else than a key");
	if (scan_name(scan, &hash) == -1)
		return -1;
	for (i = first_key; i < scan->keys_len; i++)
		if (scan->keys[i] == hash)
			return fault_at(scan, begin, "a key that occurs twice");
	if (scan->keys_len - first_key == JSON_KEYS_MAX)
		return fault_at(scan, begin,
		    "an object of over " LITERAL(JSON_KEYS_MAX) " keys");
	scan->keys[scan->keys_len++] = hash;
	skip_space(scan);
	if (peek(scan) != ':')
		return fault_here(scan, "something else than ':'");
	scan->at++;
	return 0;
}

/* The inside, up to and with `end`; behind the opening bracket. */
static int
scan_items(struct scanner *scan, int end)
{
	const size_t first_key = scan->keys_len;

	skip_space(scan);
	if (peek(scan) == end) {
		scan->at++;
		return 0;
	}
	for (;;) {
		skip_space(scan);
		if (end == '}' && scan_key(scan, first_key) == -1)
			return -1;
		if (scan_value(scan) == -1)
			return -1;
		if (peek(scan) != ',')
			break;
		scan->at++;
	}
	scan->keys_len = first_key;
	if (peek(scan) != end)
		return fault_here(scan,
		    end == '}' ? "something else than ',' or '}'" :
				 "something else than ',' or ']'");
	scan->at++;
	return 0;
}

static int
scan_nested(struct scanner *scan, int end)
{
	int result;

	if (scan->depth == JSON_DEPTH_MAX)
		return fault_here(scan,
		    "more than " LITERAL(JSON_DEPTH_MAX) " levels");
	scan->at++;
	scan->depth++;
	result = scan_items(scan, end);
	scan->depth--;
	return result;
}

/* One value and the space around it. */
static int
scan_value(struct scanner *scan)
{
	int byte, result;

	skip_space(scan);
	byte = peek(scan);
	if (byte == '{' || byte == '[')
		result = scan_nested(scan, byte == '{' ? '}' : ']');
	else if (byte == '"')
		result = scan_string(scan);
	else if (byte == '-' || (byte >= '0' && byte <= '9'))
		result = scan_number(scan);
	else
		result = scan_word(scan);
	skip_space(scan);
	return result;
}

int
json_scan(const char *text, size_t len, struct json_fault *fault)
{
	struct scanner scan;

	/* Member by member: the table of keys need not be zeroed. */
	scan.text = text;
	scan.len = len;
	scan.at = 0;
	scan.depth = 0;
	scan.keys_len = 0;
	scan.fault = fault;
	if (scan_value(&scan) == -1)
		return -1;
	if (scan.at != len)
		return fault_at(&scan, scan.at, "bytes behind the value");
	return 0;
}
