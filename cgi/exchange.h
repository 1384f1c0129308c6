/* SPDX-License-Identifier: MIT */
/*
 * One exchange with Redis: a group of calls in one write, their replies in
 * order. When Redis has lost its scripts they are loaded, and those calls are
 * sent again, in the same exchange.
 */
#ifndef POSTRIDER_EXCHANGE_H
#define POSTRIDER_EXCHANGE_H

#include "pipeline_call.h"

/*
 * Every call of the group is ended, in `timeout` ms. 0, or -1 with a reason in
 * `*why` (it lives as long as the connection): the connection is of no use any
 * more, for no later reply could be told from the one that is missing.
 */
int exchange_run(redisContext *, struct pipeline_group *, int64_t timeout,
    const char **why);

#endif
