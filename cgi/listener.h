/* SPDX-License-Identifier: MIT */
/*
 * The socket on which the web server connects: made at a path (--socket), or
 * inherited as fd 0 from the web server that started us. A unix socket, always:
 * its file mode says who may send mail.
 */
#ifndef POSTRIDER_LISTENER_H
#define POSTRIDER_LISTENER_H

#include <stddef.h>
#include <sys/types.h>

struct listener {
	int fd; /* -1: not open */
	const char *path; /* NULL: inherited; borrowed */
	dev_t device; /* what stands at path is ours */
	ino_t inode;
};

/*
 * Mode 0660. A socket at `path` that nobody listens on is replaced. 0, or -1
 * with a sentence in `why`. Before any thread starts: it sets the umask.
 */
int listener_open(struct listener *, const char *path, char *why, size_t size);

/*
 * No new connections; those that wait in the backlog are still accepted, then
 * accept(2) fails with EINVAL, on every thread that sleeps in it.
 */
void listener_stop(struct listener *);

/* Removes the path if it is still ours. */
void listener_close(struct listener *);

#endif
