/* SPDX-License-Identifier: MIT */
/*
 * The operator's word on a Redis that went back in time, or is another one
 * (known_store.h): postrider-worker --restore hold|send.
 */
#ifndef POSTRIDER_RESTORE_H
#define POSTRIDER_RESTORE_H

#include <stdbool.h>

#include "config.h"

/*
 * `how` is "hold" or "send". The status to exit with; what was done is told on
 * stdout, for a person or as JSON.
 */
int restore_decide(const struct config *, const char *how, bool json);

#endif
