/* SPDX-License-Identifier: MIT */
#include "seclusion.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOT_FOR_OTHERS 0027

void
seclusion_begin(void)
{
	static const struct rlimit no_core = { 0, 0 };

	/* None of these fails with such arguments, whoever we are. */
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)umask(NOT_FOR_OTHERS);
}

void
seclusion_keep(int fd)
{
	/* It fails on a descriptor that is closed: then nobody gets it. */
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void
seclusion_keep_all(void)
{
	/* Linux before 5.11 does not know how: we start nothing, all the same. */
	(void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}
