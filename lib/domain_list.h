/* SPDX-License-Identifier: MIT */
/*
 * Domains that From may be of, in one text: `example.com *.example.org`, with
 * blanks or commas between. `*.` stands for all below a domain, not for itself.
 * Pure.
 */
#ifndef POSTRIDER_DOMAIN_LIST_H
#define POSTRIDER_DOMAIN_LIST_H

#include <stdbool.h>

#include "buffer.h"

/*
 * Appends the list in its normal form: domains as address.h has them, a blank
 * between. NULL, or what is wrong with it: a constant text.
 */
const char *domain_list_normalize(struct buffer *, const char *list);

/* Of a normal form; an empty list has every domain. */
bool domain_list_has(const char *list, const char *domain);

#endif
