/* SPDX-License-Identifier: MIT */
/* The mail of the cost guard, and main(). */
#include "mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE ((size_t)64 << 10)
#define TEXT_LINES 16 /* 1 KB */
#define CREATED_AT INT64_C(1751212337432)

const char *cost_text;
const char *cost_subject;
size_t cost_file_size;

static char from_name[] = "The Shop";
static char from_address[] = "orders@shop.example";
static char *file_bytes; /* NULL: it has no file */

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
	struct attachment file = { .size = cost_file_size };

	job->extras = extras_new();
	file.filename = strdup("report.pdf");
	extras_add_attachment(job->extras, &file);
	job->extras->files_len = cost_file_size;
	cost_check(extras_take_files(job->extras, file_bytes, cost_file_size) ==
		0,
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
	if (cost_file_size > 0)
		add_file(job);
}

/* -- the kinds -------------------------------------------------------------- */

struct kind {
	const char *name, *line, *subject;
	bool file;
};

static const struct kind kinds[] = {
	{ "plain",
	    "Your order 4711 has left our warehouse and is on its way.\n",
	    "Your order 4711 is on its way", false },
	{ "quoted",
	    "Your order f\xc3\xbcr Gr\xc3\xbc\xc3\x9f has left our warehouse "
	    "and is on its way.\n",
	    "Ihre Gr\xc3\xbc\xc3\x9f"
	    "e sind unterwegs",
	    false },
	{ "base64",
	    "\xe3\x81\x94\xe6\xb3\xa8\xe6\x96\x87\xe3\x81\xae\xe5\x93\x81"
	    "\xe3\x82\x92\xe7\x99\xba\xe9\x80\x81 4711\n",
	    "4711", false },
	{ "file", "Your order 4711 has left our warehouse and is on its way.\n",
	    "Your order 4711 is on its way", true },
};

static const struct kind *
find_kind(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* `size`: of the file, or of the text; 0: what it mostly is. */
static void
fill(const struct kind *kind, size_t size)
{
	const size_t len = strlen(kind->line);
	const size_t lines =
	    size == 0 || kind->file ? TEXT_LINES : (size + len - 1) / len;
	char *text = malloc(lines * len + 1);
	size_t i;

	cost_check(text != NULL, "there is memory");
	for (i = 0; i < lines; i++)
		memcpy(text + i * len, kind->line, len);
	text[lines * len] = '\0';
	cost_text = text;
	cost_subject = kind->subject;
	if (!kind->file)
		return;
	cost_file_size = size == 0 ? FILE_SIZE : size;
	file_bytes = calloc(1, cost_file_size);
	cost_check(file_bytes != NULL, "there is memory");
}

int
main(int argc, char **argv)
{
	const struct kind *kind = find_kind(argc > 2 ? argv[2] : "plain");

	if (argc < 2 || argc > 4 || kind == NULL) {
		(void)fprintf(stderr,
		    "usage: %s N [plain|quoted|base64|file [BYTES]]\n",
		    argv[0]);
		return 2;
	}
	fill(kind, argc == 4 ? (size_t)strtoul(argv[3], NULL, 10) : 0);
	cost_run((size_t)strtoul(argv[1], NULL, 10));
	free((char *)cost_text);
	free(file_bytes);
	return 0;
}
