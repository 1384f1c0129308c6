/* SPDX-License-Identifier: MIT */
/*
 * Whether bytes are JSON that we take (RFC 8259), judged before anything reads
 * a value from them. Stricter than the usual parsers, which hide what two
 * readers of the same text may understand differently: duplicate keys (also
 * when spelled with escapes), U+0000, lone surrogates, invalid UTF-8, bytes
 * behind the value, numbers that no double or int64_t holds. Pure, no heap.
 */
#ifndef POSTRIDER_JSON_SCAN_H
#define POSTRIDER_JSON_SCAN_H

#include <stddef.h>

#define JSON_DEPTH_MAX 16 /* objects and arrays in one another */
#define JSON_KEYS_MAX 256 /* keys of one object */
#define JSON_NUMBER_MAX 64 /* bytes of a number */

struct json_fault {
	const char *what; /* constant: "a key that occurs twice" */
	size_t at; /* byte where, from 0 */
};

/* 0: one whole JSON value. -1: it is not, and *fault tells the first reason. */
int json_scan(const char *text, size_t len, struct json_fault *fault);

#endif
