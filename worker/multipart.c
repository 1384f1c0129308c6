/* SPDX-License-Identifier: MIT */
/* The levels of a multipart message, from the outside in. */
#include "multipart.h"

#include <stdbool.h>

#include "part.h"

#define PART_HEADER 1024 /* bytes, mostly less */

/* With a text or HTML: what the HTML shows, or what is to be kept. */
static bool
is_shown(const struct job *job, const struct attachment *file)
{
	return file->content_id != NULL && job->extras->html != NULL;
}

static size_t
count_files(const struct job *job, bool shown)
{
	size_t i, n = 0;

	for (i = 0; i < job->extras->attachments_len; i++)
		n += is_shown(job, &job->extras->attachments[i]) == shown;
	return n;
}

/*
 * "=_" stands in no line of quoted-printable or base64 (RFC 2045 6.7), and the
 * rest was not known to who wrote the text.
 */
static void
add_boundary(struct buffer *out, const struct job *job, const char *level)
{
	buffer_add_text(out, "=_");
	buffer_add_text(out, job->id);
	buffer_add_text(out, "_");
	buffer_add_text(out, level);
}

static void
begin_multipart(struct composed *out, const struct job *job, const char *level)
{
	buffer_printf(&out->text, "Content-Type: multipart/%s;\r\n boundary=\"",
	    level);
	add_boundary(&out->text, job, level);
	buffer_add_text(&out->text, "\"\r\n");
}

/* The CR LF before it is its own, not the part's. */
static void
begin_part(struct composed *out, const struct job *job, const char *level)
{
	buffer_add_text(&out->text, "\r\n--");
	add_boundary(&out->text, job, level);
	buffer_add_text(&out->text, "\r\n");
}

static void
end_multipart(struct composed *out, const struct job *job, const char *level)
{
	buffer_add_text(&out->text, "\r\n--");
	add_boundary(&out->text, job, level);
	buffer_add_text(&out->text, "--\r\n");
}

static void
add_files(struct composed *out, const struct job *job, bool shown,
    const char *level)
{
	const struct extras *extras = job->extras;
	const struct attachment *file;
	size_t i, at = 0;

	for (i = 0; i < extras->attachments_len; i++) {
		file = &extras->attachments[i];
		if (is_shown(job, file) == shown) {
			begin_part(out, job, level);
			part_add_file(out, file, shown, extras->files + at);
		}
		at += file->size;
	}
}

static void
add_html(struct composed *out, const struct job *job)
{
	const struct extras *extras = job->extras;
	static const char level[] = "related";

	if (count_files(job, true) == 0) {
		part_add_text(out, "text/html", extras->html, extras->html_len);
		return;
	}
	begin_multipart(out, job, level);
	begin_part(out, job, level);
	part_add_text(out, "text/html", extras->html, extras->html_len);
	add_files(out, job, true, level);
	end_multipart(out, job, level);
}

/* What is read: text, HTML or both. */
static void
add_words(struct composed *out, const struct job *job)
{
	static const char level[] = "alternative";
	const bool text = job->body != NULL;

	if (job->extras->html == NULL) {
		part_add_text(out, "text/plain", text ? job->body : "",
		    job->body_len);
		return;
	}
	if (!text) {
		add_html(out, job);
		return;
	}
	begin_multipart(out, job, level);
	begin_part(out, job, level);
	part_add_text(out, "text/plain", job->body, job->body_len);
	begin_part(out, job, level);
	add_html(out, job);
	end_multipart(out, job, level);
}

size_t
multipart_size(const struct job *job)
{
	const struct extras *extras = job->extras;

	/* Texts grow by a third, mostly. */
	return (job->body_len + extras->html_len) / 3 * 4 +
	    (extras->attachments_len + 4) * PART_HEADER;
}

void
multipart_add(struct composed *out, const struct job *job)
{
	static const char level[] = "mixed";

	if (count_files(job, false) == 0) {
		add_words(out, job);
		return;
	}
	begin_multipart(out, job, level);
	begin_part(out, job, level);
	add_words(out, job);
	add_files(out, job, false, level);
	end_multipart(out, job, level);
}
