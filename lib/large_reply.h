/* SPDX-License-Identifier: MIT */
/*
 * Large strings in Redis' replies. hiredis gathers a reply in a buffer of its
 * own and copies each string out of it, so that a mail of 15 MB is in memory
 * twice. Here the buffer gives its pages back as they are copied.
 */
#ifndef POSTRIDER_LARGE_REPLY_H
#define POSTRIDER_LARGE_REPLY_H

#include <hiredis/hiredis.h>

#define LARGE_REPLY (1024 * 1024) /* bytes: smaller strings are copied */

/*
 * For all replies that the reader makes from now on; they are freed as ever. To
 * be called before it has any part of one. Safe in any thread.
 */
void large_reply_release(redisReader *);

#endif
