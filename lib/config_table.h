/* SPDX-License-Identifier: MIT */
/* The rows behind config.h, for config.c alone. */
#ifndef POSTRIDER_CONFIG_TABLE_H
#define POSTRIDER_CONFIG_TABLE_H

#include <stddef.h>

#include "setting.h"

/* In the order of --help; a default may be computed from rows above it. */
extern const struct setting config_settings[];
extern const size_t config_settings_len;

#endif
