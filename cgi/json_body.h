/* SPDX-License-Identifier: MIT */
/* The body of a request that is to be JSON. */
#ifndef POSTRIDER_JSON_BODY_H
#define POSTRIDER_JSON_BODY_H

#include <stdbool.h>

struct request;

/* true: request->body is read. false: the request was answered. */
bool json_body_take(struct request *);

#endif
