/* SPDX-License-Identifier: MIT */
/* Which answer a commit's result is; what one that was accepted says is not ours. */
#include "submit.h"

#include "idempotency.h"
#include "literal.h"
#include "problem.h"
#include "request.h"

bool
submit_take_key(struct request *request, const char **key)
{
	*key = request_header(request, "HTTP_IDEMPOTENCY_KEY");
	if (*key == NULL || idempotency_key_is_valid(*key))
		return true;
	problem_send(request, PROBLEM_IDEMPOTENCY_KEY,
	    "Idempotency-Key must be 1 to " LITERAL(
		IDEMPOTENCY_KEY_MAX) " printable ASCII characters",
	    NULL);
	return false;
}

static void
answer_differs(struct request *request)
{
	struct faults faults = { 0 };
	const struct problem_extra extra = {
		.faults = &faults,
		.job_id = request->commit.id,
	};

	faults_add(&faults, request->commit.differs,
	    "differs from the mail that this Idempotency-Key was used for");
	problem_send(request, PROBLEM_IDEMPOTENT_REQUEST, faults.summary.data,
	    &extra);
	faults_free(&faults);
}

void
submit_answer(struct request *request, enum commit_result result,
    submit_accepted_fn *accepted)
{
	const struct problem_extra extra = { .job_id = request->commit.id };

	switch (result) {
	case COMMIT_CONFIRMED:
		accepted(request, 201, false);
		break;
	case COMMIT_KEPT:
		accepted(request, 202, false);
		break;
	case COMMIT_REPEATED:
		accepted(request, 201, true);
		break;
	case COMMIT_REPEATED_KEPT:
		accepted(request, 202, true);
		break;
	case COMMIT_DIFFERS:
		answer_differs(request);
		break;
	case COMMIT_UNAVAILABLE:
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "The job store (Redis) is away or too slow; nothing was "
		    "kept",
		    NULL);
		break;
	case COMMIT_REFUSED:
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "The job store (Redis) takes no new jobs now: it is full, "
		    "read-only or cannot write; nothing was kept",
		    NULL);
		break;
	case COMMIT_UNKNOWN:
		problem_send(request, PROBLEM_UNKNOWN,
		    "The job store did not answer: the mail may have been "
		    "accepted. Ask for this job_id before sending it again",
		    &extra);
		break;
	case COMMIT_FAULT:
	case COMMIT_RESULT__MAX:
		problem_send(request, PROBLEM_INTERNAL,
		    "The job store failed; the log tells why", NULL);
		break;
	}
}
