/* SPDX-License-Identifier: MIT */
/* A job's message. */
#include "mail.h"
#include "mime.h"

void
cost_run(size_t n)
{
	struct composed message = { 0 };
	const char *why;
	struct job job;

	mime_init();
	cost_job(&job);
	while (n-- > 0) {
		cost_check(mime_build(&job, &job.from, &message, &why) == 0,
		    "the message is made");
		composed_free(&message);
	}
	job_clear(&job);
	mime_shutdown();
}
