/* SPDX-License-Identifier: MIT */
/*
 * reread: payloads on stdin, each behind its length (a decimal line); for each
 * the message that it makes, and what GMime reads in that, as JSON, on stdout in
 * the same form. message.py compares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

#include "../flatten.h"
#include "digest.h"
#include "job.h"
#include "mime.h"

static char sender_address[] = "postrider@example.com";
static const struct mailbox sender = { NULL, sender_address };

static void
check(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "not so: %s\n", what);
	exit(1);
}

/* -- records --------------------------------------------------------------- */

static bool
read_record(struct buffer *out)
{
	char line[32];
	size_t len;

	if (fgets(line, sizeof(line), stdin) == NULL)
		return false;
	len = (size_t)strtoul(line, NULL, 10);
	buffer_clear(out);
	buffer_reserve(out, len + 1);
	check(fread(out->data, 1, len, stdin) == len, "a record is whole");
	out->len = len;
	out->data[len] = '\0';
	return true;
}

static void
write_record(const struct buffer *record)
{
	(void)printf("%zu\n", record->len);
	check(fwrite(record->data, 1, record->len, stdout) == record->len,
	    "a record is written");
}

/* -- what GMime reads ------------------------------------------------------ */

static void
add_member(struct buffer *out, const char *name, const char *value)
{
	buffer_printf(out, "\"%s\":", name);
	buffer_add_json_text(out, value);
	buffer_add_text(out, ",");
}

static void
add_addresses(struct buffer *out, GMimeMessage *message, const char *name,
    GMimeAddressType type)
{
	InternetAddressList *list = g_mime_message_get_addresses(message, type);
	InternetAddress *box;
	int i;

	buffer_printf(out, "\"%s\":[", name);
	for (i = 0; i < internet_address_list_length(list); i++) {
		box = internet_address_list_get_address(list, i);
		buffer_add_text(out, i > 0 ? ",[" : "[");
		buffer_add_json_text(out, internet_address_get_name(box));
		buffer_add_text(out, ",");
		buffer_add_json_text(out,
		    internet_address_mailbox_get_addr(
			INTERNET_ADDRESS_MAILBOX(box)));
		buffer_add_text(out, "]");
	}
	buffer_add_text(out, "],");
}

static void
add_content(struct buffer *out, GMimePart *part)
{
	GMimeStream *stream = g_mime_stream_mem_new();
	struct digest *digest = digest_new();
	char hex[DIGEST_HEX_SIZE];
	GByteArray *bytes;

	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part),
	    stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	digest_add(digest, bytes->data, bytes->len);
	digest_end(digest, hex);
	buffer_printf(out, "\"sha256\":\"%s\"", hex);
	digest_free(digest);
	g_object_unref(stream);
}

static void
add_leaf(GMimeObject *parent, GMimeObject *object, gpointer arg)
{
	struct buffer *out = arg;
	char *type;

	(void)parent;
	if (!GMIME_IS_PART(object))
		return;
	type = g_mime_content_type_get_mime_type(
	    g_mime_object_get_content_type(object));
	buffer_add_text(out, out->data[out->len - 1] == '[' ? "{" : ",{");
	add_member(out, "type", type);
	g_free(type);
	add_member(out, "filename",
	    g_mime_part_get_filename(GMIME_PART(object)));
	add_member(out, "id", g_mime_object_get_content_id(object));
	add_member(out, "disposition", g_mime_object_get_disposition(object));
	add_content(out, GMIME_PART(object));
	buffer_add_text(out, "}");
}

static void
add_headers(struct buffer *out, GMimeMessage *message)
{
	GMimeHeaderList *list =
	    g_mime_object_get_header_list(GMIME_OBJECT(message));
	GMimeHeader *header;
	int i;

	for (i = 0; i < g_mime_header_list_get_count(list); i++) {
		header = g_mime_header_list_get_header_at(list, i);
		if (strncmp(g_mime_header_get_name(header), "X-", 2) == 0)
			add_member(out, g_mime_header_get_name(header),
			    g_mime_header_get_value(header));
	}
}

static void
reread(struct buffer *out, const struct buffer *message)
{
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer(message->data, message->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *parsed = g_mime_parser_construct_message(parser, NULL);

	check(parsed != NULL, "GMime reads it");
	buffer_add_text(out, "{");
	add_member(out, "subject", g_mime_message_get_subject(parsed));
	add_addresses(out, parsed, "from", GMIME_ADDRESS_TYPE_FROM);
	add_addresses(out, parsed, "to", GMIME_ADDRESS_TYPE_TO);
	add_addresses(out, parsed, "cc", GMIME_ADDRESS_TYPE_CC);
	add_addresses(out, parsed, "reply_to", GMIME_ADDRESS_TYPE_REPLY_TO);
	add_headers(out, parsed);
	buffer_add_text(out, "\"leaves\":[");
	g_mime_message_foreach(parsed, add_leaf, out);
	buffer_add_text(out, "]}");
	g_object_unref(parsed);
	g_object_unref(parser);
	g_object_unref(stream);
}

/* -- all of it ------------------------------------------------------------- */

static void
make(struct buffer *message, const struct buffer *payload)
{
	json_object *json = json_tokener_parse(payload->data);
	const size_t head = strlen(payload->data) + 1;
	struct composed composed = { 0 };
	struct job job = { .recipients_len = 0 };
	const char *why = "";

	check(job_decode(&job, json, &why) == 0, why);
	if (job_has_files(&job))
		check(extras_take_files(job.extras, payload->data + head,
			  payload->len - head) == 0,
		    "the files are whole");
	check(mime_build(&job, &sender, &composed, &why) == 0, why);
	flatten(&composed, message);
	composed_free(&composed);
	job_clear(&job);
	json_object_put(json);
}

int
main(void)
{
	struct buffer payload = { 0 }, message = { 0 }, read = { 0 };

	mime_init();
	while (read_record(&payload)) {
		buffer_clear(&message);
		buffer_clear(&read);
		make(&message, &payload);
		reread(&read, &message);
		write_record(&message);
		write_record(&read);
	}
	buffer_free(&payload);
	buffer_free(&message);
	buffer_free(&read);
	mime_shutdown();
	return 0;
}
