/* SPDX-License-Identifier: MIT */
/*
 * The leaves of a message: a text, or a file. Each is the fields of its header
 * that begin with Content-, the empty line and the body, which ends with CR LF
 * if it has any bytes. Pure.
 */
#ifndef POSTRIDER_PART_H
#define POSTRIDER_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "attachment.h"
#include "composed.h"

/* `type`: text/plain or text/html. */
void part_add_text(struct composed *, const char *type, const char *text,
    size_t len);

/*
 * Its name as RFC 2231 has it, in ASCII for readers that do not know that.
 * `shown` by the HTML that it goes with. The bytes are borrowed.
 */
void part_add_file(struct composed *, const struct attachment *, bool shown,
    const char *bytes);

#endif
