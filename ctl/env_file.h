/* SPDX-License-Identifier: MIT */
/*
 * The file that the units' settings are in (systemd.exec(5), EnvironmentFile=),
 * so that the operator's command sees what the services see.
 */
#ifndef POSTRIDER_ENV_FILE_H
#define POSTRIDER_ENV_FILE_H

#define ENV_FILE_DEFAULT "/etc/postrider/postrider.env"

/*
 * Puts its settings into the environment, but for those that are there. 0, or
 * -1 with errno set: it cannot be read.
 */
int env_file_load(const char *path);

#endif
