/* SPDX-License-Identifier: MIT */
/* The command that makes quorum queues of an older deployment's classic ones. */
#ifndef POSTRIDER_MIGRATE_H
#define POSTRIDER_MIGRATE_H

#include "command.h"

extern const struct options_entry migrate_options[];
enum command_status migrate_run(const struct ctl *, char **);

#endif
