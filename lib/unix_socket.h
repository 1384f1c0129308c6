/* SPDX-License-Identifier: MIT */
/* A listening unix socket that is ours: mode 0660, removed when we end. */
#ifndef POSTRIDER_UNIX_SOCKET_H
#define POSTRIDER_UNIX_SOCKET_H

#include <stddef.h>
#include <sys/types.h>

struct unix_socket {
	int fd; /* -1: not open */
	const char *path; /* borrowed; NULL: there is none to remove */
	dev_t device; /* what stands at path is ours */
	ino_t inode;
};

/*
 * A socket at `path` that nobody listens on is replaced. 0, or -1 with a
 * sentence in `why`. Before any thread starts: it sets the umask.
 */
int unix_socket_open(struct unix_socket *, const char *path, char *why,
    size_t size);
/* The path alone, if it is still ours; the descriptor stays open. */
void unix_socket_remove(struct unix_socket *);
void unix_socket_close(struct unix_socket *);

#endif
