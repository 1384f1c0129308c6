/* SPDX-License-Identifier: MIT */
/* postrider suppress: who is not to be sent to. */
#ifndef POSTRIDER_SUPPRESS_H
#define POSTRIDER_SUPPRESS_H

#include "command.h"

extern const struct options_entry suppress_list_options[];
extern const struct options_entry suppress_add_options[];
extern const struct options_entry suppress_remove_options[];

enum command_status suppress_list(const struct ctl *, char **arguments);
enum command_status suppress_show(const struct ctl *, char **address);
enum command_status suppress_add(const struct ctl *, char **addresses);
enum command_status suppress_remove(const struct ctl *, char **addresses);

#endif
