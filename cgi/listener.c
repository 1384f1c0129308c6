/* SPDX-License-Identifier: MIT */
/*
 * libfcgi could open the socket, but it removes whatever stands at the path and
 * leaves the program when something fails.
 */
#include "listener.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define INHERITED_FD 0 /* FCGI_LISTENSOCK_FILENO */
#define BACKLOG 1024 /* requests that wait while MAX_REQUESTS are in hand */
#define NOT_OURS 0117 /* umask: a socket of mode 0660 */

static int
inherit(struct listener *listener, char *why, size_t size)
{
	int listening = 0, domain = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(INHERITED_FD, SOL_SOCKET, SO_ACCEPTCONN, &listening,
		&len) == -1 ||
	    !listening) {
		snprintf(why, size,
		    "no --socket PATH, and fd 0 is no listening "
		    "socket: this program is started by a web "
		    "server (FastCGI), or with --socket");
		return -1;
	}
	len = sizeof(domain);
	if (getsockopt(INHERITED_FD, SOL_SOCKET, SO_DOMAIN, &domain, &len) ==
		-1 ||
	    domain != AF_UNIX) {
		snprintf(why, size,
		    "the web server's socket on fd 0 is no unix "
		    "socket: only those can be guarded");
		return -1;
	}
	listener->fd = INHERITED_FD;
	return 0;
}

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
make(struct listener *listener, const char *path, char *why, size_t size)
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
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener->fd == -1 || bind_private(listener->fd, &address) == -1 ||
	    listen(listener->fd, BACKLOG) == -1 || stat(path, &st) == -1) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		return -1;
	}
	listener->path = path;
	listener->device = st.st_dev;
	listener->inode = st.st_ino;
	return 0;
}

int
listener_open(struct listener *listener, const char *path, char *why,
    size_t size)
{
	int result;

	memset(listener, 0, sizeof(*listener));
	listener->fd = -1;
	if (path == NULL)
		return inherit(listener, why, size);
	result = make(listener, path, why, size);
	if (result == -1)
		listener_close(listener);
	return result;
}

void
listener_stop(struct listener *listener)
{
	/* Fails only on what is no socket, and that was checked. */
	(void)shutdown(listener->fd, SHUT_RD);
}

void
listener_close(struct listener *listener)
{
	struct stat st;

	if (listener->path != NULL && lstat(listener->path, &st) == 0 &&
	    st.st_dev == listener->device && st.st_ino == listener->inode)
		(void)unlink(listener->path); /* a stale one does no harm */
	if (listener->fd != -1)
		close(listener->fd);
	listener->fd = -1;
	listener->path = NULL;
}
