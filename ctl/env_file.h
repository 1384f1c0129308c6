/* SPDX-License-Identifier: MIT */
/*
 * The file that the units' settings are in (systemd.exec(5), EnvironmentFile=),
 * so that the operator's command sees what the services see.
 */
#ifndef POSTRIDER_ENV_FILE_H
#define POSTRIDER_ENV_FILE_H

#include <stdbool.h>

#include "buffer.h"

#define ENV_FILE_DEFAULT "/etc/postrider/postrider.env"

/*
 * Puts its settings into the environment, but for those that are there. 0, or
 * -1 with errno set: it cannot be read.
 */
int env_file_load(const char *path);

/* Whether its text sets `name`. */
bool env_file_has(const struct buffer *text, const char *name);
/*
 * Sets `name` in the file's text: in its place, or under the comment that tells
 * of it, or at the end. All else stays as it is. false: the value cannot be
 * written so that all who read the file read the same.
 */
bool env_file_set(struct buffer *text, const char *name, const char *value);

#endif
