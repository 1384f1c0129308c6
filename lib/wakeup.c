/* SPDX-License-Identifier: MIT */
/* A bell for a thread that sleeps in poll(2). */
#include "wakeup.h"

#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int
wakeup_open(void)
{
	return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

void
wakeup_ring(int fd)
{
	uint64_t one = 1;

	/* It fails only when the bell is ringing 2^64 - 1 times already. */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

void
wakeup_clear(int fd)
{
	uint64_t count;

	/* Nothing to read means that nobody rang: fine. */
	if (read(fd, &count, sizeof(count)) < 0)
		return;
}

void
wakeup_wait(int wakeup, int fd, int ms)
{
	struct pollfd fds[2] = { { wakeup, POLLIN, 0 }, { fd, POLLIN, 0 } };

	if (poll(fds, 2, ms) > 0 && fds[0].revents != 0)
		wakeup_clear(wakeup);
}
