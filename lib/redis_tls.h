/* SPDX-License-Identifier: MIT */
/*
 * rediss://, where hiredis has TLS: from 1.0 on, so not on Debian 12. The
 * certificate and its name are always checked.
 */
#ifndef POSTRIDER_REDIS_TLS_H
#define POSTRIDER_REDIS_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include <hiredis/hiredis.h>

#include "redis_url.h"

bool redis_tls_is_built(void);

/*
 * Begins TLS on a connection (one that does not block may still be on its way).
 * 0, or -1 with what failed in `why`.
 */
int redis_tls_start(redisContext *, const struct redis_url *, char *why,
    size_t size);

/* Whether it is spoken there, so that nothing may be written past hiredis. */
bool redis_tls_is_on(const redisContext *);

#endif
