/* SPDX-License-Identifier: MIT */
/*
 * The secrets that the units are given by systemd (LoadCredential=): a file
 * each, for root alone, CREDENTIAL_FOLDER/postrider.<NAME of the setting>.
 */
#ifndef POSTRIDER_CREDENTIAL_H
#define POSTRIDER_CREDENTIAL_H

#include <stdbool.h>

#include "buffer.h"

#define CREDENTIAL_FOLDER "/etc/credstore"

/*
 * For settings that the environment does not have, names those files in it
 * (NAME_FILE): for who may read them.
 */
void credential_load_all(void);

/* Whether setting `name` comes from its file there. */
bool credential_is_used(const char *name);
/* The text of setting `name`, whatever it comes from; false: it is not set. */
bool credential_read(const char *name, struct buffer *text);
/* Makes it, and the environment names it. 0, or -1 with errno set. */
int credential_write(const char *name, const char *text);

#endif
