/* SPDX-License-Identifier: MIT */
/* Texts and files as MIME parts. */
#include "part.h"

#include <string.h>

#include "text_body.h"
#include "utf8.h"

#define DEFAULT_TYPE "application/octet-stream"
#define SECTION_MAX 60 /* bytes of a parameter's section: lines of 76 */
#define CHARACTER_MAX 12 /* bytes of an escaped character */

void
part_add_text(struct composed *message, const char *type, const char *text,
    size_t len)
{
	struct buffer *out = &message->text;
	const enum text_encoding encoding = text_body_choose(text, len);

	buffer_add_text(out, "Content-Type: ");
	buffer_add_text(out, type);
	buffer_add_text(out, "; charset=utf-8\r\nContent-Transfer-Encoding: ");
	buffer_add_text(out, text_encoding_names[encoding]);
	buffer_add_text(out, "\r\n\r\n");
	text_body_add(out, text, len, encoding);
}

/* -- names of files -------------------------------------------------------- */

/*
 * Whether all readers find the same name in a quoted string: some decode what
 * reads as an encoded word there, and some drop blanks at its ends.
 */
static bool
is_plain(const char *name)
{
	const size_t len = strlen(name);
	size_t i;

	for (i = 0; i < len; i++)
		if (name[i] < ' ' || name[i] > '~')
			return false;
	return len > 0 && name[0] != ' ' && name[len - 1] != ' ' &&
	    strstr(name, "=?") == NULL;
}

/*
 * A quoted string; what is not ASCII is an underscore a character, and so is
 * what would make an encoded word of it.
 */
static void
add_quoted(struct buffer *out, const char *text)
{
	size_t len = strlen(text), n;
	char before = '\0';
	bool odd;

	buffer_add_text(out, "\"");
	for (; len > 0; text += n, len -= n) {
		n = utf8_next(text, len, NULL);
		n = n == 0 ? 1 : n;
		odd = n > 1 || *text < ' ' || *text > '~' ||
		    (*text == '?' && before == '=');
		if (*text == '"' || *text == '\\')
			buffer_add_text(out, "\\");
		buffer_add(out, odd ? "_" : text, 1);
		before = *text;
	}
	buffer_add_text(out, "\"");
}

/* RFC 2231 7: attribute-char. */
static bool
is_attribute_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("!#$&+-.^_`{|}~", c) != NULL);
}

/* One character; how many bytes it has. */
static size_t
add_escaped(struct buffer *out, const char *text)
{
	const size_t len = utf8_next(text, strlen(text), NULL);
	size_t i;

	if (is_attribute_char(*text)) {
		buffer_add(out, text, 1);
		return 1;
	}
	for (i = 0; i == 0 || i < len; i++)
		buffer_printf(out, "%%%02X", (unsigned)(unsigned char)text[i]);
	return i;
}

/*
 * In sections (RFC 2231 3), each on a line of its own. Some readers, Python's
 * among them, decode each alone: none ends within a character.
 */
static void
add_extended(struct buffer *out, const char *name)
{
	struct buffer section = { 0 };
	int number;

	for (number = 0; *name != '\0'; number++) {
		buffer_clear(&section);
		if (number == 0)
			buffer_add_text(&section, "utf-8''");
		while (
		    *name != '\0' && section.len <= SECTION_MAX - CHARACTER_MAX)
			name += add_escaped(&section, name);
		if (number == 0 && *name == '\0')
			buffer_printf(out, ";\r\n filename*=%s", section.data);
		else
			buffer_printf(out, ";\r\n filename*%d*=%s", number,
			    section.data);
	}
	buffer_free(&section);
}

/* -- files ----------------------------------------------------------------- */

static void
add_type(struct buffer *out, const struct attachment *file)
{
	const char *type =
	    file->content_type != NULL ? file->content_type : DEFAULT_TYPE;

	buffer_add_text(out, "Content-Type: ");
	buffer_add_text(out, type);
	/* Older readers look for the name here. */
	if (file->filename != NULL && strcasestr(type, "name=") == NULL) {
		buffer_add_text(out, ";\r\n name=");
		add_quoted(out, file->filename);
	}
	buffer_add_text(out, "\r\n");
}

static void
add_disposition(struct buffer *out, const struct attachment *file, bool shown)
{
	buffer_add_text(out, "Content-Disposition: ");
	buffer_add_text(out, shown ? "inline" : "attachment");
	if (file->filename != NULL && is_plain(file->filename)) {
		buffer_add_text(out, ";\r\n filename=");
		add_quoted(out, file->filename);
	} else if (file->filename != NULL) {
		add_extended(out, file->filename);
	}
	buffer_add_text(out, "\r\n");
}

void
part_add_file(struct composed *message, const struct attachment *file,
    bool shown, const char *bytes)
{
	struct buffer *out = &message->text;

	add_type(out, file);
	buffer_add_text(out, "Content-Transfer-Encoding: base64\r\n");
	add_disposition(out, file, shown);
	if (file->content_id != NULL)
		buffer_printf(out, "Content-ID: <%s>\r\n", file->content_id);
	buffer_add_text(out, "\r\n");
	composed_add_file(message, bytes, file->size);
}
