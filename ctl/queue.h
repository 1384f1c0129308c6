/* SPDX-License-Identifier: MIT */
/* The commands about the queue: what waits, and holding it back. */
#ifndef POSTRIDER_CTL_QUEUE_H
#define POSTRIDER_CTL_QUEUE_H

#include "command.h"

extern const struct options_entry queue_options[];

enum command_status queue_status(const struct ctl *, char **);
enum command_status queue_pause(const struct ctl *, char **);
enum command_status queue_resume(const struct ctl *, char **);

#endif
