/* SPDX-License-Identifier: MIT */
#include "unix_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024 /* connections that wait to be accepted */
#define NOT_OURS 0117 /* umask: a socket of mode 0660 */

/* 0: the path is free now. */
static int
remove_stale(const struct sockaddr_un *address, char *why, size_t size)
{
	struct stat st;
	int fd, result;

	if (lstat(address->sun_path, &st) == -1)
		return 0; /* nothing there, or bind(2) tells what is wrong */
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(why, size, "%s exists and is no socket",
		    address->sun_path);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	result =
	    connect(fd, (const struct sockaddr *)address, sizeof(*address));
	if (result == -1 && errno == ECONNREFUSED)
		result = unlink(address->sun_path);
	else if (result == 0 || errno == EAGAIN)
		errno = EADDRINUSE;
	if (errno == EADDRINUSE)
		result = -1;
	if (result == -1)
		snprintf(why, size, "%s: %s", address->sun_path,
		    errno == EADDRINUSE ? "another process listens on it" :
					  strerror(errno));
	if (fd != -1)
		close(fd);
	return result;
}

static int
bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t before = umask(NOT_OURS);
	int result =
	    bind(fd, (const struct sockaddr *)address, sizeof(*address));

	umask(before);
	return result;
}

static int
make(struct unix_socket *made, const char *path, char *why, size_t size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;

	if (strlen(path) >= sizeof(address.sun_path)) {
		snprintf(why, size, "%s: a socket's path has at most %zu bytes",
		    path, sizeof(address.sun_path) - 1);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (remove_stale(&address, why, size) == -1)
		return -1;
	made->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (made->fd == -1 || bind_private(made->fd, &address) == -1 ||
	    listen(made->fd, BACKLOG) == -1 || stat(path, &st) == -1) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		return -1;
	}
	made->path = path;
	made->device = st.st_dev;
	made->inode = st.st_ino;
	return 0;
}

int
unix_socket_open(struct unix_socket *made, const char *path, char *why,
    size_t size)
{
	int result;

	memset(made, 0, sizeof(*made));
	made->fd = -1;
	result = make(made, path, why, size);
	if (result == -1)
		unix_socket_close(made);
	return result;
}

void
unix_socket_remove(struct unix_socket *made)
{
	struct stat st;

	if (made->path != NULL && lstat(made->path, &st) == 0 &&
	    st.st_dev == made->device && st.st_ino == made->inode)
		(void)unlink(made->path); /* a stale one does no harm */
	made->path = NULL;
}

void
unix_socket_close(struct unix_socket *made)
{
	unix_socket_remove(made);
	if (made->fd != -1)
		close(made->fd);
	made->fd = -1;
}
