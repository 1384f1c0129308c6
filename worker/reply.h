/* SPDX-License-Identifier: MIT */
/*
 * SMTP replies (RFC 5321 4.2): bytes in, whole replies out. Pure: no I/O, no
 * clock. Whatever a server sends ends in a reply, in "more is needed" or in a
 * fault; nothing grows beyond the limits below. What a reply means for a mail
 * is reply_class.h.
 */
#ifndef POSTRIDER_REPLY_H
#define POSTRIDER_REPLY_H

#include <stddef.h>

#include "buffer.h"

/* RFC 5321 4.5.3.1.5 says 512 bytes a line; real servers say more. */
#define REPLY_LINE_MAX 8192 /* bytes, with the line's end */
#define REPLY_LINES_MAX 100
#define REPLY_SIZE_MAX 32768 /* bytes of all lines of one reply */

/* RFC 3463: 4.7.1 and the like. severity 0: the reply had none. */
struct reply_enhanced {
	int severity; /* 2, 4 or 5 */
	int subject;
	int detail;
};

struct reply {
	int code; /* 200-599 */
	struct reply_enhanced enhanced;
	/*
	 * "250 2.1.5 Ok": valid UTF-8, control characters replaced. Further
	 * lines follow after \n, without the codes that they repeat.
	 */
	const char *text;
	size_t text_len;
};

/* The zero value is a reader at the start of a reply. */
struct reply_reader {
	struct buffer line; /* of a line whose end is not here yet */
	struct buffer text;
	struct reply reply; /* text points into the buffer above */
	size_t lines;
	size_t size;
	const char *fault; /* constant; NULL: none */
};

enum reply_progress {
	REPLY_INCOMPLETE, /* all bytes taken */
	REPLY_COMPLETE, /* reader->reply, good until the next call */
	REPLY_FAULTY /* not SMTP: reader->fault; for good */
};

/*
 * Takes bytes up to the end of one reply, `*used` says how many; call it again
 * with the rest.
 */
enum reply_progress reply_read(struct reply_reader *, const char *bytes,
    size_t len, size_t *used);

/* Whether a reply has begun and not ended. */
int reply_is_partial(const struct reply_reader *);

void reply_reader_free(struct reply_reader *); /* leaves the zero value */

/* Appends one line of outside text, made safe as in reply.text. */
void reply_add_safe(struct buffer *, const char *text, size_t len);

#endif
