/* SPDX-License-Identifier: MIT */
/* In the order of lib/lua/accept.lua. */
#include "accept_call.h"

#include <string.h>

#define PAYLOAD_REST 512 /* bytes, mostly, around a payload's body */

/* Which argument says how many more there are; set once they are known. */
#define MORE 5

/* `behind`: those that are not of the call itself. */
static void
set_more(struct store_call *call, size_t behind)
{
	const int argc = call->argc;

	call->argc = MORE;
	store_call_number(call, argc - MORE - 1 + (int64_t)behind);
	call->argc = argc;
}

static void
add_time(struct store_call *call, const char *field, int64_t ms)
{
	if (ms == 0)
		return;
	store_call_text(call, field);
	store_call_number(call, ms);
}

static void
add_key(struct store_call *call, const struct idempotency *key, int64_t ttl)
{
	size_t i;

	store_call_text(call, "idem");
	store_call_text(call, key->record);
	store_call_number(call, ttl);
	for (i = 0; i < key->fields_len; i++) {
		store_call_text(call, key->fields[i].name);
		store_call_text(call, key->fields[i].digest);
	}
}

/* All but the key, and without having set how many more there are. */
static void
begin(struct accept_call *accept, const struct job *job)
{
	struct store_call *call = &accept->call;

	memset(&accept->to, 0, sizeof(accept->to));
	memset(&accept->payload, 0, sizeof(accept->payload));
	memset(&accept->fields, 0, sizeof(accept->fields));
	buffer_reserve(&accept->payload, job->body_len + PAYLOAD_REST);
	job_encode(job, &accept->payload);
	job_encode_to(job, &accept->to);
	store_call_begin(call, STORE_ACCEPT);
	store_call_text(call, job->id);
	store_call_bytes(call, accept->to.data, accept->to.len);
	store_call_text(call, job->subject);
	store_call_text(call, job->from.address);
	store_call_bytes(call, accept->payload.data, accept->payload.len);
	store_call_number(call, 0);
	store_call_field(call, "key", job->key_id);
	add_time(call, "scheduled_at", job->scheduled_at);
	add_time(call, "expires_at", job->expires_at);
	if (job->lane != LANE_NORMAL)
		store_call_field(call, "priority", lane_names[job->lane]);
	job_fields_add(&accept->fields, job, call);
}

void
accept_call_make(struct accept_call *accept, const struct job *job,
    const struct idempotency *key, int64_t key_ttl)
{
	begin(accept, job);
	if (key != NULL)
		add_key(&accept->call, key, key_ttl);
	set_more(&accept->call, 0);
}

void
accept_call_make_batched(struct accept_call *accept, const struct job *job,
    const struct batch_key *key, int64_t key_ttl, bool first)
{
	begin(accept, job);
	if (key != NULL) {
		store_call_text(&accept->call, "idem");
		store_call_text(&accept->call, key->idem.record);
		if (first)
			store_call_number(&accept->call, key_ttl);
	}
	set_more(&accept->call, key != NULL && first ? key->more.argc : 0);
}

void
accept_call_free(struct accept_call *accept)
{
	buffer_free(&accept->to);
	buffer_free(&accept->payload);
	job_fields_free(&accept->fields);
}
