/* SPDX-License-Identifier: MIT */
/* Reading what the relay says before the first MAIL. Pure. */
#include "ehlo.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "reply.h"

static const struct {
	const char *word;
	enum ehlo_keyword keyword;
} offers[] = {
	{ "PIPELINING", EHLO_PIPELINING },
	{ "8BITMIME", EHLO_8BITMIME },
	{ "SMTPUTF8", EHLO_SMTPUTF8 },
	{ "STARTTLS", EHLO_STARTTLS },
	{ "SIZE", EHLO_SIZE },
	{ "DSN", EHLO_DSN },
};

static void
take_mechanisms(struct ehlo *ehlo, const char *words, size_t len)
{
	buffer_clear(&ehlo->mechanisms);
	reply_add_safe(&ehlo->mechanisms, words,
	    len < EHLO_MECHANISMS_MAX ? len : EHLO_MECHANISMS_MAX);
}

/* RFC 1870 4: a number, 0 or none at all. What is too large is no limit. */
static size_t
read_size(const char *digits, size_t len)
{
	size_t size = 0;

	for (; len > 0 && *digits >= '0' && *digits <= '9'; digits++, len--) {
		if (size > SIZE_MAX / 10 - 1)
			return 0;
		size = 10 * size + (size_t)(*digits - '0');
	}
	return size;
}

static void
take_offer(struct ehlo *ehlo, const char *text, size_t len)
{
	static const char auth[] = "AUTH "; /* RFC 4954 3 */
	static const char size[] = "SIZE ";
	size_t i, word;

	for (i = 0; i < sizeof(offers) / sizeof(*offers); i++) {
		word = strlen(offers[i].word);
		if (len >= word &&
		    strncasecmp(text, offers[i].word, word) == 0 &&
		    (len == word || text[word] == ' '))
			ehlo->keywords |= offers[i].keyword;
	}
	if (len > sizeof(size) - 1 &&
	    strncasecmp(text, size, sizeof(size) - 1) == 0)
		ehlo->size_max = read_size(text + sizeof(size) - 1,
		    len - (sizeof(size) - 1));
	if (len > sizeof(auth) - 1 &&
	    strncasecmp(text, auth, sizeof(auth) - 1) == 0)
		take_mechanisms(ehlo, text + sizeof(auth) - 1,
		    len - (sizeof(auth) - 1));
}

static void
take_refusal(struct ehlo *ehlo, const char *line, size_t len)
{
	if (ehlo->refusal.len + len >= EHLO_REFUSAL_MAX)
		return;
	if (ehlo->refusal.len > 0)
		buffer_add(&ehlo->refusal, " ", 1);
	reply_add_safe(&ehlo->refusal, line, len);
}

void
ehlo_take_line(struct ehlo *ehlo, const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (len < 3)
		return;
	if (line[0] == '2' || line[0] == '3')
		buffer_clear(&ehlo->refusal);
	if (memcmp(line, "220", 3) == 0) {
		/* What was offered before TLS is void (RFC 3207 4.2). */
		if (ehlo->stage == EHLO_OFFERED)
			ehlo->starttls = true;
		ehlo->keywords = 0;
		ehlo->size_max = 0;
		buffer_clear(&ehlo->mechanisms);
		ehlo->stage = EHLO_GREETED;
	} else if (memcmp(line, "250", 3) == 0) {
		ehlo->stage = EHLO_OFFERED;
		if (len > 4)
			take_offer(ehlo, line + 4, len - 4);
	} else if (memcmp(line, "334", 3) == 0) {
		ehlo->challenged = true;
	} else if (memcmp(line, "235", 3) == 0) {
		ehlo->logged_in = true;
	} else if (line[0] == '4' || line[0] == '5') {
		take_refusal(ehlo, line, len);
	}
}

void
ehlo_free(struct ehlo *ehlo)
{
	buffer_free(&ehlo->mechanisms);
	buffer_free(&ehlo->refusal);
}
