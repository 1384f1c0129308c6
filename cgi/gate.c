/* SPDX-License-Identifier: MIT */
/* Between a request and the keyring: from headers to a question, and back. */
#include "gate.h"

#include <stddef.h>
#include <string.h>

#include "address.h"
#include "api.h"
#include "domain_list.h"
#include "keyring.h"
#include "problem.h"
#include "request.h"

static void
refuse(struct request *request, enum keyring_answer answer)
{
	request->ask.mails = 0; /* none was taken */
	switch (answer) {
	case KEYRING_UNKNOWN:
		problem_send(request, PROBLEM_INVALID_KEY,
		    "This API key is not known", NULL);
		break;
	case KEYRING_SCOPE:
		problem_send(request, PROBLEM_RESTRICTED_KEY,
		    "This API key does not have the scope that this needs",
		    NULL);
		break;
	case KEYRING_NETWORK:
		problem_send(request, PROBLEM_RESTRICTED_KEY,
		    "This API key may not be used from this address", NULL);
		break;
	case KEYRING_RATE:
		problem_send(request, PROBLEM_RATE,
		    "Too many requests: this API key has a limit", NULL);
		break;
	case KEYRING_QUOTA:
		problem_send(request, PROBLEM_QUOTA,
		    "This API key's mails of today (UTC) are used up", NULL);
		break;
	case KEYRING_UNAVAILABLE:
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "The store of API keys (Redis) is away, too slow, or takes "
		    "no writes",
		    NULL);
		break;
	case KEYRING_GRANTED: /* is not refused */
	case KEYRING_WAITS:
	case KEYRING_ANSWER__MAX:
		break;
	}
}

static void
decide(struct request *request, enum keyring_answer answer)
{
	if (answer == KEYRING_GRANTED)
		request->go(request);
	else if (answer != KEYRING_WAITS)
		refuse(request, answer);
}

static void
told(struct keyring_ask *ask, enum keyring_answer answer)
{
	decide((void *)((char *)ask - offsetof(struct request, ask)), answer);
}

/* Afterwards the request may be another thread's. */
static void
ask_keyring(struct request *request, void (*go)(struct request *))
{
	struct keyring *keyring = request->api->keyring;

	request->go = go;
	request->ask.done = told;
	decide(request, keyring_ask(keyring, &request->ask));
}

void
gate_enter(struct request *request, unsigned scopes,
    void (*go)(struct request *))
{
	struct keyring_ask *ask = &request->ask;
	const char *header, *token = NULL;

	if (request->api->keyring == NULL) {
		go(request);
		return;
	}
	header = request_param(request, "HTTP_AUTHORIZATION");
	if (header != NULL)
		token = key_token_of(header);
	if (token == NULL) {
		problem_send(request, PROBLEM_MISSING_KEY,
		    "An API key is needed: Authorization: Bearer KEY", NULL);
		return;
	}
	key_claim_read(&ask->claim, token);
	ask->scopes = scopes;
	ask->client = request_param(request, "REMOTE_ADDR");
	ask_keyring(request, go);
}

void
gate_take_mails(struct request *request, int64_t mails,
    void (*go)(struct request *))
{
	struct keyring_ask *ask = &request->ask;

	if (ask->key == NULL || ask->key->quota == 0) {
		go(request);
		return;
	}
	ask->mails = mails;
	ask->paid = true;
	ask_keyring(request, go);
}

static bool
answer_from(struct request *request, const char *whose, const char *address)
{
	struct faults faults = { 0 };
	const struct problem_extra extra = { .faults = &faults };

	faults_add(&faults, "from",
	    "may not be of %s: it is not among the domains of %s",
	    address_domain(address), whose);
	problem_send(request, PROBLEM_FROM, faults.summary.data, &extra);
	faults_free(&faults);
	return false;
}

bool
gate_allows_from(struct request *request, const char *address)
{
	const struct key *key = request->ask.key;

	if (address == NULL)
		return true;
	if (!domain_list_has(request->api->allowed_from,
		address_domain(address)))
		return answer_from(request, "ALLOWED_FROM", address);
	if (key != NULL && !key_may_send_from(key, address))
		return answer_from(request, "this API key", address);
	return true;
}

const char *
gate_key_id(const struct request *request)
{
	return request->ask.key != NULL ? request->ask.key->id : "";
}

/* Of 500 and 504 nobody knows whether mail was made. */
static bool
made_nothing(int status, bool replayed)
{
	return replayed || (status >= 400 && status < 500) || status == 503;
}

void
gate_leave(struct request *request, int status, bool replayed)
{
	struct keyring_ask *ask = &request->ask;

	if (ask->key != NULL && made_nothing(status, replayed))
		keyring_return(request->api->keyring, ask->key, ask->mails);
	keyring_drop(ask->key);
	memset(ask, 0, sizeof(*ask));
}
