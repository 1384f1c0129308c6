/* SPDX-License-Identifier: MIT */
/*
 * A time that a client names: RFC 3339, or from now on, as Resend's SDKs send
 * it: "in 10 minutes". Pure.
 */
#ifndef POSTRIDER_MOMENT_H
#define POSTRIDER_MOMENT_H

#include <stddef.h>
#include <stdint.h>

#define MOMENT_SCHEDULE_DAYS 40 /* the farthest; the delay ladder has 48.5 */
#define MOMENT_PAST INT64_C(60000) /* ms by which clocks may differ */

/* Of what moment_parse() does not take. */
#define MOMENT_FAULT                                                     \
	"must be a time as 2025-06-29T15:52:17Z, or one from now on as " \
	"in 10 minutes"

/* "in", a whole number or a, a unit from seconds to weeks. ms; 0 or -1. */
int moment_parse(const char *text, size_t len, int64_t now, int64_t *ms);

/* What is wrong with it as scheduled_at or expires_at; NULL: nothing. */
const char *moment_schedule_fault(int64_t at, int64_t now);
const char *moment_expiry_fault(int64_t at, int64_t now, int64_t scheduled_at);

#endif
