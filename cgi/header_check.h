/* SPDX-License-Identifier: MIT */
/*
 * Request headers that decide something must not come twice: two readers could
 * take different ones. A web server may join the values of two such headers
 * (lighttpd: with ", "), or pass both, also those of an alias: Idempotency_Key
 * becomes the same CGI variable as Idempotency-Key (RFC 3875 4.1.18). Pure.
 */
#ifndef POSTRIDER_HEADER_CHECK_H
#define POSTRIDER_HEADER_CHECK_H

#include "faults.h"

/*
 * `envp`: NAME=value texts, NULL ends them; each header that came twice is
 * added to the faults, under its own name.
 */
void header_check(char *const *envp, struct faults *);

#endif
