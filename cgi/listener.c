/* SPDX-License-Identifier: MIT */
/*
 * libfcgi could open the socket, but it removes whatever stands at the path and
 * leaves the program when something fails.
 */
#include "listener.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define INHERITED_FD 0 /* FCGI_LISTENSOCK_FILENO */

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
	listener->socket.fd = INHERITED_FD;
	return 0;
}

int
listener_open(struct listener *listener, const char *path, char *why,
    size_t size)
{
	memset(listener, 0, sizeof(*listener));
	listener->socket.fd = -1;
	if (path == NULL)
		return inherit(listener, why, size);
	return unix_socket_open(&listener->socket, path, why, size);
}

void
listener_stop(struct listener *listener)
{
	/* Fails only on what is no socket, and that was checked. */
	(void)shutdown(listener->socket.fd, SHUT_RD);
}

void
listener_close(struct listener *listener)
{
	unix_socket_close(&listener->socket);
}
