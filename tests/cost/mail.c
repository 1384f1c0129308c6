/* SPDX-License-Identifier: MIT */
/* The mail of the cost guard, and main(). */
#include "mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE (64 << 10)
#define CREATED_AT INT64_C(1751212337432)

#define LINE(word) \
	"Your order " word " has left our warehouse and is on its way.\n"
#define FOUR(word) LINE(word) LINE(word) LINE(word) LINE(word)
#define SIXTEEN(word) FOUR(word) FOUR(word) FOUR(word) FOUR(word)

const char *cost_text = SIXTEEN("4711");
const char *cost_subject = "Your order 4711 is on its way";

static char from_name[] = "The Shop";
static char from_address[] = "orders@shop.example";
static bool with_file;
static const char file_bytes[FILE_SIZE];

void
cost_check(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "not so: %s\n", what);
	abort();
}

static void
add_file(struct job *job)
{
	struct attachment file = { .size = sizeof(file_bytes) };

	job->extras = extras_new();
	file.filename = strdup("report.pdf");
	extras_add_attachment(job->extras, &file);
	job->extras->files_len = sizeof(file_bytes);
	cost_check(extras_take_files(job->extras, file_bytes,
		       sizeof(file_bytes)) == 0,
	    "the file is there");
}

void
cost_job(struct job *job)
{
	static const char *const to[] = { "ann.reader@example.com",
		"bob.reader@example.org" };
	size_t i;

	memset(job, 0, sizeof(*job));
	memcpy(job->id, "0197bd2c-7a41-7c3e-9d0a-5f0e6b1c2d3e", 37);
	for (i = 0; i < sizeof(to) / sizeof(to[0]); i++)
		cost_check(job_add_recipient(job, to[i], strlen(to[i])) == 0,
		    "a recipient is added");
	job->from.name = strdup(from_name);
	job->from.address = strdup(from_address);
	job->subject = strdup(cost_subject);
	job->body = strdup(cost_text);
	job->body_len = strlen(cost_text);
	job->created_at = CREATED_AT;
	if (with_file)
		add_file(job);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[2], "file") == 0) {
		with_file = true;
	} else if (argc == 3 && strcmp(argv[2], "quoted") == 0) {
		cost_text = SIXTEEN("f\xc3\xbcr Gr\xc3\xbc\xc3\x9f");
		cost_subject = "Ihre Gr\xc3\xbc\xc3\x9f"
			       "e sind unterwegs";
	} else if (argc < 2 || argc > 3 ||
	    (argc == 3 && strcmp(argv[2], "plain") != 0)) {
		(void)fprintf(stderr, "usage: %s N [plain|quoted|file]\n",
		    argv[0]);
		return 2;
	}
	cost_run((size_t)strtoul(argv[1], NULL, 10));
	return 0;
}
