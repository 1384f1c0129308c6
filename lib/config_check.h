/* SPDX-License-Identifier: MIT */
/* What must hold of the settings beyond each one's own type and range. */
#ifndef POSTRIDER_CONFIG_CHECK_H
#define POSTRIDER_CONFIG_CHECK_H

#include <stdio.h>

#include "config.h"

#define CONFIG_INSTANCE_MAX 40 /* bytes: owner adds a random part to it */

/* A name or an IP address, for all that its characters say. */
bool config_is_host(const char *);

/* How many faults it wrote to `faults`, one line each. */
int config_check(const struct config *, enum config_program, FILE *faults);

#endif
