/* SPDX-License-Identifier: MIT */
/*
 * What a mail may have that one of plain text has not, and its part of the
 * payload's JSON (job.h):
 *
 *	"reply_to":["Ann <a@b.c>"],"html":"..","headers":{"X-A":".."},
 *	"unsubscribe":"https://..","list":"news",
 *	"tags":[..],"metadata":{..},
 *	"attachments":[{"filename":"a.pdf","content_type":"application/pdf",
 *	 "content_id":"..","size":4711}]
 *
 * The bytes of the attachments are no JSON: they stand behind it, one file's
 * after the other's (job_encode()).
 */
#ifndef POSTRIDER_EXTRAS_H
#define POSTRIDER_EXTRAS_H

#include <json-c/json.h>

#include "address.h"
#include "attachment.h"
#include "buffer.h"
#include "custom_header.h"

#define EXTRAS_REPLY_TO_MAX 50

/* Strings and lists are owned; NULL and 0 when absent. */
struct extras {
	struct mailbox *reply_to;
	size_t reply_to_len;
	char *html;
	size_t html_len;
	struct custom_header *headers;
	size_t headers_len;
	char *unsubscribe; /* an https URL */
	char *list; /* of suppressions that it heeds, too: a list_name.h */
	char *tags, *metadata; /* JSON text */
	struct attachment *attachments;
	size_t attachments_len;
	/* Their bytes: owned in `file_bytes`, or borrowed for a while. */
	const char *files;
	size_t files_len; /* the sum of their sizes */
	struct buffer file_bytes;
};

struct extras *extras_new(void);
void extras_free(struct extras *); /* NULL will do */

/* Each takes over what it is given, and leaves the zero value there. */
void extras_add_reply_to(struct extras *, struct mailbox *);
void extras_add_header(struct extras *, struct custom_header *);
void extras_add_attachment(struct extras *, struct attachment *);

/* Appends the members shown above, each with a comma before it. */
void extras_encode(const struct extras *, struct buffer *);

/* Appends reply_to as a JSON list; when there is none, nothing. */
void extras_encode_reply_to(const struct extras *, struct buffer *);

/*
 * Reads them from a payload: `*extras` stays NULL when it has none. NULL, or a
 * constant text that says what is wrong. The files are not there yet.
 */
const char *extras_decode(struct extras **, json_object *payload);
/* Whether it has no members but these, and no html. */
bool extras_are_rest(json_object *);
/* The bytes behind the payload, borrowed. 0, or -1: not as many as told. */
int extras_take_files(struct extras *, const char *bytes, size_t len);

#endif
