/* SPDX-License-Identifier: MIT */
/* What json-c keeps, as it is needed here. */
#include "json_text.h"

#include <stdlib.h>
#include <string.h>

const char *
json_text_member(json_object *object, const char *name, size_t *len)
{
	json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	*len = (size_t)json_object_get_string_len(value);
	return json_object_get_string(value);
}

char *
json_text_copy(const char *text, size_t len)
{
	char *mine = malloc(len + 1);

	if (mine == NULL)
		abort();
	memcpy(mine, text, len);
	mine[len] = '\0';
	return mine;
}
