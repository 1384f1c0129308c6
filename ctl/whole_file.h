/* SPDX-License-Identifier: MIT */
/* Small files that are there whole or not at all, whatever ends us. */
#ifndef POSTRIDER_WHOLE_FILE_H
#define POSTRIDER_WHOLE_FILE_H

#include <sys/types.h>

#include "buffer.h"

struct whole_file {
	const char *path;
	mode_t mode;
	uid_t owner;
	gid_t group;
};

/* Adds its content. 0, or -1 with errno set. */
int whole_file_read(const char *path, struct buffer *content);
/*
 * Puts it in the place of what was there, on the disk. 0, or -1 with errno set:
 * nothing has changed.
 */
int whole_file_write(const struct whole_file *, const char *content);

#endif
