/* SPDX-License-Identifier: MIT */
/*
 * How fast mail may go: SEND_RATE for all of it, PACE_FILE for domains. A claim
 * brings what limits its mail, and Redis, where the workers' tokens are, says
 * whether it may go (lib/lua/parts/pace.lua). One that may not waits for its
 * turn: a short time here, in line for a claim, else on the ladder; never in a
 * session.
 */
#ifndef POSTRIDER_PACE_H
#define POSTRIDER_PACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "buffer.h"
#include "config.h"
#include "pace_table.h"

struct delivery;
struct store_claim_reply;

/* The zero value limits nothing. */
struct pace {
	double rate; /* SEND_RATE, mails a second; 0: no limit */
	struct pace_table table;
	uint64_t waits; /* claims answered with a turn, so far */
};

/* 0, or -1 after writing each fault to `faults`; then nothing is limited. */
int pace_open(struct pace *, const struct config *, FILE *faults);
/* Reads PACE_FILE again. 0, or -1 as above; then the limits stay. */
int pace_reload(struct pace *, const struct config *, FILE *faults);
void pace_close(struct pace *);
bool pace_limits(const struct pace *);

/*
 * What limits a mail, as claim wants it: "" for nothing, "?" when it depends on
 * recipients that its message does not tell.
 */
void delivery_pace(const struct delivery *, struct buffer *spec);
/* The same, of a text with all its recipients' addresses in it. */
void delivery_pace_of(const struct delivery *, const char *whom,
    struct buffer *spec);

/* The claim's answer was a turn: back into the line, or up the ladder. */
void delivery_wait_turn(struct delivery *, const struct store_claim_reply *);

#endif
