/* SPDX-License-Identifier: MIT */
/* The body of POST /api/emails: JSON judged, fields checked, a job made. */
#include <string.h>

#include "faults.h"
#include "job.h"
#include "mail.h"
#include "submission.h"

static void
make_body(struct buffer *body)
{
	buffer_add_text(body,
	    "{\"to\": [\"ann.reader@example.com\", \"bob.reader@example.org\"],"
	    " \"from\": \"The Shop <orders@shop.example>\", \"subject\": ");
	buffer_add_json_text(body, cost_subject);
	buffer_add_text(body, ", \"body\": ");
	buffer_add_json_text(body, cost_text);
	buffer_add_text(body, "}");
}

static void
take(const struct buffer *body, struct signing *signing)
{
	struct lint lint = { .signing = signing };
	struct faults faults = { 0 };
	struct job job = { 0 };

	cost_check(submission_read(&job, body->data, body->len, &faults,
		       &lint) == 0,
	    "the request is taken");
	cost_check(job.recipients_len == 2, "both recipients are there");
	faults_free(&faults);
	job_clear(&job);
}

void
cost_run(size_t n)
{
	struct signing *signing = signing_new();
	struct buffer body = { 0 };

	cost_check(signing != NULL, "there is memory");
	signing_learn(signing, "shop.example");
	make_body(&body);
	while (n-- > 0)
		take(&body, signing);
	buffer_free(&body);
	signing_free(signing);
}
