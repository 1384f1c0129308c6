/* SPDX-License-Identifier: MIT */
/* unit.multipart: which levels a message has, by what is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../flatten.h"
#include "multipart.h"

/* What the job of a row has: t(ext), h(tml), f(ile), i(nline file). */
static void
make_job(struct job *job, const char *parts)
{
	struct attachment file;

	memset(job, 0, sizeof(*job));
	memcpy(job->id, "x", 2);
	job->extras = extras_new();
	for (; *parts != '\0'; parts++) {
		file = (struct attachment){ .size = 1 };
		if (*parts == 't') {
			job->body = strdup("t");
			job->body_len = 1;
		} else if (*parts == 'h') {
			job->extras->html = strdup("h");
			job->extras->html_len = 1;
		} else {
			file.content_id = *parts == 'i' ? strdup("i") : NULL;
			job->extras->files_len++;
			extras_add_attachment(job->extras, &file);
		}
	}
	job->extras->files = "abcdefgh";
}

/* The types in their order; a level ends with a slash. */
static void
read_shape(struct buffer *shape, const char *message)
{
	static const char type[] = "Content-Type: ", end[] = "--\r\n";
	const char *line;

	for (line = message; line != NULL && *line != '\0';
	     line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
		if (strncmp(line, type, strlen(type)) == 0) {
			line += strlen(type);
			buffer_add(shape, line, strcspn(line, ";\r"));
			buffer_add_text(shape, " ");
		} else if (strncmp(line, "--=_", 4) == 0 &&
		    strncmp(line + strcspn(line, "\r") - 2, end, 4) == 0) {
			buffer_add_text(shape, "/ ");
		}
	}
}

static void
test_shapes(void **state)
{
#define OCTETS "application/octet-stream "
#define BOTH "multipart/alternative text/plain "
#define SHOWN "multipart/related text/html " OCTETS "/ "
	static const struct {
		const char *parts, *shape;
	} rows[] = {
		{ "", "text/plain " },
		{ "t", "text/plain " },
		{ "h", "text/html " },
		{ "th", BOTH "text/html / " },
		{ "tf", "multipart/mixed text/plain " OCTETS "/ " },
		{ "ti", "multipart/mixed text/plain " OCTETS "/ " },
		{ "f", "multipart/mixed text/plain " OCTETS "/ " },
		{ "hf", "multipart/mixed text/html " OCTETS "/ " },
		{ "hi", SHOWN },
		{ "thi", BOTH SHOWN "/ " },
		{ "thfif",
		    "multipart/mixed " BOTH SHOWN "/ " OCTETS OCTETS "/ " },
	};
	struct composed message = { 0 };
	struct buffer flat = { 0 }, shape = { 0 };
	struct job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_job(&job, rows[i].parts);
		multipart_add(&message, &job);
		flatten(&message, &flat);
		read_shape(&shape, flat.data);
		assert_string_equal(shape.data, rows[i].shape);
		assert_in_range(message.text.len, 1, multipart_size(&job));
		buffer_clear(&flat);
		buffer_clear(&shape);
		composed_free(&message);
		job_clear(&job);
	}
	buffer_free(&flat);
	buffer_free(&shape);
}

/* Each file has its own bytes, whichever level it goes to. */
static void
test_bytes(void **state)
{
	struct composed message = { 0 };
	struct buffer flat = { 0 };
	struct job job;
	const char *b;

	(void)state;
	make_job(&job, "thfif");
	multipart_add(&message, &job);
	flatten(&message, &flat);
	b = strstr(flat.data, "\r\n\r\nYg==\r\n"); /* shown: first */
	assert_non_null(b);
	assert_true(b < strstr(flat.data, "\r\n\r\nYQ==\r\n"));
	assert_non_null(strstr(b, "\r\n\r\nYw==\r\n"));
	buffer_free(&flat);
	composed_free(&message);
	job_clear(&job);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
