/* SPDX-License-Identifier: MIT */
/* unit.field: the table of fields, and that docs/protocol.md holds the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buffer.h"
#include "field.h"

static void
test_find(void **state)
{
	const struct field *text = field_find("text", 4);

	(void)state;
	assert_non_null(text);
	assert_string_equal(text->name, "text");
	assert_string_equal(field_proper_name(text), "body");
	assert_string_equal(field_proper_name(field_find("to", 2)), "to");
	assert_null(field_find("", 0));
	assert_null(field_find("text", 3));
	assert_null(field_find("texts", 5));
	assert_null(field_find("Text", 4));
	assert_string_equal(field_nearest("subjcet", 7), "subject");
	assert_null(field_nearest("zzzzzz", 6));
}

/* What it may hold is said elsewhere. */
static bool
is_read_whole(const struct field *field)
{
	return field->type == FIELD_FILES ||
	    field->type == FIELD_CUSTOM_HEADERS ||
	    field->type == FIELD_LABELS || field->type == FIELD_PAIRS ||
	    field->type == FIELD_LINK || field->type == FIELD_SWITCH ||
	    field->type == FIELD_LANE;
}

static void
test_rows_are_whole(void **state)
{
	const struct field *field;
	size_t i;

	(void)state;
	for (i = 0; i < fields_len; i++) {
		field = &fields[i];
		assert_ptr_equal(field_find(field->name, strlen(field->name)),
		    field);
		assert_true(field->slot < FIELD_SLOT__MAX);
		assert_non_null(field_type_names[field->type]);
		assert_true(field->places != 0);
		/* A header has an end: what goes into one is bounded. */
		if (field->places & FIELD_IN_HEADER)
			assert_true(field->bytes_max > 0 ||
			    field->type == FIELD_MAILBOX ||
			    is_read_whole(field));
	}
}

/* -- docs/protocol.md ------------------------------------------------------ */

static void
add_places(struct buffer *out, unsigned places)
{
	static const struct {
		unsigned place;
		const char *name;
	} names[] = {
		{ FIELD_IN_ENVELOPE, "envelope" },
		{ FIELD_IN_HEADER, "header" },
		{ FIELD_IN_CONTENT, "content" },
		{ FIELD_IN_RECORD, "record" },
		{ FIELD_IN_ANSWER, "answer" },
		{ FIELD_IN_QUEUE, "queue" },
	};
	const char *comma = "";
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (places & names[i].place) {
			buffer_printf(out, "%s%s", comma, names[i].name);
			comma = ", ";
		}
}

static void
add_type(struct buffer *out, const struct field *field)
{
	buffer_add_text(out, field_type_names[field->type]);
	if (field->items_max > 0)
		buffer_printf(out, ", or a list of 1-%zu", field->items_max);
}

static void
add_length(struct buffer *out, const struct field *field)
{
	if (field->type == FIELD_MAILBOX)
		buffer_add_text(out, "see Addresses");
	else if (field->type == FIELD_TIME)
		buffer_add_text(out, "see Times");
	else if (is_read_whole(field))
		buffer_add_text(out, field->about);
	else if (field->bytes_max > 0)
		buffer_printf(out, "1-%zu bytes", field->bytes_max);
	else
		buffer_add_text(out, "1 byte or more");
}

static void
add_row(struct buffer *out, const struct field *field)
{
	const char *proper = field_proper_name(field);

	buffer_printf(out, "| `%s` | %s | ", field->name,
	    field->required ? "yes" : "no");
	add_type(out, field);
	buffer_add_text(out, " | ");
	add_length(out, field);
	buffer_add_text(out, " | ");
	add_places(out, field->places);
	if (strcmp(proper, field->name) != 0)
		buffer_printf(out, " | another name of `%s`: not both |\n",
		    proper);
	else
		buffer_printf(out, " | %s%s|\n",
		    is_read_whole(field) ? "" : field->about,
		    field->about[0] == '\0' || is_read_whole(field) ? "" : " ");
}

static void
read_file(struct buffer *text, const char *path)
{
	FILE *file = fopen(path, "r");
	char part[4096];
	size_t n;

	if (file == NULL)
		fail_msg("cannot read %s", path);
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		buffer_add(text, part, n);
	fclose(file);
}

static void
test_protocol_has_this_table(void **state)
{
	struct buffer table = { 0 }, protocol = { 0 };
	size_t i;

	(void)state;
	buffer_add_text(&table,
	    "| field | required | type | length | goes into | |\n"
	    "|---|---|---|---|---|---|\n");
	for (i = 0; i < fields_len; i++)
		add_row(&table, &fields[i]);
	buffer_add_text(&table, "\n");
	read_file(&protocol, PROTOCOL_PATH);
	if (strstr(protocol.data, table.data) == NULL)
		fail_msg("%s does not have this table:\n%s", PROTOCOL_PATH,
		    table.data);
	buffer_free(&table);
	buffer_free(&protocol);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_rows_are_whole),
		cmocka_unit_test(test_protocol_has_this_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
