/* SPDX-License-Identifier: MIT */
/*
 * Logging in to the relay (RFC 4954) with SMTP_USERNAME and SMTP_PASSWORD or
 * SMTP_TOKEN: what libcurl is told of it, and why it failed.
 */
#ifndef POSTRIDER_LOGIN_H
#define POSTRIDER_LOGIN_H

#include <curl/curl.h>
#include <stdbool.h>

#include "buffer.h"
#include "config.h"
#include "ehlo.h"

bool login_is_wanted(const struct config *);

/*
 * Name, mechanism and the secret as it is now; nothing when no login is wanted.
 * 0; -1: the secret cannot be had, and why is appended, without it.
 */
int login_set(CURL *, const struct config *, struct buffer *why);

/* It was tried and there is none: refused, for now or for good. */
bool login_is_refused(const struct ehlo *);

/* Appends why there is no login, and what to do. */
void login_explain(struct buffer *, const struct config *, const struct ehlo *);

/* Whether the secret goes over a network in clear, as SMTP_TLS=off wants. */
bool login_is_exposed(const struct config *);

#endif
