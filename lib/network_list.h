/* SPDX-License-Identifier: MIT */
/*
 * Networks in one text: `192.0.2.0/24 2001:db8::/32 198.51.100.7`, with blanks
 * or commas between. An IPv4 address that came by IPv6 (::ffff:192.0.2.1) is
 * the IPv4 address. Pure.
 */
#ifndef POSTRIDER_NETWORK_LIST_H
#define POSTRIDER_NETWORK_LIST_H

#include <stdbool.h>

#include "buffer.h"

/*
 * Appends the list with a blank between. NULL, or what is wrong with it: a
 * constant text. Bits behind a prefix are wrong: 192.0.2.1/24 is a slip.
 */
const char *network_list_normalize(struct buffer *, const char *list);

/*
 * Whether the address is in one of them. An empty list has every address, also
 * one that cannot be read; no other list has such.
 */
bool network_list_has(const char *list, const char *address);

#endif
