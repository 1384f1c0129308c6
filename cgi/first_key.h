/* SPDX-License-Identifier: MIT */
/* --new-key: a key that may do all, for who has none yet. */
#ifndef POSTRIDER_FIRST_KEY_H
#define POSTRIDER_FIRST_KEY_H

#include "config.h"

/* Prints its token on stdout. 0; or -1, and stderr says why. */
int first_key_make(const struct config *, const char *name);

#endif
