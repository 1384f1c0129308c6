/* SPDX-License-Identifier: MIT */
/* The known name that somebody most likely meant to write. Pure. */
#ifndef POSTRIDER_NEAREST_H
#define POSTRIDER_NEAREST_H

#include <stddef.h>

/*
 * The name of the smallest edit distance to `word`, letter case not counted: an
 * insertion, deletion, substitution or a swap of neighbours costs 1. NULL when
 * none is nearer than half of the word, or within 3.
 */
const char *nearest_name(const char *word, size_t len, const char *const *names,
    size_t names_len);

#endif
