/* SPDX-License-Identifier: MIT */
/*
 * What a process holds is nobody else's: its memory has secrets, and so has what
 * it writes.
 */
#ifndef POSTRIDER_SECLUSION_H
#define POSTRIDER_SECLUSION_H

/*
 * No core dumps, no look into memory and /proc/PID/environ by others of our user
 * (ptrace(2)), no new privileges by an exec, files that are not for the world.
 * Once, before secrets are read.
 */
void seclusion_begin(void);

/* A descriptor that a library has opened: it is not for what we might start. */
void seclusion_keep(int fd);
/* All that are open now: of a library that does not show its own. */
void seclusion_keep_all(void);

#endif
