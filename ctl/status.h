/* SPDX-License-Identifier: MIT */
/* The command about the system as a whole. */
#ifndef POSTRIDER_CTL_STATUS_H
#define POSTRIDER_CTL_STATUS_H

#include "command.h"

enum command_status status_run(const struct ctl *, char **);

#endif
