/* SPDX-License-Identifier: MIT */
/* Reading and writing what plain mail has not. */
#include "extras.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "list_name.h"
#include "unsubscribe.h"

struct extras *
extras_new(void)
{
	struct extras *extras = calloc(1, sizeof(*extras));

	if (extras == NULL)
		abort();
	return extras;
}

void
extras_free(struct extras *extras)
{
	size_t i;

	if (extras == NULL)
		return;
	for (i = 0; i < extras->reply_to_len; i++)
		mailbox_free(&extras->reply_to[i]);
	free(extras->reply_to);
	free(extras->html);
	for (i = 0; i < extras->headers_len; i++)
		custom_header_clear(&extras->headers[i]);
	free(extras->headers);
	free(extras->unsubscribe);
	free(extras->list);
	free(extras->tags);
	free(extras->metadata);
	for (i = 0; i < extras->attachments_len; i++)
		attachment_clear(&extras->attachments[i]);
	free(extras->attachments);
	buffer_free(&extras->file_bytes);
	free(extras);
}

/* Room for one more of `size` bytes in a list of `len`. */
static void *
grow(void *list, size_t len, size_t size)
{
	list = realloc(list, (len + 1) * size);
	if (list == NULL)
		abort();
	return list;
}

void
extras_add_reply_to(struct extras *extras, struct mailbox *box)
{
	extras->reply_to =
	    grow(extras->reply_to, extras->reply_to_len, sizeof(*box));
	extras->reply_to[extras->reply_to_len++] = *box;
	memset(box, 0, sizeof(*box));
}

void
extras_add_header(struct extras *extras, struct custom_header *header)
{
	extras->headers =
	    grow(extras->headers, extras->headers_len, sizeof(*header));
	extras->headers[extras->headers_len++] = *header;
	memset(header, 0, sizeof(*header));
}

void
extras_add_attachment(struct extras *extras, struct attachment *attachment)
{
	extras->attachments = grow(extras->attachments, extras->attachments_len,
	    sizeof(*attachment));
	extras->attachments[extras->attachments_len++] = *attachment;
	memset(attachment, 0, sizeof(*attachment));
}

/* -- writing --------------------------------------------------------------- */

void
extras_encode_reply_to(const struct extras *extras, struct buffer *out)
{
	size_t i;

	for (i = 0; i < extras->reply_to_len; i++) {
		buffer_add_text(out, i > 0 ? "," : "[");
		mailbox_add_json(out, &extras->reply_to[i]);
	}
	if (extras->reply_to_len > 0)
		buffer_add_text(out, "]");
}

static void
encode_headers(const struct extras *extras, struct buffer *out)
{
	size_t i;

	for (i = 0; i < extras->headers_len; i++) {
		buffer_add_text(out, i > 0 ? "," : ",\"headers\":{");
		buffer_add_json_text(out, extras->headers[i].name);
		buffer_add_text(out, ":");
		buffer_add_json_text(out, extras->headers[i].value);
	}
	buffer_add_text(out, "}");
}

static void
encode_member(struct buffer *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buffer_printf(out, "\"%s\":", name);
	buffer_add_json_text(out, value);
	buffer_add_text(out, ",");
}

static void
encode_attachments(const struct extras *extras, struct buffer *out)
{
	const struct attachment *a;
	size_t i;

	for (i = 0; i < extras->attachments_len; i++) {
		a = &extras->attachments[i];
		buffer_add_text(out, i > 0 ? ",{" : ",\"attachments\":[{");
		encode_member(out, "filename", a->filename);
		encode_member(out, "content_type", a->content_type);
		encode_member(out, "content_id", a->content_id);
		buffer_add_text(out, "\"size\":");
		buffer_add_number(out, (int64_t)a->size);
		buffer_add_text(out, "}");
	}
	buffer_add_text(out, "]");
}

void
extras_encode(const struct extras *extras, struct buffer *out)
{
	if (extras->html != NULL) {
		buffer_add_text(out, ",\"html\":");
		buffer_add_json(out, extras->html, extras->html_len);
	}
	if (extras->reply_to_len > 0) {
		buffer_add_text(out, ",\"reply_to\":");
		extras_encode_reply_to(extras, out);
	}
	if (extras->headers_len > 0)
		encode_headers(extras, out);
	if (extras->unsubscribe != NULL) {
		buffer_add_text(out, ",\"unsubscribe\":");
		buffer_add_json_text(out, extras->unsubscribe);
	}
	if (extras->list != NULL) {
		buffer_add_text(out, ",\"list\":");
		buffer_add_json_text(out, extras->list);
	}
	if (extras->tags != NULL) {
		buffer_add_text(out, ",\"tags\":");
		buffer_add_text(out, extras->tags);
	}
	if (extras->metadata != NULL) {
		buffer_add_text(out, ",\"metadata\":");
		buffer_add_text(out, extras->metadata);
	}
	if (extras->attachments_len > 0)
		encode_attachments(extras, out);
}

/* -- reading --------------------------------------------------------------- */

static const char *
decode_reply_to(struct extras *extras, json_object *list)
{
	struct mailbox box;
	json_object *item;
	size_t i;

	if (!json_object_is_type(list, json_type_array) ||
	    json_object_array_length(list) > EXTRAS_REPLY_TO_MAX)
		return "reply_to is no list of mailboxes";
	for (i = 0; i < json_object_array_length(list); i++) {
		item = json_object_array_get_idx(list, i);
		if (!json_object_is_type(item, json_type_string) ||
		    mailbox_parse(&box, json_object_get_string(item),
			(size_t)json_object_get_string_len(item)) != ADDRESS_OK)
			return "reply_to holds something that is no address";
		extras_add_reply_to(extras, &box);
	}
	return NULL;
}

static const char *
decode_html(struct extras *extras, json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return "html is no text";
	extras->html_len = (size_t)json_object_get_string_len(value);
	extras->html =
	    json_text_copy(json_object_get_string(value), extras->html_len);
	return NULL;
}

static const char *
decode_headers(struct extras *extras, json_object *object)
{
	struct custom_header header;

	if (!json_object_is_type(object, json_type_object) ||
	    json_object_object_length(object) > CUSTOM_HEADERS_MAX)
		return "headers is no object of a few header fields";
	json_object_object_foreach(object, name, value)
	{
		const char *text = json_object_get_string(value);

		if (!json_object_is_type(value, json_type_string) ||
		    custom_header_name_fault(name, strlen(name)) != NULL ||
		    custom_header_value_fault(text,
			(size_t)json_object_get_string_len(value)) != NULL)
			return "headers holds what is no header field of a "
			       "sender";
		header.name = json_text_copy(name, strlen(name));
		header.value = json_text_copy(text, strlen(text));
		extras_add_header(extras, &header);
	}
	return NULL;
}

static const char *
decode_unsubscribe(struct extras *extras, json_object *value)
{
	const char *text = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string) ||
	    unsubscribe_url_fault(text,
		(size_t)json_object_get_string_len(value)) != NULL)
		return "unsubscribe is no https URL";
	extras->unsubscribe = json_text_copy(text, strlen(text));
	return NULL;
}

static const char *
decode_list(struct extras *extras, json_object *value)
{
	const char *text = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string) ||
	    !list_name_is_valid(text,
		(size_t)json_object_get_string_len(value)))
		return "list is no name of a list";
	extras->list = json_text_copy(text, strlen(text));
	return NULL;
}

/* Tags and metadata are not ours to judge: as they came. */
static char *
copy_json(json_object *value)
{
	const char *text =
	    json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);

	return json_text_copy(text, strlen(text));
}

static const char *
decode_tags(struct extras *extras, json_object *value)
{
	extras->tags = copy_json(value);
	return NULL;
}

static const char *
decode_metadata(struct extras *extras, json_object *value)
{
	extras->metadata = copy_json(value);
	return NULL;
}

/* A member of a file that is not there, or good. */
static bool
decode_member(json_object *object, const char *name, char **copy,
    const char *(*fault)(const char *, size_t))
{
	const char *text;
	size_t len;

	text = json_text_member(object, name, &len);
	if (text == NULL)
		return true;
	if (fault(text, len) != NULL)
		return false;
	*copy = json_text_copy(text, len);
	return true;
}

static const char *
decode_attachment(struct extras *extras, json_object *object)
{
	struct attachment file = { NULL, NULL, NULL, 0 };
	json_object *size;
	int64_t bytes = -1;

	if (json_object_object_get_ex(object, "size", &size) &&
	    json_object_is_type(size, json_type_int))
		bytes = json_object_get_int64(size);
	if (bytes < 0 || (uint64_t)bytes > SIZE_MAX - extras->files_len ||
	    !decode_member(object, "filename", &file.filename,
		attachment_filename_fault) ||
	    !decode_member(object, "content_type", &file.content_type,
		attachment_type_fault) ||
	    !decode_member(object, "content_id", &file.content_id,
		attachment_id_fault)) {
		attachment_clear(&file);
		return "attachments holds something that is no file";
	}
	file.size = (size_t)bytes;
	extras->files_len += file.size;
	extras_add_attachment(extras, &file);
	return NULL;
}

static const char *
decode_attachments(struct extras *extras, json_object *list)
{
	const char *fault = NULL;
	size_t i;

	if (!json_object_is_type(list, json_type_array) ||
	    json_object_array_length(list) > ATTACHMENTS_MAX)
		return "attachments is no list of a few files";
	for (i = 0; fault == NULL && i < json_object_array_length(list); i++)
		fault = decode_attachment(extras,
		    json_object_array_get_idx(list, i));
	return fault;
}

static const struct {
	const char *name;
	const char *(*decode)(struct extras *, json_object *);
} members[] = {
	{ "html", decode_html },
	{ "reply_to", decode_reply_to },
	{ "headers", decode_headers },
	{ "unsubscribe", decode_unsubscribe },
	{ "list", decode_list },
	{ "tags", decode_tags },
	{ "metadata", decode_metadata },
	{ "attachments", decode_attachments },
};

const char *
extras_decode(struct extras **extras, json_object *payload)
{
	const char *fault = NULL;
	json_object *value;
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (fault != NULL ||
		    !json_object_object_get_ex(payload, members[i].name,
			&value) ||
		    value == NULL)
			continue;
		if (*extras == NULL)
			*extras = extras_new();
		fault = members[i].decode(*extras, value);
	}
	return fault;
}

bool
extras_are_rest(json_object *object)
{
	size_t i;

	json_object_object_foreach(object, name, value)
	{
		(void)value;
		for (i = 1; i < sizeof(members) / sizeof(members[0]); i++)
			if (strcmp(members[i].name, name) == 0)
				break;
		if (i == sizeof(members) / sizeof(members[0]))
			return false;
	}
	return true;
}

int
extras_take_files(struct extras *extras, const char *bytes, size_t len)
{
	if (len != extras->files_len)
		return -1;
	extras->files = bytes;
	return 0;
}
