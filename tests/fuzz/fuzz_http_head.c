/* SPDX-License-Identifier: MIT */
/*
 * fuzz.http_head: what is taken is a head without a body, its texts lie in it,
 * and none of them could end a line of a log or of an answer.
 */
#include <string.h>

#include "fuzz.h"
#include "http_head.h"
#include "upgrade.h"

static void
check_text(const struct http_text *text, const char *bytes, size_t len)
{
	size_t i;

	CHECK(text->at >= bytes && text->at + text->len <= bytes + len);
	for (i = 0; i < text->len; i++)
		CHECK(strchr("\r\n", text->at[i]) == NULL);
}

static void
check_parameters(const struct http_head *head)
{
	struct buffer value = { 0 };
	size_t at = 0, before = 0;

	while (http_head_query(head, "a", &at, &value)) {
		CHECK(at > before && value.len <= head->query.len);
		before = at;
	}
	buffer_free(&value);
}

static void
check_upgrade(const struct http_head *head)
{
	struct upgrade upgrade;

	if (upgrade_read(&upgrade, head) == UPGRADE_OK)
		CHECK(strlen(upgrade.accept) == UPGRADE_ACCEPT_SIZE - 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct http_head head;
	const ssize_t len = http_head_parse(&head, bytes, size);
	size_t i;

	if (len <= 0) {
		CHECK(len == 0 || len == -1);
		return 0;
	}
	CHECK(
	    (size_t)len <= size && memcmp(bytes + len - 4, "\r\n\r\n", 4) == 0);
	check_text(&head.method, bytes, (size_t)len);
	check_text(&head.path, bytes, (size_t)len);
	for (i = 0; i < head.count; i++) {
		check_text(&head.headers[i].name, bytes, (size_t)len);
		check_text(&head.headers[i].value, bytes, (size_t)len);
	}
	CHECK(http_head_find(&head, "Transfer-Encoding") == NULL);
	check_parameters(&head);
	check_upgrade(&head);
	return 0;
}
