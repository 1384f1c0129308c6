/* SPDX-License-Identifier: MIT */
/* The commands about API keys: in Redis itself, as the first one must be. */
#ifndef POSTRIDER_CTL_KEYS_H
#define POSTRIDER_CTL_KEYS_H

#include "command.h"

extern const struct options_entry keys_add_options[];
extern const struct options_entry keys_rotate_options[];

enum command_status keys_add(const struct ctl *, char **name);
enum command_status keys_list(const struct ctl *, char **);
enum command_status keys_revoke(const struct ctl *, char **ids);
enum command_status keys_rotate(const struct ctl *, char **id);

#endif
