/* SPDX-License-Identifier: MIT */
/*
 * Why a mail is as it is: its state in words, every attempt, until when it is
 * tried, who has it, and what would change it. Of Redis' job or the record's.
 */
#ifndef POSTRIDER_WHY_H
#define POSTRIDER_WHY_H

#include <hiredis/hiredis.h>

#include "buffer.h"
#include "snapshot.h"

/* What only Redis has, of a job that waits; the zero value is none of it. */
struct why_extra {
	const char *owner; /* NULL: nobody has it in hand */
	int64_t lease_until, give_up_at, expires_at; /* ms; 0: none */
	int64_t turn_at; /* of a mail that would go too fast; ms, 0: none */
};
/* Points into what the script `show` answered. */
void why_read_extra(struct why_extra *, const redisReply *shown);

void why_write(struct buffer *out, const struct snapshot *,
    const struct why_extra *);

#endif
