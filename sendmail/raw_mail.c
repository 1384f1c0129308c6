/* SPDX-License-Identifier: MIT */
/*
 * The first inline text and the first inline HTML are the mail's; every other
 * part is a file of it.
 */
#include "raw_mail.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "attachment.h"
#include "base64.h"
#include "custom_header.h"
#include "raw_people.h"

/* What becomes of a message. */
struct reading {
	struct json_object *mail;
	struct json_object *files;
	struct buffer *why, *told;
};

/* -- the header ------------------------------------------------------------- */

/* Ours to write, in every mail: not worth a word. */
static bool
is_written(const char *name)
{
	static const char *const names[] = { "From", "To", "Cc", "Bcc",
		"Reply-To", "Subject", "Date", "Message-ID", "Return-Path" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	return strncasecmp(name, "MIME-", 5) == 0 ||
	    strncasecmp(name, "Content-", 8) == 0;
}

static bool
has_header(struct json_object *headers, const char *name)
{
	json_object_object_foreach(headers, other, value)
	{
		(void)value;
		if (strcasecmp(other, name) == 0)
			return true;
	}
	return false;
}

/* One line of it, of valid UTF-8; the caller frees it (g_free). */
static char *
one_line(const char *text)
{
	char *line = g_utf8_make_valid(text == NULL ? "" : text, -1);

	return g_strstrip(g_strdelimit(line, "\r\n\t", ' '));
}

static void
read_headers(struct reading *r, GMimeMessage *message)
{
	GMimeHeaderList *list =
	    g_mime_object_get_header_list(GMIME_OBJECT(message));
	const int count = g_mime_header_list_get_count(list);
	struct json_object *headers = json_object_new_object();
	GMimeHeader *header;
	const char *name, *fault;
	char *value;
	int i;

	for (i = 0; i < count; i++) {
		header = g_mime_header_list_get_header_at(list, i);
		name = g_mime_header_get_name(header);
		if (is_written(name))
			continue;
		value = one_line(g_mime_header_get_value(header));
		fault = custom_header_name_fault(name, strlen(name));
		if (fault == NULL)
			fault = custom_header_value_fault(value, strlen(value));
		if (fault == NULL && has_header(headers, name))
			fault = "is there more than once";
		if (fault == NULL)
			json_object_object_add(headers, name,
			    json_object_new_string(value));
		else
			buffer_printf(r->told, "header %s %s: left out\n", name,
			    fault);
		g_free(value);
	}
	if (json_object_object_length(headers) > 0)
		json_object_object_add(r->mail, "headers", headers);
	else
		json_object_put(headers);
}

static void
read_subject(struct reading *r, GMimeMessage *message)
{
	char *subject = one_line(g_mime_message_get_subject(message));

	json_object_object_add(r->mail, "subject",
	    json_object_new_string(
		subject[0] == '\0' ? "(no subject)" : subject));
	g_free(subject);
}

/* -- the parts -------------------------------------------------------------- */

static void
add_member(struct json_object *file, const char *name, const char *value,
    const char *(*fault_of)(const char *, size_t))
{
	if (value != NULL && fault_of(value, strlen(value)) == NULL)
		json_object_object_add(file, name,
		    json_object_new_string(value));
}

static void
add_file(struct reading *r, GMimeObject *object, GByteArray *bytes,
    const char *filename)
{
	struct json_object *file = json_object_new_object();
	GMimeContentType *type = g_mime_object_get_content_type(object);
	char *media = g_mime_content_type_get_mime_type(type);
	const char *slash;
	struct buffer content = { 0 };

	buffer_reserve(&content, base64_lines_len(bytes->len) + 1);
	content.len = base64_write_lines(content.data,
	    (const char *)bytes->data, bytes->len);
	if (filename != NULL && (slash = strrchr(filename, '/')) != NULL)
		filename = slash + 1;
	add_member(file, "filename", filename, attachment_filename_fault);
	add_member(file, "content_type", media, attachment_type_fault);
	add_member(file, "content_id", g_mime_object_get_content_id(object),
	    attachment_id_fault);
	json_object_object_add(file, "content",
	    json_object_new_string_len(content.data, (int)content.len));
	json_object_array_add(r->files, file);
	buffer_free(&content);
	g_free(media);
}

/* The bytes of a part, out of their encoding; the caller frees the stream. */
static GByteArray *
decode(GMimePart *part, GMimeStream **stream)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);

	*stream = g_mime_stream_mem_new();
	if (content != NULL)
		g_mime_data_wrapper_write_to_stream(content, *stream);
	return g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(*stream));
}

/*
 * In UTF-8, which many programs write and do not say; what is in no charset
 * that it could be in, loses no more than the bytes that are wrong. By
 * g_convert() and not GMime, which drops all behind such a byte. The caller
 * frees it (g_free).
 */
static char *
to_utf8(const GByteArray *bytes, const char *charset)
{
	const char *text = (const char *)bytes->data;
	bool is_utf8;
	char *converted = NULL;

	if (bytes->len == 0)
		return g_strdup("");
	is_utf8 = g_utf8_validate(text, (gssize)bytes->len, NULL) != FALSE;
	if (charset != NULL && strcasecmp(charset, "us-ascii") != 0 &&
	    strcasecmp(charset, "utf-8") != 0)
		converted = g_convert(text, (gssize)bytes->len, "UTF-8",
		    charset, NULL, NULL, NULL);
	if (converted == NULL && !is_utf8)
		converted = g_convert(text, (gssize)bytes->len, "UTF-8",
		    "WINDOWS-1252", NULL, NULL, NULL);
	if (converted == NULL)
		converted = g_utf8_make_valid(text, (gssize)bytes->len);
	return converted;
}

/* The first of its kind that is meant to be read. */
static bool
take_text(struct reading *r, GMimePart *part, const char *field)
{
	const char *disposition =
	    g_mime_object_get_disposition(GMIME_OBJECT(part));
	GMimeStream *stream;
	char *text;

	if (json_object_object_get_ex(r->mail, field, NULL) ||
	    g_mime_part_get_filename(part) != NULL ||
	    (disposition != NULL && strcasecmp(disposition, "attachment") == 0))
		return false;
	text = to_utf8(decode(part, &stream),
	    g_mime_object_get_content_type_parameter(GMIME_OBJECT(part),
		"charset"));
	if (text[0] != '\0')
		json_object_object_add(r->mail, field,
		    json_object_new_string(text));
	g_free(text);
	g_object_unref(stream);
	return true;
}

static void
read_leaf(struct reading *r, GMimePart *part)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(part));
	GMimeStream *stream;

	if (GMIME_IS_TEXT_PART(part) &&
	    ((g_mime_content_type_is_type(type, "text", "plain") &&
		 take_text(r, part, "text")) ||
		(g_mime_content_type_is_type(type, "text", "html") &&
		    take_text(r, part, "html"))))
		return;
	add_file(r, GMIME_OBJECT(part), decode(part, &stream),
	    g_mime_part_get_filename(part));
	g_object_unref(stream);
}

/* A message in the message is a file of it. */
static void
read_message_part(struct reading *r, GMimeMessagePart *part)
{
	GMimeStream *stream = g_mime_stream_mem_new();
	GMimeMessage *message = g_mime_message_part_get_message(part);

	if (message != NULL)
		g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL,
		    stream);
	add_file(r, GMIME_OBJECT(part),
	    g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream)),
	    "message.eml");
	g_object_unref(stream);
}

static void
read_part(struct reading *r, GMimeObject *part)
{
	int i;

	if (GMIME_IS_MULTIPART_SIGNED(part) ||
	    GMIME_IS_MULTIPART_ENCRYPTED(part)) {
		buffer_clear(r->why);
		buffer_add_text(r->why,
		    "a signed or encrypted message would not stay as it is: "
		    "Postrider writes its parts anew");
	} else if (GMIME_IS_MULTIPART(part)) {
		for (i = 0;
		     i < g_mime_multipart_get_count(GMIME_MULTIPART(part)); i++)
			read_part(r,
			    g_mime_multipart_get_part(GMIME_MULTIPART(part),
				i));
	} else if (GMIME_IS_MESSAGE_PART(part)) {
		read_message_part(r, GMIME_MESSAGE_PART(part));
	} else if (GMIME_IS_PART(part)) {
		read_leaf(r, GMIME_PART(part));
	} else {
		buffer_add_text(r->told, "a part of no known kind: left out\n");
	}
}

static void
read_content(struct reading *r, GMimeMessage *message)
{
	GMimeObject *body = g_mime_message_get_mime_part(message);

	if (body != NULL)
		read_part(r, body);
	if (!json_object_object_get_ex(r->mail, "text", NULL) &&
	    !json_object_object_get_ex(r->mail, "html", NULL))
		json_object_object_add(r->mail, "text",
		    json_object_new_string("\n")); /* an empty one */
	if (json_object_array_length(r->files) > 0)
		json_object_object_add(r->mail, "attachments",
		    json_object_get(r->files));
}

/* -- the whole -------------------------------------------------------------- */

/* Some programs begin with the line of a mailbox file. */
static size_t
skip_from_line(const struct raw_mail *raw)
{
	const char *end;

	if (raw->len < 5 || memcmp(raw->bytes, "From ", 5) != 0)
		return 0;
	end = memchr(raw->bytes, '\n', raw->len);
	return end == NULL ? raw->len : (size_t)(end + 1 - raw->bytes);
}

static GMimeMessage *
parse(const struct raw_mail *raw)
{
	const size_t skip = skip_from_line(raw);
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer(raw->bytes + skip,
		raw->len - skip);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

struct json_object *
raw_mail_read(const struct raw_mail *raw, struct buffer *why,
    struct buffer *told)
{
	struct reading r = { .why = why, .told = told };
	GMimeMessage *message;

	g_mime_init();
	message = parse(raw);
	if (message == NULL) {
		buffer_add_text(why, "this is no message");
		return NULL;
	}
	r.mail = json_object_new_object();
	r.files = json_object_new_array();
	read_subject(&r, message);
	read_headers(&r, message);
	read_content(&r, message);
	if (!raw_people_read(r.mail, raw, message, told) && why->len == 0)
		buffer_add_text(why, "there is no recipient: name them, or -t");
	json_object_put(r.files);
	g_object_unref(message);
	if (why->len > 0) {
		json_object_put(r.mail);
		r.mail = NULL;
	}
	return r.mail;
}
