/* SPDX-License-Identifier: MIT */
/* The commands that retry many mails, in the background and at a rate. */
#ifndef POSTRIDER_CTL_REDRIVE_H
#define POSTRIDER_CTL_REDRIVE_H

#include "command.h"

extern const struct options_entry redrive_options[];

enum command_status redrive_run(const struct ctl *, char **);
enum command_status redrive_show(const struct ctl *, char **id);
enum command_status redrive_cancel(const struct ctl *, char **id);

#endif
