/* SPDX-License-Identifier: MIT */
/* Mailboxes are written as the API reads them: `"Name" <local@domain>`. */
#include "raw_people.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One of several lists of recipients. */
struct people {
	const struct raw_mail *raw;
	struct buffer *told;
	bool *found; /* of each recipient of the command line */
	size_t count;
};

/* -- an address ------------------------------------------------------------- */

/* With a domain, as the host's own users are meant. */
static void
add_address(struct buffer *out, const struct raw_mail *raw, const char *text)
{
	buffer_add_text(out, text);
	if (strchr(text, '@') == NULL)
		buffer_printf(out, "@%s", raw->domain);
}

static void
add_name(struct buffer *out, const char *name)
{
	buffer_add_text(out, "\"");
	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			buffer_add_text(out, "\\");
		buffer_add(out, (unsigned char)*name < ' ' ? " " : name, 1);
	}
	buffer_add_text(out, "\"");
}

static struct json_object *
mailbox(const struct raw_mail *raw, const char *name, const char *address)
{
	struct buffer text = { 0 };
	struct json_object *value;

	if (name != NULL && name[0] != '\0') {
		add_name(&text, name);
		buffer_add_text(&text, " <");
		add_address(&text, raw, address);
		buffer_add_text(&text, ">");
	} else {
		add_address(&text, raw, address);
	}
	value = json_object_new_string_len(text.data, (int)text.len);
	buffer_free(&text);
	return value;
}

static bool
is_same(const struct raw_mail *raw, const char *a, const char *b)
{
	struct buffer one = { 0 }, other = { 0 };
	bool same;

	add_address(&one, raw, a);
	add_address(&other, raw, b);
	same = strcasecmp(one.data, other.data) == 0;
	buffer_free(&one);
	buffer_free(&other);
	return same;
}

/* -- the lists -------------------------------------------------------------- */

static bool
is_recipient(struct people *people, const char *address)
{
	bool found = false;
	size_t i;

	for (i = 0; i < people->count; i++)
		if (is_same(people->raw, people->raw->recipients[i], address))
			found = people->found[i] = true;
	return found || people->raw->from_header;
}

static void
add_list(struct people *people, struct json_object *list,
    InternetAddressList *addresses, bool all)
{
	const int count =
	    addresses == NULL ? 0 : internet_address_list_length(addresses);
	InternetAddress *one;
	const char *address;
	int i;

	for (i = 0; i < count; i++) {
		one = internet_address_list_get_address(addresses, i);
		if (INTERNET_ADDRESS_IS_GROUP(one)) {
			add_list(people, list,
			    internet_address_group_get_members(
				INTERNET_ADDRESS_GROUP(one)),
			    all);
			continue;
		}
		address = internet_address_mailbox_get_addr(
		    INTERNET_ADDRESS_MAILBOX(one));
		if (address == NULL || address[0] == '\0')
			continue;
		if (all || is_recipient(people, address))
			json_object_array_add(list,
			    mailbox(people->raw, one->name, address));
		else
			buffer_printf(people->told,
			    "the header names %s, who is no recipient: left "
			    "out\n",
			    address);
	}
}

static struct json_object *
read_list(struct people *people, GMimeMessage *message, GMimeAddressType type)
{
	struct json_object *list = json_object_new_array();

	add_list(people, list, g_mime_message_get_addresses(message, type),
	    type == GMIME_ADDRESS_TYPE_REPLY_TO);
	return list;
}

/* Those of the command line whom no header names. */
static void
add_hidden(struct people *people, struct json_object *bcc)
{
	size_t i;

	for (i = 0; i < people->count; i++)
		if (!people->found[i])
			json_object_array_add(bcc,
			    mailbox(people->raw, NULL,
				people->raw->recipients[i]));
}

static void
set(struct json_object *mail, const char *name, struct json_object *list)
{
	if (json_object_array_length(list) > 0)
		json_object_object_add(mail, name, list);
	else
		json_object_put(list);
}

/* The API wants a `to`: the first others there are. */
static bool
set_recipients(struct json_object *mail, struct json_object *lists[3])
{
	static const char *const names[] = { "to", "cc", "bcc" };
	struct json_object *moved;
	int i, first = 0;

	while (first < 3 && json_object_array_length(lists[first]) == 0)
		first++;
	if (first == 1) { /* all see them as it is */
		moved = lists[0];
		lists[0] = lists[1];
		lists[1] = moved;
	} else if (first == 2) { /* nobody sees another */
		json_object_array_add(lists[0],
		    json_object_get(json_object_array_get_idx(lists[2], 0)));
		json_object_array_del_idx(lists[2], 0, 1);
	}
	for (i = 0; i < 3; i++)
		set(mail, names[i], lists[i]);
	return first < 3;
}

/* -- the sender ------------------------------------------------------------- */

static void
read_from(struct json_object *mail, const struct people *people,
    GMimeMessage *message)
{
	const struct raw_mail *raw = people->raw;
	InternetAddressList *list = g_mime_message_get_from(message);
	InternetAddress *one;
	const char *address = NULL;

	one = list != NULL && internet_address_list_length(list) > 0 ?
	    internet_address_list_get_address(list, 0) :
	    NULL;
	if (one != NULL && INTERNET_ADDRESS_IS_MAILBOX(one))
		address = internet_address_mailbox_get_addr(
		    INTERNET_ADDRESS_MAILBOX(one));
	if (address != NULL && address[0] != '\0') {
		json_object_object_add(mail, "from",
		    mailbox(raw, one->name, address));
		if (raw->from != NULL && raw->from[0] != '\0' &&
		    !is_same(raw, raw->from, address))
			buffer_printf(people->told,
			    "the envelope's sender is the operator's or that "
			    "of From: not %s\n",
			    raw->from);
	} else if (raw->from != NULL && raw->from[0] != '\0') {
		json_object_object_add(mail, "from",
		    mailbox(raw, raw->name, raw->from));
	}
}

bool
raw_people_read(struct json_object *mail, const struct raw_mail *raw,
    GMimeMessage *message, struct buffer *told)
{
	struct people people = { raw, told, NULL, 0 };
	struct json_object *lists[3];
	bool result;

	while (raw->recipients[people.count] != NULL)
		people.count++;
	people.found = calloc(people.count + 1, sizeof(*people.found));
	if (people.found == NULL)
		abort();
	lists[0] = read_list(&people, message, GMIME_ADDRESS_TYPE_TO);
	lists[1] = read_list(&people, message, GMIME_ADDRESS_TYPE_CC);
	lists[2] = read_list(&people, message, GMIME_ADDRESS_TYPE_BCC);
	add_hidden(&people, lists[2]);
	result = set_recipients(mail, lists);
	set(mail, "reply_to",
	    read_list(&people, message, GMIME_ADDRESS_TYPE_REPLY_TO));
	read_from(mail, &people, message);
	free(people.found);
	return result;
}
