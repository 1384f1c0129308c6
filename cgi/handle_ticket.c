/* SPDX-License-Identifier: MIT */
/* POST /api/tickets. */
#include "gate.h"
#include "handle.h"
#include "read.h"
#include "request.h"
#include "response.h"
#include "ticket.h"

static void
answer_ticket(struct request *request, const redisReply *reply)
{
	struct response response = { .status = 201 };

	(void)reply; /* it is no error */
	buffer_printf(&response.body,
	    "{\"object\":\"ticket\",\"ticket\":\"%s\",\"expires_in\":%d}",
	    request->ticket, TICKET_GOOD_FOR / 1000);
	response_send(request, &response);
}

void
handle_ticket(struct request *request)
{
	char digest[DIGEST_HEX_SIZE];
	struct store_call script;

	ticket_make(request->ticket);
	digest_text(digest, request->ticket);
	store_call_begin(&script, STORE_TICKET);
	store_call_text(&script, digest);
	store_call_text(&script, gate_key_id(request));
	store_call_number(&script, TICKET_GOOD_FOR);
	read_send(request, &script, answer_ticket);
}
