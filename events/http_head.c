/* SPDX-License-Identifier: MIT */
/* Lines end with CRLF; a header is `name: value`, never folded. */
#include "http_head.h"

#include <string.h>
#include <strings.h>

/* What a header that decides something may not be: there twice. */
static const char *const single[] = { "Host", "Origin", "Upgrade",
	"Sec-WebSocket-Key", "Sec-WebSocket-Version", "Last-Event-ID",
	"Content-Length", "Transfer-Encoding" };
#define SINGLE (sizeof(single) / sizeof(single[0]))

static const char token_characters[] =
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz"; /* RFC 9110 5.6.2 */

bool
http_text_is(const struct http_text *text, const char *word)
{
	return text->len == strlen(word) &&
	    memcmp(text->at, word, text->len) == 0;
}

static bool
is_named(const struct http_text *name, const char *word)
{
	return name->len == strlen(word) &&
	    strncasecmp(name->at, word, name->len) == 0;
}

/* -- a line ---------------------------------------------------------------- */

static bool
is_token(const struct http_text *text)
{
	size_t i;

	for (i = 0; i < text->len; i++)
		if (text->at[i] == '\0' ||
		    strchr(token_characters, text->at[i]) == NULL)
			return false;
	return text->len > 0;
}

/* Without spaces and tabs at both ends. */
static struct http_text
trimmed(const char *at, size_t len)
{
	while (len > 0 && (*at == ' ' || *at == '\t')) {
		at++;
		len--;
	}
	while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t'))
		len--;
	return (struct http_text){ at, len };
}

/* No control characters but the tab. */
static bool
is_clean(const struct http_text *text)
{
	size_t i;

	for (i = 0; i < text->len; i++)
		if (((unsigned char)text->at[i] < ' ' && text->at[i] != '\t') ||
		    text->at[i] == 0x7f)
			return false;
	return true;
}

/* The text up to `end`, which must be there; `*rest` goes behind it. */
static bool
take_until(struct http_text *text, struct http_text *rest, char end)
{
	const char *found = memchr(rest->at, end, rest->len);

	if (found == NULL)
		return false;
	*text = (struct http_text){ rest->at, (size_t)(found - rest->at) };
	rest->at += text->len + 1;
	rest->len -= text->len + 1;
	return true;
}

/* Only visible ASCII: what else there is must be percent-encoded. */
static bool
is_target(const struct http_text *target)
{
	size_t i;

	for (i = 0; i < target->len; i++)
		if (target->at[i] <= ' ' || target->at[i] > '~')
			return false;
	return target->len > 0 && target->at[0] == '/';
}

static int
read_request_line(struct http_head *head, struct http_text line)
{
	struct http_text target;

	if (!take_until(&head->method, &line, ' ') ||
	    !is_token(&head->method) || !take_until(&target, &line, ' ') ||
	    !is_target(&target))
		return -1;
	head->is_1_1 = http_text_is(&line, "HTTP/1.1");
	if (!head->is_1_1 && !http_text_is(&line, "HTTP/1.0"))
		return -1;
	head->query = target;
	if (!take_until(&head->path, &head->query, '?')) {
		head->path = target;
		head->query.len = 0;
	}
	return 0;
}

static int
read_header(struct http_head *head, struct http_text line)
{
	struct http_header *header = &head->headers[head->count];
	size_t i;

	if (head->count == HTTP_HEADERS_MAX ||
	    !take_until(&header->name, &line, ':') || !is_token(&header->name))
		return -1;
	header->value = trimmed(line.at, line.len);
	if (!is_clean(&header->value))
		return -1;
	for (i = 0; i < SINGLE; i++)
		if (is_named(&header->name, single[i]) &&
		    http_head_find(head, single[i]) != NULL)
			return -1;
	head->count++;
	return 0;
}

/* -- the whole ------------------------------------------------------------- */

static bool
has_body(const struct http_head *head)
{
	const struct http_text *length = http_head_find(head, "Content-Length");

	return http_head_find(head, "Transfer-Encoding") != NULL ||
	    (length != NULL && !http_text_is(length, "0"));
}

ssize_t
http_head_parse(struct http_head *head, const char *bytes, size_t len)
{
	const char *end = memmem(bytes, len, "\r\n\r\n", 4), *line_end;
	struct http_text rest, line;

	if (end == NULL)
		return len > HTTP_HEAD_MAX ? -1 : 0;
	head->count = 0;
	rest = (struct http_text){ bytes, (size_t)(end - bytes) + 2 };
	if (rest.len > HTTP_HEAD_MAX)
		return -1;
	line.at = NULL;
	while (rest.len > 0) {
		line_end = memmem(rest.at, rest.len, "\r\n", 2);
		line =
		    (struct http_text){ rest.at, (size_t)(line_end - rest.at) };
		if (line.at == bytes ? read_request_line(head, line) == -1 :
				       read_header(head, line) == -1)
			return -1;
		rest.at += line.len + 2;
		rest.len -= line.len + 2;
	}
	if (line.at == NULL || has_body(head) ||
	    (head->is_1_1 && http_head_find(head, "Host") == NULL))
		return -1;
	return end - bytes + 4;
}

/* -- what it says ---------------------------------------------------------- */

const struct http_text *
http_head_find(const struct http_head *head, const char *name)
{
	size_t i;

	for (i = 0; i < head->count; i++)
		if (is_named(&head->headers[i].name, name))
			return &head->headers[i].value;
	return NULL;
}

bool
http_head_has_token(const struct http_head *head, const char *name,
    const char *token)
{
	struct http_text list, item;
	size_t i;

	for (i = 0; i < head->count; i++) {
		if (!is_named(&head->headers[i].name, name))
			continue;
		list = head->headers[i].value;
		while (list.len > 0) {
			if (!take_until(&item, &list, ',')) {
				item = list;
				list.len = 0;
			}
			item = trimmed(item.at, item.len);
			if (is_named(&item, token))
				return true;
		}
	}
	return false;
}

static int
hex(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = digit == '\0' ? NULL : strchr(digits, digit | 0x20);

	return found == NULL ? -1 : (int)(found - digits);
}

/* `+` is a space, as forms have it; what is no escape stays as it is. */
static void
decode(const struct http_text *text, struct buffer *value)
{
	char byte;
	size_t i;

	buffer_clear(value);
	for (i = 0; i < text->len; i++) {
		byte = text->at[i] == '+' ? ' ' : text->at[i];
		if (byte == '%' && i + 2 < text->len &&
		    hex(text->at[i + 1]) >= 0 && hex(text->at[i + 2]) >= 0) {
			byte = (char)(hex(text->at[i + 1]) << 4 |
			    hex(text->at[i + 2]));
			i += 2;
		}
		buffer_add(value, &byte, 1);
	}
}

bool
http_head_query(const struct http_head *head, const char *name, size_t *at,
    struct buffer *value)
{
	struct http_text rest, pair, key;

	while (*at < head->query.len) {
		rest = (struct http_text){ head->query.at + *at,
			head->query.len - *at };
		if (!take_until(&pair, &rest, '&'))
			pair = rest;
		*at += pair.len + 1;
		if (take_until(&key, &pair, '=') && http_text_is(&key, name)) {
			decode(&pair, value);
			return true;
		}
	}
	return false;
}
