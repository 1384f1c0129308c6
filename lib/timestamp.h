/* SPDX-License-Identifier: MIT */
/* Points in time: milliseconds since 1970-01-01T00:00:00Z, and RFC 3339. */
#ifndef POSTRIDER_TIMESTAMP_H
#define POSTRIDER_TIMESTAMP_H

#include <stddef.h>
#include <stdint.h>

#define TIMESTAMP_SIZE sizeof("2025-06-29T15:52:17.432Z")
#define TIMESTAMP_MAX INT64_C(253402300799999) /* the end of year 9999 */

int64_t timestamp_now(void); /* wall clock */
int64_t timestamp_monotonic(void); /* CLOCK_BOOTTIME: for waits and leases */

/* 2025-06-29T15:52:17.432Z; values outside 0..TIMESTAMP_MAX are clamped. */
void timestamp_format(char text[TIMESTAMP_SIZE], int64_t ms);
/* RFC 5322 3.3 date-time in UTC: "Sun, 29 Jun 2025 15:52:17 +0000". */
#define TIMESTAMP_MAIL_SIZE sizeof("Sun, 29 Jun 2025 15:52:17 +0000")
void timestamp_format_mail(char text[TIMESTAMP_MAIL_SIZE], int64_t ms);

/*
 * RFC 3339 date-time: any number of fraction digits (cut to milliseconds) or
 * none, `Z` or an offset; without an offset it is UTC. 0, or -1 when `text` is
 * anything else or lies outside 0..TIMESTAMP_MAX; `*ms` is set only on 0.
 */
int timestamp_parse(const char *text, size_t len, int64_t *ms);

#endif
