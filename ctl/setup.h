/* SPDX-License-Identifier: MIT */
/* The command that makes Postrider run on a host whose packages are there. */
#ifndef POSTRIDER_SETUP_H
#define POSTRIDER_SETUP_H

#include "command.h"

extern const struct options_entry setup_options[];
enum command_status setup_run(const struct ctl *, char **);

#endif
