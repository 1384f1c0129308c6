/* SPDX-License-Identifier: MIT */
/*
 * The settings of config.h as libcurl's options for a handle that connects to
 * the relay and does not transfer. TLS is tls.h's, AUTH is login.h's.
 */
#ifndef POSTRIDER_CURL_SMTP_H
#define POSTRIDER_CURL_SMTP_H

#include <curl/curl.h>

#include "config.h"

/* URL and time limits. 0, or -1: libcurl refused one of them. */
int curl_smtp_set(CURL *, const struct config *);

#endif
