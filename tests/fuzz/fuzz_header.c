/* SPDX-License-Identifier: MIT */
/*
 * fuzz.header: a value stays within its field and its lines, and GMime reads
 * back what was given.
 * Input: a text, then pairs of display name and address, all separated.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

#include "fuzz.h"
#include "gmime_mailbox.h"
#include "header_field.h"
#include "input.h"

#define LINE_MAX_FOLDED 76 /* bytes, where there is a place to fold */
#define LINE_MAX_EVER 998 /* bytes: RFC 5322 2.1.1 */
#define MAILBOXES_MAX 50

/*
 * CR LF only, each line but the first begins with a blank and holds more than
 * blanks. Returns the bytes of the longest line with a place to fold.
 */
static size_t
check_lines(const struct buffer *field)
{
	const char *line = field->data, *end, *word;
	const char *behind = field->data + field->len;
	size_t longest = 0, len;

	CHECK(strlen(field->data) == field->len);
	for (; line < behind; line = end + 2) {
		end = memmem(line, (size_t)(behind - line), "\r\n", 2);
		CHECK(end != NULL);
		len = (size_t)(end - line);
		CHECK(len <= LINE_MAX_EVER);
		CHECK(memchr(line, '\r', len) == NULL);
		CHECK(memchr(line, '\n', len) == NULL);
		word = line == field->data ? strchr(line, ':') + 1 : line;
		CHECK(line == field->data || *line == ' ');
		word += strspn(word, " ");
		CHECK(line == field->data || word < end);
		if (word < end &&
		    memchr(word, ' ', (size_t)(end - word)) != NULL &&
		    len > longest)
			longest = len;
	}
	return longest;
}

/* RFC 5322 2.2.3; owned. */
static char *
unfold(const char *value)
{
	char *text = strdup(value), *to = text;

	CHECK(text != NULL);
	for (; *value != '\0'; value++)
		if (*value != '\r' && *value != '\n')
			*to++ = *value;
	*to = '\0';
	return text;
}

static void
check_text(const char *text)
{
	struct buffer field = { 0 };
	char *value, *back;
	int result;

	buffer_add_text(&field, "X: y\r\n");
	result = header_add_text(&field, "Subject", text);
	if (strpbrk(text, "\r\n") != NULL) {
		CHECK(result == -1 && strcmp(field.data, "X: y\r\n") == 0);
		buffer_free(&field);
		return;
	}
	CHECK(result == 0);
	buffer_drop(&field, strlen("X: y\r\n"));
	CHECK(check_lines(&field) <= LINE_MAX_FOLDED);
	value = unfold(field.data + strlen("Subject: "));
	back = g_mime_utils_header_decode_text(NULL, value);
	CHECK(strcmp(back, text) == 0);
	g_free(back);
	free(value);
	buffer_free(&field);
}

static void
check_list(const struct buffer *field, const struct mailbox *boxes, size_t len)
{
	InternetAddressList *list;
	size_t i;

	(void)check_lines(field);
	list = internet_address_list_parse(NULL, field->data + strlen("From:"));
	CHECK(list != NULL);
	CHECK((size_t)internet_address_list_length(list) == len);
	for (i = 0; i < len; i++)
		check_mailbox(internet_address_list_get_address(list, (int)i),
		    boxes[i].name, boxes[i].address);
	g_object_unref(list);
}

static bool
is_expected(const struct mailbox *box)
{
	return address_check(box->address, strlen(box->address)) ==
	    ADDRESS_OK &&
	    strpbrk(box->name, "\r\n") == NULL;
}

static void
check_mailboxes(struct input *input)
{
	struct mailbox boxes[MAILBOXES_MAX];
	struct buffer field = { 0 }, name = { 0 }, address = { 0 };
	size_t len = 0, i;
	bool whole = true;

	header_begin_mailboxes(&field, "From");
	while (whole && len < MAILBOXES_MAX && input->left > 0) {
		input_text(input, &name);
		input_text(input, &address);
		boxes[len].name = buffer_take(&name);
		boxes[len].address = buffer_take(&address);
		whole = header_add_mailbox(&field, &boxes[len]) == 0;
		CHECK(whole == is_expected(&boxes[len]));
		len++;
	}
	header_end_mailboxes(&field);
	if (whole && len > 0)
		check_list(&field, boxes, len);
	for (i = 0; i < len; i++)
		mailbox_free(&boxes[i]);
	buffer_free(&field);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct buffer text = { 0 };

	g_mime_init();
	input_text(&input, &text);
	check_text(text.data);
	check_mailboxes(&input);
	buffer_free(&text);
	return 0;
}
