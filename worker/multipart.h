/* SPDX-License-Identifier: MIT */
/*
 * A message of more than a plain text (RFC 2046 5.1):
 *
 *	multipart/mixed           when there are files to keep
 *	  multipart/alternative   when there are a text and HTML
 *	    text/plain
 *	    multipart/related     when the HTML shows files
 *	      text/html
 *	      the files it shows
 *	  the files to keep
 *
 * A level with one part is that part. Pure; the same job gives the same bytes.
 */
#ifndef POSTRIDER_MULTIPART_H
#define POSTRIDER_MULTIPART_H

#include "composed.h"
#include "job.h"

/* How many bytes of text that takes, at most and about. */
size_t multipart_size(const struct job *);

/* Appends the header's fields that begin with Content-, and the body. */
void multipart_add(struct composed *, const struct job *);

#endif
