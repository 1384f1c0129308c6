/* SPDX-License-Identifier: MIT */
/*
 * The outcome journal: what this process was about to hand over and what it
 * was told, on disk before Redis knows, so that a kill -9 forgets neither. One
 * file a process in STATE_DIRECTORY/journal/<owner>.journal, locked (flock)
 * while the process lives; when it is full (1 MiB) it becomes <owner>.old and a
 * new one is begun, once nothing in the one before is unsettled. Lines of text:
 *
 *	J 1 <owner> <boot id>
 *	D <job id> <claim_seq> <address,address..>	before the dot
 *	R <job id> <claim_seq> <outcome> <code> <reply>	after the reply
 *
 * Written, not fsynced: it survives the process, not the power.
 */
#ifndef POSTRIDER_JOURNAL_H
#define POSTRIDER_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "job.h"

struct journal;

/* NULL, with the reason in the log, when the file cannot be had. */
struct journal *journal_open(const char *state_directory, const char *owner);
/* Closes it. What has nothing unsettled is no more a journal to recover. */
void journal_close(struct journal *);

/* D, of the recipients given. In memory until journal_commit. A ticket, not 0. */
unsigned journal_dot(struct journal *, const char *id, int64_t claim_seq,
    const char *const *recipients, size_t len);
/* R, likewise: what the attempt came to, and the reply that said so. */
struct journal_outcome {
	const char *outcome; /* a word of outcome_names */
	int code; /* 0: none */
	const char *reply;
};
void journal_reply(struct journal *, const char *id, int64_t claim_seq,
    const struct journal_outcome *);
/* One write(2) of all that waits. 0; -1 when the disk refuses (logged once). */
int journal_commit(struct journal *);
/* Redis has the outcome of the D of that ticket. */
void journal_settled(struct journal *, unsigned ticket);
/* Whether the last write succeeded. */
bool journal_healthy(const struct journal *);

/* -- reading those of processes that are gone ----------------------------- */

struct journal_entry {
	char id[ID_MAX + 1];
	int64_t claim_seq;
	char *recipients; /* of D: comma list, owned */
	char outcome[16]; /* of R, or "" */
	int code;
	char *reply; /* owned, or NULL */
};

struct journal_record {
	const char *state_directory; /* borrowed */
	char owner[ID_MAX + 1];
	bool same_boot;
	struct journal_entry *entries;
	size_t entries_len;
	int lock; /* held while the record is worked on; -1: none */
};

enum journal_kind {
	JOURNAL_LEFT, /* its process is gone */
	JOURNAL_HELD, /* or not: its process is stopped, or ours */
	JOURNAL_KEPT /* all is settled: for a store that went back in time */
};

enum journal_found {
	JOURNAL_READ, /* of JOURNAL_LEFT the lock is now ours */
	JOURNAL_LOCKED, /* the process is there */
	JOURNAL_ABSENT /* no such file here */
};

/* A torn last line is ignored. On JOURNAL_READ free with journal_release. */
enum journal_found journal_read(struct journal_record *,
    const char *state_directory, const char *owner, enum journal_kind);
/* `done`: all is settled; one that was JOURNAL_LEFT is JOURNAL_KEPT now. */
void journal_release(struct journal_record *, bool done);
/* The last entry of that claim, or NULL. */
const struct journal_entry *journal_find(const struct journal_record *,
    const char *id, int64_t claim_seq);

/*
 * Owners that have such a file here, NULL-terminated list to free with its
 * strings; an empty list when there is none.
 */
char **journal_owners(const char *state_directory, enum journal_kind);
/* Those kept go after an hour. */
void journal_expire(const char *state_directory);

#endif
