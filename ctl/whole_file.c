/* SPDX-License-Identifier: MIT */
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
whole_file_read(const char *path, struct buffer *content)
{
	FILE *file = fopen(path, "re");
	char piece[4096];
	size_t n;
	int result;

	if (file == NULL)
		return -1;
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		buffer_add(content, piece, n);
	result = ferror(file) ? -1 : 0;
	if (fclose(file) != 0)
		result = -1;
	return result;
}

/* All of it, on the disk, for its reader alone. 0 or -1; fd is closed. */
static int
fill(int fd, const struct whole_file *whole, const char *content)
{
	size_t left = strlen(content);
	ssize_t n = 0;
	int result, error;

	while (left > 0 && n != -1) {
		n = write(fd, content, left);
		if (n == -1 && errno == EINTR)
			n = 0;
		content += n;
		left -= n == -1 ? 0 : (size_t)n;
	}
	result = n == -1 || fchown(fd, whole->owner, whole->group) == -1 ||
		fchmod(fd, whole->mode) == -1 || fsync(fd) == -1 ?
	    -1 :
	    0;
	error = errno;
	close(fd);
	errno = error;
	return result;
}

/* The name is on the disk, too. */
static int
sync_folder(const char *path)
{
	char *folder = strdup(path), *slash;
	int fd, result = -1;

	if (folder == NULL)
		abort();
	slash = strrchr(folder, '/');
	if (slash != NULL)
		slash[1] = '\0';
	fd = open(slash == NULL ? "." : folder,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (fd != -1) {
		result = fsync(fd);
		close(fd);
	}
	return result;
}

int
whole_file_write(const struct whole_file *whole, const char *content)
{
	struct buffer name = { 0 };
	int fd, error, result = -1;

	buffer_printf(&name, "%s.XXXXXX", whole->path);
	fd = mkostemp(name.data, O_CLOEXEC);
	if (fd == -1)
		goto out;
	if (fill(fd, whole, content) == 0 &&
	    rename(name.data, whole->path) == 0) {
		result = sync_folder(whole->path);
		goto out;
	}
	error = errno;
	(void)unlink(name.data); /* what failed is told already */
	errno = error;
out:
	buffer_free(&name);
	return result;
}
