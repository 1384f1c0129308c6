/* SPDX-License-Identifier: MIT */
#include "exit_timer.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t exit_status;

static void
on_alarm(int signum)
{
	(void)signum;
	_exit(exit_status);
}

void
exit_timer_start(int64_t stop_timeout, int status)
{
	const int64_t ms = stop_timeout / EXIT_SHARE;
	const struct itimerval timer = {
		.it_value = { ms / 1000, ms > 0 ? ms % 1000 * 1000 : 1 },
	};
	const struct sigaction action = { .sa_handler = on_alarm };

	exit_status = status;
	/* Neither fails with these. */
	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}
