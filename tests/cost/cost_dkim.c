/* SPDX-License-Identifier: MIT */
/* Signing a job's message, by the key in the folder COST_DKIM_KEYS. */
#include <stdlib.h>

#include "address.h"
#include "dkim.h"
#include "mail.h"
#include "mime.h"

void
cost_run(size_t n)
{
	const char *folder = getenv("COST_DKIM_KEYS");
	struct composed message = { 0 };
	struct dkim_signer *signer;
	const char *why, *domain;
	struct job job;

	mime_init();
	cost_job(&job);
	domain = address_domain(job.from.address);
	signer = dkim_signer_new(folder != NULL ? folder : "", stderr);
	cost_check(signer != NULL && dkim_signer_signs(signer, domain),
	    "there is a key");
	cost_check(mime_build(&job, &job.from, &message, &why) == 0, "made");
	/* Each before the last: a few hundred bytes more. */
	while (n-- > 0)
		cost_check(dkim_signer_sign(signer, domain, &message, &why) ==
			0,
		    "the message is signed");
	composed_free(&message);
	dkim_signer_free(signer);
	job_clear(&job);
	mime_shutdown();
}
