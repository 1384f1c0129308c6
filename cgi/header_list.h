/* SPDX-License-Identifier: MIT */
/* The field `headers`: an object of custom header fields (custom_header.h). */
#ifndef POSTRIDER_HEADER_LIST_H
#define POSTRIDER_HEADER_LIST_H

#include "extras.h"
#include "faults.h"
#include "json_value.h"

/* Each fault is told; what is good is added. */
void header_list_read(struct extras *, const struct json_value *,
    struct faults *);

#endif
