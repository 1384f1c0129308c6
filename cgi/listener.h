/* SPDX-License-Identifier: MIT */
/*
 * The socket on which the web server connects: made at a path (--socket), or
 * inherited as fd 0 from the web server that started us. A unix socket, always:
 * its file mode says who may send mail.
 */
#ifndef POSTRIDER_LISTENER_H
#define POSTRIDER_LISTENER_H

#include <stddef.h>

#include "unix_socket.h"

struct listener {
	struct unix_socket socket; /* without a path: inherited */
};

/* As unix_socket_open(); `path` NULL: inherited. */
int listener_open(struct listener *, const char *path, char *why, size_t size);

/*
 * No new connections; those that wait in the backlog are still accepted, then
 * accept(2) fails with EINVAL, on every thread that sleeps in it.
 */
void listener_stop(struct listener *);

/* Removes the path if it is still ours. */
void listener_close(struct listener *);

#endif
