/* SPDX-License-Identifier: MIT */
/* Which pages a browser may follow our events from (RFC 6454). Pure. */
#ifndef POSTRIDER_ORIGIN_H
#define POSTRIDER_ORIGIN_H

#include <stdbool.h>

#include "http_head.h"

/*
 * `origin`: of the request, NULL: not from a browser; `host`: its Host, may be
 * NULL; `allowed`: ALLOWED_ORIGINS, a comma list. A page of the host itself may.
 */
bool origin_is_allowed(const char *allowed, const struct http_text *origin,
    const struct http_text *host);

#endif
