/* SPDX-License-Identifier: MIT */
#include "upgrade.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>
#include <strings.h>

#define KEY_LEN 24 /* 16 bytes in base64 */
#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/* -- permessage-deflate ---------------------------------------------------- */

enum parameter { /* bits: each may be there once */
	SERVER_NO_CONTEXT = 1,
	CLIENT_NO_CONTEXT = 2,
	CLIENT_BITS = 4
};

static struct http_text
next_item(struct http_text *list, char separator)
{
	const char *end = memchr(list->at, separator, list->len);
	struct http_text item = *list;

	if (end != NULL)
		item.len = (size_t)(end - list->at);
	list->at += item.len;
	list->len -= item.len;
	if (end != NULL) {
		list->at++;
		list->len--;
	}
	while (item.len > 0 && strchr(" \t", item.at[0]) != NULL) {
		item.at++;
		item.len--;
	}
	while (item.len > 0 && strchr(" \t", item.at[item.len - 1]) != NULL)
		item.len--;
	return item;
}

static bool
says(const struct http_text *text, const char *word)
{
	return text->len == strlen(word) &&
	    strncasecmp(text->at, word, text->len) == 0;
}

/* 8 to 15, maybe in quotes. */
static bool
is_window(struct http_text bits)
{
	if (bits.len >= 2 && bits.at[0] == '"' && bits.at[bits.len - 1] == '"')
		bits = (struct http_text){ bits.at + 1, bits.len - 2 };
	return (bits.len == 1 && (bits.at[0] == '8' || bits.at[0] == '9')) ||
	    (bits.len == 2 && bits.at[0] == '1' && bits.at[1] >= '0' &&
		bits.at[1] <= '5');
}

/*
 * The parameter's bit, or 0. A smaller window of ours (server_max_window_bits)
 * is one that we do not keep to: what is compressed is the same for all.
 */
static unsigned
parameter_of(struct http_text text)
{
	const struct http_text name = next_item(&text, '=');

	if (says(&name, "client_max_window_bits"))
		return text.len == 0 || is_window(text) ? CLIENT_BITS : 0;
	if (text.len > 0)
		return 0;
	if (says(&name, "server_no_context_takeover"))
		return SERVER_NO_CONTEXT;
	return says(&name, "client_no_context_takeover") ? CLIENT_NO_CONTEXT :
							   0;
}

static bool
is_taken(struct http_text offer)
{
	struct http_text name = next_item(&offer, ';');
	unsigned seen = 0, parameter;

	if (!says(&name, "permessage-deflate"))
		return false;
	while (offer.len > 0) {
		parameter = parameter_of(next_item(&offer, ';'));
		if (parameter == 0 || (seen & parameter) != 0)
			return false;
		seen |= parameter;
	}
	return true;
}

static bool
offers_deflate(const struct http_head *head)
{
	static const char name[] = "Sec-WebSocket-Extensions";
	struct http_text offers;
	size_t i;

	for (i = 0; i < head->count; i++) {
		if (!says(&head->headers[i].name, name))
			continue;
		offers = head->headers[i].value;
		while (offers.len > 0)
			if (is_taken(next_item(&offers, ',')))
				return true;
	}
	return false;
}

/* -- the handshake --------------------------------------------------------- */

static bool
is_key(const struct http_text *key)
{
	unsigned char bytes[KEY_LEN];

	return key != NULL && key->len == KEY_LEN &&
	    key->at[KEY_LEN - 1] == '=' && key->at[KEY_LEN - 2] == '=' &&
	    EVP_DecodeBlock(bytes, (const unsigned char *)key->at, KEY_LEN) > 0;
}

static void
write_accept(char accept[UPGRADE_ACCEPT_SIZE], const struct http_text *key)
{
	unsigned char text[KEY_LEN + sizeof(GUID) - 1], sum[SHA_DIGEST_LENGTH];

	memcpy(text, key->at, KEY_LEN);
	memcpy(text + KEY_LEN, GUID, sizeof(GUID) - 1);
	SHA1(text, sizeof(text), sum);
	EVP_EncodeBlock((unsigned char *)accept, sum, sizeof(sum));
}

enum upgrade_result
upgrade_read(struct upgrade *upgrade, const struct http_head *head)
{
	const struct http_text *key = http_head_find(head, "Sec-WebSocket-Key"),
			       *version = http_head_find(head,
				   "Sec-WebSocket-Version");

	if (!head->is_1_1 ||
	    !http_head_has_token(head, "Upgrade", "websocket") ||
	    !http_head_has_token(head, "Connection", "upgrade") ||
	    version == NULL || !http_text_is(version, "13"))
		return UPGRADE_NOT_ASKED;
	if (!is_key(key))
		return UPGRADE_WRONG;
	write_accept(upgrade->accept, key);
	upgrade->deflates = offers_deflate(head);
	return UPGRADE_OK;
}

void
upgrade_answer(const struct upgrade *upgrade, struct buffer *answer)
{
	buffer_printf(answer,
	    "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\n"
	    "Connection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: %s\r\n",
	    upgrade->accept);
	if (upgrade->deflates)
		buffer_add_text(answer,
		    "Sec-WebSocket-Extensions: permessage-deflate; "
		    "server_no_context_takeover; "
		    "client_no_context_takeover\r\n");
	buffer_add_text(answer, "\r\n");
}
