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
take(const struct buffer *body)
{
	struct faults faults = { 0 }, warnings = { 0 };
	struct job job = { 0 };

	cost_check(submission_read(&job, body->data, body->len, &faults,
		       &warnings) == 0,
	    "the request is taken");
	cost_check(job.recipients_len == 2, "both recipients are there");
	faults_free(&faults);
	job_clear(&job);
}

void
cost_run(size_t n)
{
	struct buffer body = { 0 };

	make_body(&body);
	while (n-- > 0)
		take(&body);
	buffer_free(&body);
}
