/* SPDX-License-Identifier: MIT */
/* The commands about many mails: what was, and what happens. */
#ifndef POSTRIDER_HISTORY_H
#define POSTRIDER_HISTORY_H

#include "command.h"

extern const struct options_entry history_options[];
extern const struct options_entry tail_options[];

enum command_status history_run(const struct ctl *, char **);
enum command_status tail_run(const struct ctl *, char **);

#endif
