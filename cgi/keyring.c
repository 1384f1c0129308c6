/* SPDX-License-Identifier: MIT */
/*
 * A table of keys under one lock, and a pipeline that asks Redis for them. Each
 * key has at most one question of a kind on its way; who needs the answer waits
 * in the key's list, and is judged anew when it is there.
 */
#include "keyring.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "key_store.h"
#include "keyring_entry.h"
#include "log.h"
#include "pipeline.h"
#include "timestamp.h"

/* A key that is in use is looked up again this early, so that nobody waits. */
#define FRESH_ENOUGH (KEYRING_FRESH / 2)
#define LOOK_PAUSE 100 /* ms, when a look has failed */
/* What is taken in advance, of a rate and of a day's mails; and for how long. */
#define RATE_SHARE_MS 50
#define RATE_GOOD_FOR 1000 /* ms */
#define QUOTA_SHARE 1000

struct keyring {
	const struct config *config;
	struct pipeline *pipeline;
	pthread_mutex_t lock; /* for the table and all in it */
	struct keyring_table table;
};

/* -- judging; the lock is held --------------------------------------------- */

static int64_t
seconds_until(int64_t then, int64_t now)
{
	return then > now ? (then - now + 999) / 1000 : 0;
}

static enum keyring_answer
wait_for(struct keyring_ask *ask, enum keyring_wish wish)
{
	ask->wish = wish;
	return KEYRING_WAITS;
}

static enum keyring_answer
take_request(struct keyring_entry *entry, struct keyring_ask *ask, int64_t now)
{
	struct allowance *requests = &entry->requests;
	enum allowance_answer answer = ALLOWANCE_TAKEN;

	if (!ask->paid)
		answer = allowance_take(requests, 1, now);
	if (answer == ALLOWANCE_ASK)
		return wait_for(ask, KEYRING_WANTS_REQUEST);
	ask->rate.limit = ask->key->rate;
	ask->rate.remaining = allowance_left(requests);
	ask->rate.reset = seconds_until(requests->full_at, now);
	if (answer == ALLOWANCE_TAKEN) {
		ask->paid = true;
		return KEYRING_GRANTED;
	}
	ask->retry_after = seconds_until(requests->denied_until, now);
	return KEYRING_RATE;
}

static enum keyring_answer
take_mails(struct keyring_entry *entry, struct keyring_ask *ask, int64_t now)
{
	switch (allowance_take(&entry->mails, ask->mails, now)) {
	case ALLOWANCE_TAKEN:
		return KEYRING_GRANTED;
	case ALLOWANCE_ASK:
		return wait_for(ask, KEYRING_WANTS_MAILS);
	case ALLOWANCE_DENIED:
		break;
	}
	ask->retry_after = seconds_until(entry->mails.full_at, now);
	return KEYRING_QUOTA;
}

/* Its key is right. */
static enum keyring_answer
judge_limits(struct keyring_entry *entry, struct keyring_ask *ask, int64_t now)
{
	enum keyring_answer answer = KEYRING_GRANTED;

	if (ask->key->rate > 0)
		answer = take_request(entry, ask, now);
	if (answer == KEYRING_GRANTED && ask->key->quota > 0 && ask->mails > 0)
		answer = take_mails(entry, ask, now);
	return answer;
}

static enum keyring_answer
judge(struct keyring_entry *entry, struct keyring_ask *ask, int64_t now)
{
	struct held_key *held = entry->held;
	const bool right =
	    key_is_right(held != NULL ? &held->key : NULL, &ask->claim);

	keyring_drop(ask->key); /* that of an earlier look */
	ask->key = NULL;
	if (!ask->looked && (!right || !keyring_entry_is_fresh(entry, now)))
		return wait_for(ask, KEYRING_WANTS_KEY);
	if (!right)
		return KEYRING_UNKNOWN;
	ask->key = keyring_hold(held);
	if (!key_may(ask->key, ask->scopes))
		return KEYRING_SCOPE;
	if (!key_may_come_from(ask->key, ask->client))
		return KEYRING_NETWORK;
	return judge_limits(entry, ask, now);
}

/* -- asking Redis; the lock is held ---------------------------------------- */

static int64_t
at_least(int64_t n, int64_t least)
{
	return n > least ? n : least;
}

static void looked(struct pipeline_call *, enum pipeline_result,
    const redisReply *);
static void taken(struct pipeline_call *, enum pipeline_result,
    const redisReply *);

static void
prepare_call(struct keyring_entry *entry, struct pipeline_call *call,
    const struct store_call *script)
{
	pipeline_call_set(call, script);
	call->keep = false;
	call->joins = false;
	call->deadline =
	    timestamp_monotonic() + entry->keyring->config->accept_timeout;
}

static struct pipeline_call *
begin_look(struct keyring_entry *entry, int64_t now)
{
	struct store_call script;

	store_call_begin(&script, STORE_KEY);
	store_call_text(&script, entry->id);
	prepare_call(entry, &entry->look, &script);
	entry->look.done = looked;
	entry->look_sent = now;
	entry->looking = true;
	return &entry->look;
}

/* What is wanted by those who wait, and a little more where it is plenty. */
static void
count_wanted(struct keyring_entry *entry, const struct key *key)
{
	const struct keyring_ask *ask;

	entry->wanted = entry->wanted_mails = 0;
	for (ask = entry->first; ask != NULL; ask = ask->next) {
		if (ask->wish == KEYRING_WANTS_REQUEST)
			entry->wanted++;
		if (ask->wish >= KEYRING_WANTS_REQUEST && key->quota > 0)
			entry->wanted_mails += ask->mails;
	}
	if (entry->wanted > 0 && key->rate > 0)
		entry->wanted = at_least(entry->wanted,
		    key->rate * RATE_SHARE_MS / key->rate_period);
	if (entry->wanted_mails > 0)
		entry->wanted_mails =
		    at_least(entry->wanted_mails, key->quota / QUOTA_SHARE);
}

static struct pipeline_call *
begin_take(struct keyring_entry *entry)
{
	const struct key *key = &entry->held->key;
	struct store_call script;

	count_wanted(entry, key);
	store_call_begin(&script, STORE_TAKE);
	store_call_text(&script, entry->id);
	store_call_number(&script, key->rate);
	store_call_number(&script, key->rate_period);
	store_call_number(&script, entry->wanted);
	store_call_number(&script, key->quota);
	store_call_number(&script, entry->wanted_mails);
	prepare_call(entry, &entry->take, &script);
	entry->take.done = taken;
	entry->taking = true;
	return &entry->take;
}

static bool
somebody_wants(const struct keyring_entry *entry, enum keyring_wish least,
    enum keyring_wish most)
{
	const struct keyring_ask *ask;

	for (ask = entry->first; ask != NULL; ask = ask->next)
		if (ask->wish >= least && ask->wish <= most)
			return true;
	return false;
}

/* Questions that are due; sent without the lock, as they may fail at once. */
struct questions {
	struct pipeline_call *look, *take;
};

static void
begin_questions(struct keyring_entry *entry, struct questions *questions,
    int64_t now)
{
	const bool in_use = keyring_entry_is_fresh(entry, now) &&
	    now - entry->looked_at >= FRESH_ENOUGH &&
	    now - entry->look_sent >= LOOK_PAUSE;

	if (!entry->looking &&
	    (in_use ||
		somebody_wants(entry, KEYRING_WANTS_KEY, KEYRING_WANTS_KEY)))
		questions->look = begin_look(entry, now);
	if (!entry->taking && entry->held != NULL &&
	    somebody_wants(entry, KEYRING_WANTS_REQUEST, KEYRING_WANTS_MAILS))
		questions->take = begin_take(entry);
}

static void
send_questions(struct keyring *keyring, const struct questions *questions)
{
	if (questions->look != NULL)
		pipeline_send(keyring->pipeline, questions->look);
	if (questions->take != NULL)
		pipeline_send(keyring->pipeline, questions->take);
}

/* -- answers --------------------------------------------------------------- */

static void
wait_here(struct keyring_entry *entry, struct keyring_ask *ask)
{
	ask->next = NULL;
	*entry->end = ask;
	entry->end = &ask->next;
}

/* Who waits for another question goes on waiting. */
static enum keyring_answer
judge_again(struct keyring_entry *entry, struct keyring_ask *ask, bool look,
    bool failed)
{
	if (look != (ask->wish == KEYRING_WANTS_KEY))
		return KEYRING_WAITS;
	if (failed)
		return KEYRING_UNAVAILABLE;
	ask->looked = ask->looked || look;
	return judge(entry, ask, timestamp_monotonic());
}

/*
 * A question is answered, by `look` or by `take`: tells those who waited for it.
 * The lock is held, and let go.
 */
static void
serve(struct keyring_entry *entry, bool look, bool failed)
{
	struct keyring *keyring = entry->keyring;
	struct keyring_ask *waiting = entry->first, *ask;
	struct keyring_ask *over = NULL, **over_end = &over;
	struct questions questions = { NULL, NULL };

	entry->first = NULL;
	entry->end = &entry->first;
	while ((ask = waiting) != NULL) {
		waiting = ask->next;
		ask->answer = judge_again(entry, ask, look, failed);
		if (ask->answer == KEYRING_WAITS) {
			wait_here(entry, ask);
			continue;
		}
		ask->next = NULL;
		*over_end = ask;
		over_end = &ask->next;
	}
	begin_questions(entry, &questions, timestamp_monotonic());
	pthread_mutex_unlock(&keyring->lock);
	send_questions(keyring, &questions);
	while ((ask = over) != NULL) {
		over = ask->next;
		ask->done(ask, ask->answer);
	}
}

/* Whether there is an answer to be used. */
static bool
has_failed(const struct keyring_entry *entry, enum pipeline_result result,
    const redisReply *reply)
{
	if (result != PIPELINE_REPLIED)
		return true;
	if (store_error_of(reply) == STORE_FAULT)
		log_error("redis answered a question for a key with an error",
		    "key", entry->id, "why", reply->str, NULL);
	return store_error_of(reply) != STORE_OK;
}

/* NULL: there is none. */
static struct held_key *
read_key(const struct keyring_entry *entry, const redisReply *reply)
{
	struct held_key *held;

	if (reply->type == REDIS_REPLY_NIL)
		return NULL;
	held = calloc(1, sizeof(*held));
	if (held == NULL)
		abort();
	atomic_init(&held->holds, 1);
	if (key_read(&held->key, entry->id, reply) == 0)
		return held;
	log_error("a key is not in its shape, or of a newer version", "key",
	    entry->id, NULL);
	keyring_drop(&held->key);
	return NULL;
}

static void
looked(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct keyring_entry *entry =
	    (void *)((char *)call - offsetof(struct keyring_entry, look));
	const bool failed = has_failed(entry, result, reply);
	struct held_key *held = failed ? NULL : read_key(entry, reply);

	pthread_mutex_lock(&entry->keyring->lock);
	entry->looking = false;
	if (!failed) {
		if (entry->held != NULL)
			keyring_drop(&entry->held->key);
		entry->held = held;
		entry->looked_at = entry->look_sent;
	}
	serve(entry, true, failed);
}

static int64_t
number_at(const redisReply *reply, size_t i)
{
	return reply->type == REDIS_REPLY_ARRAY && i < reply->elements &&
		reply->element[i]->type == REDIS_REPLY_INTEGER ?
	    reply->element[i]->integer :
	    0;
}

/* As lib/lua/take.lua answers. */
static void
fill(struct keyring_entry *entry, const redisReply *reply, int64_t now)
{
	const int64_t day = number_at(reply, 6);
	const struct allowance_grant requests = {
		.wanted = entry->wanted,
		.granted = number_at(reply, 0),
		.left = number_at(reply, 1),
		.full_in = number_at(reply, 2),
		.more_in = number_at(reply, 3),
		.good_for = RATE_GOOD_FOR,
	};
	const struct allowance_grant mails = {
		.wanted = entry->wanted_mails,
		.granted = number_at(reply, 4),
		.left = number_at(reply, 5),
		.full_in = day,
		/* The quota may be raised before the day is over. */
		.more_in = day < KEYRING_FRESH ? day : KEYRING_FRESH,
		.good_for = day,
	};

	if (entry->wanted > 0)
		allowance_fill(&entry->requests, &requests, now);
	if (entry->wanted_mails > 0)
		allowance_fill(&entry->mails, &mails, now);
}

static void
taken(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct keyring_entry *entry =
	    (void *)((char *)call - offsetof(struct keyring_entry, take));
	const bool failed = has_failed(entry, result, reply);

	pthread_mutex_lock(&entry->keyring->lock);
	entry->taking = false;
	if (!failed)
		fill(entry, reply, timestamp_monotonic());
	serve(entry, false, failed);
}

/* -- the interface --------------------------------------------------------- */

enum keyring_answer
keyring_ask(struct keyring *keyring, struct keyring_ask *ask)
{
	const int64_t now = timestamp_monotonic();
	struct questions questions = { NULL, NULL };
	enum keyring_answer answer;
	struct keyring_entry *entry;

	pthread_mutex_lock(&keyring->lock);
	entry = keyring_find_or_add(&keyring->table, ask->claim.id, now);
	entry->keyring = keyring;
	answer = judge(entry, ask, now);
	if (answer == KEYRING_WAITS)
		wait_here(entry, ask);
	begin_questions(entry, &questions, now);
	pthread_mutex_unlock(&keyring->lock);
	send_questions(keyring, &questions);
	return answer;
}

void
keyring_return(struct keyring *keyring, const struct key *key, int64_t mails)
{
	struct keyring_entry *entry;

	if (key->quota == 0 || mails == 0)
		return;
	pthread_mutex_lock(&keyring->lock);
	entry = keyring_find(&keyring->table, key->id);
	if (entry != NULL)
		allowance_return(&entry->mails, mails);
	pthread_mutex_unlock(&keyring->lock);
}

bool
keyring_is_up(struct keyring *keyring)
{
	return pipeline_is_up(keyring->pipeline);
}

struct keyring *
keyring_new(const struct config *config)
{
	const struct pipeline_options keys = {
		.config = config,
		.name = "keys",
	};
	struct keyring *keyring = calloc(1, sizeof(*keyring));

	if (keyring == NULL)
		return NULL;
	keyring->config = config;
	pthread_mutex_init(&keyring->lock, NULL);
	keyring->pipeline = pipeline_new(&keys);
	if (keyring->pipeline != NULL)
		return keyring;
	pthread_mutex_destroy(&keyring->lock);
	free(keyring);
	return NULL;
}

void
keyring_free(struct keyring *keyring)
{
	if (keyring == NULL)
		return;
	pipeline_free(keyring->pipeline); /* ends what is on its way */
	keyring_table_free(&keyring->table);
	pthread_mutex_destroy(&keyring->lock);
	free(keyring);
}
