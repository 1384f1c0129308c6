/* SPDX-License-Identifier: MIT */
/*
 * Who may use /api. With AUTH=required a request needs an API key in
 * `Authorization: Bearer`; there is no way to make keys yet, so none is valid.
 */
#ifndef POSTRIDER_AUTH_H
#define POSTRIDER_AUTH_H

#include "config.h"

enum auth_answer {
	AUTH_GRANTED,
	AUTH_MISSING,
	AUTH_INVALID
};

/* `authorization`: the header's value, or NULL. Pure. */
enum auth_answer auth_check(const struct config *, const char *authorization);

#endif
