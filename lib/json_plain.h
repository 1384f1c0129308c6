/* SPDX-License-Identifier: MIT */
/* Of what a JSON string holds as it is (RFC 8259 section 7). Pure. */
#ifndef POSTRIDER_JSON_PLAIN_H
#define POSTRIDER_JSON_PLAIN_H

#include <stddef.h>

/*
 * How many bytes `text` begins with that are ASCII and need no escape: no
 * control, no quote, no backslash. Bodies are mostly such runs.
 */
size_t json_plain_run(const char *text, size_t len);

#endif
