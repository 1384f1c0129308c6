/* SPDX-License-Identifier: MIT */
/* Reads change nothing: whatever fails, the client may simply ask again. */
#include "read.h"

#include "api.h"
#include "log.h"
#include "problem.h"
#include "request.h"

static void
replied(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct request *request =
	    (void *)((char *)call - offsetof(struct request, call));
	enum store_error error = STORE_NO_REPLY;

	if (result == PIPELINE_REPLIED)
		error = store_error_of(reply);
	switch (error) {
	case STORE_OK:
		request->answer(request, reply);
		break;
	case STORE_REFUSED:
	case STORE_NO_REPLY:
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "The job store is not reachable", NULL);
		break;
	case STORE_NO_SCRIPT:
	case STORE_FAULT:
		log_error("redis answered a read with an error", "path",
		    request->path, "why", reply->str, NULL);
		problem_send(request, PROBLEM_INTERNAL,
		    "The job store failed; the log tells why", NULL);
		break;
	}
}

void
read_send(struct request *request, const struct store_call *script,
    void (*answer)(struct request *, const redisReply *))
{
	struct pipeline_call *call = &request->call;

	request->answer = answer;
	pipeline_call_set(call, script);
	call->deadline = request_deadline(request);
	call->done = replied;
	pipeline_send(request->api->reads, call);
}
