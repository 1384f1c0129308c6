/* SPDX-License-Identifier: MIT */
/* What may stand in the header of an attachment's part. */
#include "attachment.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "characters.h"
#include "literal.h"

#define ALPHANUMERIC \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

void
attachment_clear(struct attachment *attachment)
{
	free(attachment->filename);
	free(attachment->content_type);
	free(attachment->content_id);
	memset(attachment, 0, sizeof(*attachment));
}

const char *
attachment_filename_fault(const char *text, size_t len)
{
	if (len == 0 || len > ATTACHMENT_FILENAME_MAX)
		return "must have 1 to " LITERAL(
		    ATTACHMENT_FILENAME_MAX) " bytes";
	if (memchr(text, '/', len) != NULL || memchr(text, '\\', len) != NULL ||
	    (text[0] == '.' && (len == 1 || (len == 2 && text[1] == '.'))))
		return "must be a name, not a path";
	if (!characters_are(text, len, CHARACTERS_NAME))
		return "must not hold control characters, bidi controls or "
		       "what is invisible";
	return NULL;
}

/* RFC 2045 5.1; how many bytes of `text` are one. */
static size_t
token(const char *text)
{
	return strspn(text, ALPHANUMERIC "!#$%&'*+-.^_`{|}~");
}

/* A quoted string (RFC 5322 3.2.4) of printable ASCII; 0: it is none. */
static size_t
quoted(const char *text)
{
	size_t i;

	for (i = 1; text[i] >= ' ' && text[i] <= '~'; i++) {
		if (text[i] == '"')
			return i + 1;
		if (text[i] == '\\' && text[i + 1] >= ' ' && text[i + 1] <= '~')
			i++;
	}
	return 0;
}

/* `; name=value`; how many bytes, 0: it is none. */
static size_t
parameter(const char *text)
{
	size_t i = strspn(text, " "), n;

	if (text[i] != ';')
		return 0;
	i++;
	i += strspn(text + i, " ");
	n = token(text + i);
	if (n == 0 || text[i + n] != '=')
		return 0;
	i += n + 1;
	n = text[i] == '"' ? quoted(text + i) : token(text + i);
	return n == 0 ? 0 : i + n;
}

const char *
attachment_type_fault(const char *text, size_t len)
{
	static const char wrong[] = "must be a media type, as text/csv or "
				    "application/pdf; name=value";
	size_t at, n;

	if (len == 0 || len > ATTACHMENT_TYPE_MAX)
		return "must have 1 to " LITERAL(ATTACHMENT_TYPE_MAX) " bytes";
	at = token(text);
	if (at == 0 || text[at] != '/' || token(text + at + 1) == 0)
		return wrong;
	if (strncasecmp(text, "multipart/", at + 1) == 0 ||
	    strncasecmp(text, "message/", at + 1) == 0)
		return "must not be multipart/ or message/: "
		       "application/octet-stream will do";
	at += 1 + token(text + at + 1);
	for (; text[at] != '\0'; at += n) {
		n = parameter(text + at);
		if (n == 0)
			return wrong;
	}
	return at == len ? NULL : wrong;
}

const char *
attachment_id_fault(const char *text, size_t len)
{
	const char *at;

	if (len == 0 || len > ATTACHMENT_ID_MAX)
		return "must have 1 to " LITERAL(ATTACHMENT_ID_MAX) " bytes";
	if (strspn(text, ALPHANUMERIC "!#$%&'*+-/=?^_`{|}~.@") != len)
		return "may have letters, digits and !#$%&'*+-/=?^_`{|}~.@";
	at = memchr(text, '@', len);
	if (at != NULL &&
	    (at == text || at == text + len - 1 ||
		memchr(at + 1, '@', len - (size_t)(at + 1 - text)) != NULL))
		return "may have one @, with something on both sides of it";
	return NULL;
}
