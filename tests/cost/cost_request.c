/* SPDX-License-Identifier: MIT */
/* The body of POST /api/emails: JSON judged, fields checked, a job made. */
#include <string.h>

#include "faults.h"
#include "job.h"
#include "mail.h"
#include "submission.h"

/* In base64 zeros are an A each six bits. */
static void
add_file(struct buffer *body)
{
	static const char *const ends[] = { "", "AA==", "AAA=" };
	const size_t whole = cost_file_size / 3 * 4;

	buffer_add_text(body,
	    ", \"attachments\": [{\"filename\": \"report.pdf\", \"content\": \"");
	buffer_reserve(body, whole);
	memset(body->data + body->len, 'A', whole);
	body->len += whole;
	buffer_add_text(body, ends[cost_file_size % 3]);
	buffer_add_text(body, "\"}]");
}

static void
make_body(struct buffer *body)
{
	buffer_add_text(body,
	    "{\"to\": [\"ann.reader@example.com\", \"bob.reader@example.org\"],"
	    " \"from\": \"The Shop <orders@shop.example>\", \"subject\": ");
	buffer_add_json_text(body, cost_subject);
	buffer_add_text(body, ", \"body\": ");
	buffer_add_json_text(body, cost_text);
	if (cost_file_size > 0)
		add_file(body);
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
