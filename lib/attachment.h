/* SPDX-License-Identifier: MIT */
/*
 * A file that goes with a mail: what its part's header says of it. Its bytes
 * are kept beside, see extras.h. Pure.
 */
#ifndef POSTRIDER_ATTACHMENT_H
#define POSTRIDER_ATTACHMENT_H

#include <stddef.h>

#define ATTACHMENT_FILENAME_MAX 255 /* bytes, what file systems take */
#define ATTACHMENT_TYPE_MAX 255 /* bytes */
#define ATTACHMENT_ID_MAX 128 /* bytes */
#define ATTACHMENTS_MAX 100 /* of one mail */

/* Its strings are owned, NULL when absent. */
struct attachment {
	char *filename; /* UTF-8, no path */
	char *content_type; /* NULL: application/octet-stream */
	char *content_id; /* not NULL: HTML shows it, as cid:<that> */
	size_t size; /* bytes */
};

void attachment_clear(struct attachment *);

/* What is wrong with a text, its verb first ("must not ..."), or NULL. */
const char *attachment_filename_fault(const char *text, size_t len);
/*
 * A media type with its parameters (RFC 2045 5.1). multipart/ and message/ are
 * none: they may not be in base64 (RFC 2046 5.2.1).
 */
const char *attachment_type_fault(const char *text, size_t len);
const char *attachment_id_fault(const char *text, size_t len);

#endif
