/* SPDX-License-Identifier: MIT */
/*
 * What a sender marks a mail with for his own use: `tags`, a list of
 * {"name","value"}, and `metadata`, an object. Neither is sent.
 */
#ifndef POSTRIDER_LABEL_H
#define POSTRIDER_LABEL_H

#include "buffer.h"
#include "faults.h"
#include "json_value.h"

#define LABEL_TAGS_MAX 50
#define LABEL_TAG_MAX 256 /* bytes of a name, of a value */
#define LABEL_PAIRS_MAX 50
#define LABEL_KEY_MAX 64 /* bytes */
#define LABEL_VALUE_MAX 512 /* bytes */

/* How many bytes of a tag's name or value a text begins with; 0: too many. */
size_t label_word_length(const char *);

/* Appends them as JSON without blanks; each fault is told. */
void label_read_tags(struct buffer *, const struct json_value *list,
    struct faults *);
void label_read_metadata(struct buffer *, const struct json_value *object,
    struct faults *);

#endif
