/* SPDX-License-Identifier: MIT */
/*
 * Who a raw message is from and goes to. The API has no envelope beside the
 * header: who gets a mail stands in to, cc or bcc. So a recipient of the command
 * line whom To and Cc do not name is in bcc, and whom they name besides does
 * not stand in them any more.
 */
#ifndef POSTRIDER_RAW_PEOPLE_H
#define POSTRIDER_RAW_PEOPLE_H

#include <gmime/gmime.h>

#include "raw_mail.h"

/* Sets to, cc, bcc, reply_to and from. false: there is no recipient. */
bool raw_people_read(struct json_object *mail, const struct raw_mail *,
    GMimeMessage *, struct buffer *told);

#endif
