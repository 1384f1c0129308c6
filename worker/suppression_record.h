/* SPDX-License-Identifier: MIT */
/* The suppression list's changes on their way into the record. */
#ifndef POSTRIDER_SUPPRESSION_RECORD_H
#define POSTRIDER_SUPPRESSION_RECORD_H

#include <hiredis/hiredis.h>

#include "record.h"

#define SUPPRESSION_RECORD_MAX 50 /* in one transaction */

/*
 * `changes`: a list of JSON, as lib/lua/parts/suppression.lua makes it, the
 * older ones first. All of it or nothing; twice does no harm. 0 or -1.
 */
int suppression_record_write(struct record *, const redisReply *changes);

#endif
