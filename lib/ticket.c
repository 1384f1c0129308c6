/* SPDX-License-Identifier: MIT */
#include "ticket.h"

#include <string.h>

#include "id.h"

#define PREFIX "tk_"

void
ticket_make(char ticket[TICKET_SIZE])
{
	memcpy(ticket, PREFIX, strlen(PREFIX));
	id_random_hex(ticket + strlen(PREFIX),
	    (TICKET_SIZE - 1 - strlen(PREFIX)) / 2);
}
