/* SPDX-License-Identifier: MIT */
/*
 * The field `attachments`: a list of {"content", "filename", "content_type",
 * "content_id"}. The content comes as base64, as a list of bytes, or as what
 * JSON.stringify() makes of a Node.js Buffer; it is read from where it stands.
 */
#ifndef POSTRIDER_FILE_LIST_H
#define POSTRIDER_FILE_LIST_H

#include "extras.h"
#include "faults.h"
#include "json_value.h"

/* Each fault is told; what is good is added. */
void file_list_read(struct extras *, const struct json_value *,
    struct faults *);

#endif
