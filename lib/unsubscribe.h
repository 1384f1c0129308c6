/* SPDX-License-Identifier: MIT */
/*
 * Where a mail of a list is unsubscribed from with one click (RFC 8058): an
 * https URL that takes a POST. Pure.
 */
#ifndef POSTRIDER_UNSUBSCRIBE_H
#define POSTRIDER_UNSUBSCRIBE_H

#include <stddef.h>

#define UNSUBSCRIBE_URL_MAX 800 /* bytes: with its field one line */

/* What is wrong with a URL, its verb first ("must ..."), or NULL. */
const char *unsubscribe_url_fault(const char *text, size_t len);

#endif
