/* SPDX-License-Identifier: MIT */
/*
 * Where what cannot be delivered comes back to: BOUNCE_ADDRESS with the job's
 * id in it, so that a bounce tells its mail whatever else it has lost (VERP):
 * bounces+0197...@example.com. Pure.
 */
#ifndef POSTRIDER_BOUNCE_ADDRESS_H
#define POSTRIDER_BOUNCE_ADDRESS_H

#include "buffer.h"

/* Appends it; without the id where the two are too long for a local part. */
void bounce_address_add(struct buffer *, const char *address, const char *id);

#endif
