/* SPDX-License-Identifier: MIT */
/* The command after a Redis that went back in time: docs/protocol.md, Restore. */
#ifndef POSTRIDER_CTL_RESTORE_H
#define POSTRIDER_CTL_RESTORE_H

#include "command.h"

extern const struct options_entry restore_options[];
enum command_status restore_run(const struct ctl *, char **);

#endif
