/* SPDX-License-Identifier: MIT */
/*
 * A message as programs hand it to sendmail (RFC 5322, MIME) becomes the JSON
 * of POST /api/emails. By GMime; it knows neither options nor HTTP.
 */
#ifndef POSTRIDER_RAW_MAIL_H
#define POSTRIDER_RAW_MAIL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

struct raw_mail {
	const char *bytes; /* the message; line ends are LF or CRLF */
	size_t len;
	char **recipients; /* of the command line; ended by NULL */
	bool from_header; /* -t: those of To, Cc and Bcc, too */
	const char *from; /* -f, for a message without From; or NULL */
	const char *name; /* -F, the same */
	const char *domain; /* behind addresses that have none: root@ */
};

/*
 * The mail, which the caller puts back (json_object_put); NULL when it cannot
 * be sent as it is: `why` says that. What had to be left out is in `told`, a
 * line each; `why` and `told` are the caller's to free.
 */
struct json_object *raw_mail_read(const struct raw_mail *, struct buffer *why,
    struct buffer *told);

#endif
