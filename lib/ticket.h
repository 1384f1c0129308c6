/* SPDX-License-Identifier: MIT */
/*
 * Tickets, `tk_<secret>`: for browsers, which cannot send a header with a
 * WebSocket or an EventSource. One lets one client in, within TICKET_GOOD_FOR.
 */
#ifndef POSTRIDER_TICKET_H
#define POSTRIDER_TICKET_H

#include "digest.h"

#define TICKET_GOOD_FOR 30000 /* ms */
#define TICKET_SIZE 68 /* `tk_`, 256 bits in hexadecimal digits, and a NUL */

void ticket_make(char ticket[TICKET_SIZE]);

#endif
