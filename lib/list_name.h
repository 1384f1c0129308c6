/* SPDX-License-Identifier: MIT */
/*
 * The name of a list of people that a mail goes to, by which one may be
 * suppressed for that list alone: "newsletter", or the id of a topic. Pure.
 */
#ifndef POSTRIDER_LIST_NAME_H
#define POSTRIDER_LIST_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define LIST_NAME_MAX 64 /* bytes */
#define LIST_NAME_FAULT "must have 1 to 64 of letters, digits, - _ and ."

bool list_name_is_valid(const char *text, size_t len);

#endif
