/* SPDX-License-Identifier: MIT */
/* Compares the store with what is known of it. */
#include "known_store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intake.h"
#include "journal.h"
#include "log.h"
#include "recovery.h"
#include "store_client.h"
#include "worker.h"

#define ID_RANDOM 8 /* bytes */
#define BEATS 3 /* it is looked at so many times in LEASE_TTL */

enum sameness {
	UNCHECKED, /* since the last connect */
	SAME,
	OTHER
};

struct known {
	char id[ID_MAX + 1]; /* "": none, a new install */
	char last[48]; /* the last id of job_events */
	int64_t added; /* how many it ever got */
};

struct known_store {
	struct worker *worker;
	uv_timer_t timer;
	enum sameness is;
	struct known known, saved;
	char job[ID_MAX + 1]; /* of our last claim */
	int64_t claim_seq;
	bool asking, told_disk;
	void (*checked)(void *arg); /* until the first answer */
	void *arg;
};

/* -- the file ------------------------------------------------------------------ */

static void
file_path(char path[512], const struct known_store *store, const char *suffix)
{
	snprintf(path, 512, "%s/store%s",
	    store->worker->config->state_directory, suffix);
}

static void
load(struct known_store *store)
{
	struct known *known = &store->known;
	char path[512];
	FILE *f;

	file_path(path, store, "");
	f = fopen(path, "re");
	if (f == NULL)
		return; /* a new install */
	if (fscanf(f, "%64s %47s %" SCNd64, known->id, known->last,
		&known->added) != 3)
		known->id[0] = '\0'; /* no file of ours */
	fclose(f);
	store->saved = *known;
}

/*
 * Replaced as a whole: a reader finds the old one or the new. The new one is
 * ours alone until then, as workers of a host share the folder. 0 or -1.
 */
static int
write_file(const struct known_store *store)
{
	char path[512], new[512], suffix[128];
	FILE *f;
	int result;

	file_path(path, store, "");
	snprintf(suffix, sizeof(suffix), ".%s.new", store->worker->owner);
	file_path(new, store, suffix);
	f = fopen(new, "we");
	if (f == NULL)
		return -1;
	result = fprintf(f, "%s %s %" PRId64 "\n", store->known.id,
		     store->known.last, store->known.added) < 0;
	result |= fclose(f) != 0;
	return result == 0 && rename(new, path) == 0 ? 0 : -1;
}

static void
save(struct known_store *store)
{
	if (memcmp(&store->saved, &store->known, sizeof(store->known)) == 0)
		return;
	if (write_file(store) == 0) {
		store->saved = store->known;
		store->told_disk = false;
	} else if (!store->told_disk) {
		log_error("what is known of redis cannot be kept; check "
			  "STATE_DIRECTORY",
		    "why", strerror(errno), NULL);
		store->told_disk = true;
	}
}

/* -- what it comes to ------------------------------------------------------------ */

static void
on_replayed(void *arg, int64_t settled)
{
	(void)arg;
	if (settled > 0)
		log_info("a journal had proof that redis has not", "mails",
		    log_number(settled), NULL);
}

static void
replay(struct worker *worker, enum journal_kind kind, unsigned rights)
{
	char **owners = journal_owners(worker->config->state_directory, kind);
	size_t i;

	for (i = 0; owners != NULL && owners[i] != NULL; i++) {
		if (strcmp(owners[i], worker->owner) != 0)
			recovery_start(worker, owners[i], rights, on_replayed,
			    NULL);
		free(owners[i]);
	}
	free(owners);
}

/* What was sent in the time that Redis has lost, as far as it is known here. */
static void
replay_all(struct worker *worker)
{
	replay(worker, JOURNAL_LEFT, RECOVERY_RESTORED);
	replay(worker, JOURNAL_KEPT, RECOVERY_RESTORED);
	recovery_start(worker, worker->owner,
	    RECOVERY_RESTORED | RECOVERY_STOPPED, on_replayed, NULL);
}

static void
hold(struct known_store *store, bool same_id)
{
	store->is = OTHER;
	log_error(same_id ? "redis went back in time: nothing is sent" :
			    "redis is another store than before: nothing is "
			    "sent",
	    "why", "mail that waits in it may have been sent since", "do",
	    "postrider-worker --restore hold (leave that mail as unknown, for "
	    "a person) or --restore send (send it, perhaps again)",
	    NULL);
	known_store_look(store); /* tells Redis what it is compared with */
	intake_pump(store->worker->intake);
	replay_all(store->worker);
}

static void
go_on(struct known_store *store, const struct known *found)
{
	const enum sameness was = store->is;

	store->known = *found;
	store->is = SAME;
	save(store);
	if (was == OTHER) { /* our last claim was in a future that is lost */
		known_store_note(store, "", 0);
		log_info("redis is taken as it is now", "store", found->id,
		    NULL);
	}
	if (was == SAME)
		return;
	recovery_of_ours(store->worker);
	intake_pump(store->worker->intake);
}

/* Once it is another, only the operator's word makes it the one we know. */
static void
compare(struct known_store *store, const struct known *found, bool same,
    bool follows)
{
	const bool same_id = strcmp(store->known.id, found->id) == 0;

	if (store->known.id[0] == '\0' || (same && store->is != OTHER) ||
	    (!same_id && follows))
		go_on(store, found);
	else if (store->is != OTHER)
		hold(store, same_id);
}

static void
on_clock(void *arg, const redisReply *reply)
{
	struct known_store *store = arg;
	void (*checked)(void *) = store->checked;
	struct known found = { 0 };

	store->asking = false;
	if (reply == NULL)
		return; /* the process ends */
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 5) {
		log_error("redis' clock was refused", "why", reply->str, NULL);
		return;
	}
	snprintf(found.id, sizeof(found.id), "%s", reply->element[0]->str);
	snprintf(found.last, sizeof(found.last), "%s", reply->element[1]->str);
	found.added = reply->element[2]->integer;
	compare(store, &found, reply->element[3]->integer != 0,
	    reply->element[4]->integer != 0);
	store->checked = NULL;
	if (checked != NULL)
		checked(store->arg);
}

void
known_store_look(struct known_store *store)
{
	struct store_call call;
	char random[2 * ID_RANDOM + 1];

	store->asking = true;
	id_random_hex(random, ID_RANDOM);
	store_call_begin(&call, STORE_CLOCK);
	store_call_text(&call, store->known.id);
	store_call_text(&call, store->known.last);
	store_call_number(&call, store->known.added);
	store_call_text(&call, random);
	store_call_number(&call, store->is == OTHER);
	store_call_text(&call, store->job);
	store_call_number(&call, store->claim_seq);
	store_client_call(store->worker->store, &call, on_clock, store);
}

static void
on_time(uv_timer_t *timer)
{
	struct known_store *store = timer->data;

	if (!store->asking)
		known_store_look(store);
}

/* -- its life -------------------------------------------------------------------- */

struct known_store *
known_store_new(struct worker *worker, void (*checked)(void *arg), void *arg)
{
	struct known_store *store = calloc(1, sizeof(*store));
	const uint64_t every = (uint64_t)worker->config->lease_ttl / BEATS;

	if (store == NULL)
		abort();
	store->worker = worker;
	store->checked = checked;
	store->arg = arg;
	store->timer.data = store;
	snprintf(store->known.last, sizeof(store->known.last), "0-0");
	load(store);
	/* Neither fails on a fresh handle. */
	(void)uv_timer_init(worker->loop, &store->timer);
	(void)uv_timer_start(&store->timer, on_time, every, every);
	return store;
}

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

void
known_store_free(struct known_store *store)
{
	if (store != NULL)
		uv_close((uv_handle_t *)&store->timer, on_closed);
}

void
known_store_check(struct known_store *store)
{
	if (store->is == SAME)
		store->is = UNCHECKED;
	on_time(&store->timer);
}

bool
known_store_is_same(const struct known_store *store)
{
	return store->is == SAME;
}

bool
known_store_is_other(const struct known_store *store)
{
	return store->is == OTHER;
}

void
known_store_note(struct known_store *store, const char *job, int64_t claim_seq)
{
	snprintf(store->job, sizeof(store->job), "%s", job);
	store->claim_seq = claim_seq;
}
