/* SPDX-License-Identifier: MIT */
/*
 * The state of jobs in Redis. Every change is one Lua script (lib/lua/, the
 * steps of docs/protocol.md); this makes the commands that call them and reads
 * their replies, for the blocking client of the API as for the worker's
 * asynchronous one. Every script may be sent again after a lost reply.
 */
#ifndef POSTRIDER_STORE_H
#define POSTRIDER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "buffer.h"
#include "lane.h"

enum store_script {
	STORE_ACCEPT, /* its payload: STORE_ACCEPT_PAYLOAD; one mail or more */
	STORE_PUBLISHED, /* (id, next_at)... */
	STORE_CLAIM, /* takes a group */
	STORE_RECREATE,
	STORE_SENT, /* takes a group */
	STORE_DEFER,
	STORE_FAIL,
	STORE_UNKNOWN,
	STORE_RELEASE,
	STORE_CANCEL,
	STORE_RETRY,
	STORE_RESCHEDULE,
	STORE_REDRIVE,
	STORE_REDRIVING,
	STORE_HEARTBEAT,
	STORE_OWNED,
	STORE_PROOF,
	STORE_PROVEN,
	STORE_CLOCK,
	STORE_HOLD,
	STORE_FOLLOW,
	STORE_SWEEP,
	STORE_FORGET,
	STORE_SHOW,
	STORE_HISTORY,
	STORE_STATS,
	STORE_QUEUE,
	STORE_POSTPONE,
	STORE_BACKLOG,
	STORE_ROOM,
	STORE_UNRECORDED,
	STORE_SIGNING,
	STORE_RECORDED, /* "id seq id seq..." */
	STORE_KEY,
	STORE_TAKE,
	STORE_TICKET,
	STORE_REDEEM,
	STORE_SUPPRESS,
	STORE_UNSUPPRESS,
	STORE_SUPPRESSIONS,
	STORE_SUPPRESSED,
	STORE_MIRROR,
	STORE_SCRIPT__MAX
};

#define STORE_ACCEPT_PAYLOAD 4 /* which argument that is */

struct store_script_source {
	const char *name;
	struct store_script_text {
		const char *source, *sha1;
	} plain, recorded; /* which: store_keep_record() */
};
/* Made at build time from lib/lua/. */
extern const struct store_script_source store_script_sources[STORE_SCRIPT__MAX];

/*
 * Whether every change of a job is noted in record:dirty, for a recorder. Not
 * thread-safe: called once, before the first call. All programs at a Redis
 * must say the same.
 */
void store_keep_record(bool);

/*
 * A call being put together: begin, add the arguments in the script's order,
 * then format. The bytes added are borrowed until store_call_format; numbers
 * are kept inside.
 */
#define STORE_CALL_ARGS 72
struct store_call {
	enum store_script script;
	int argc;
	const char *argv[STORE_CALL_ARGS];
	size_t len[STORE_CALL_ARGS];
	char numbers[STORE_CALL_ARGS][24];
};
void store_call_begin(struct store_call *, enum store_script);
void store_call_text(struct store_call *, const char *); /* NULL is "" */
void store_call_bytes(struct store_call *, const void *, size_t);
void store_call_number(struct store_call *, int64_t);
/* (field, value), where a script takes any of these; NULL adds nothing. */
void store_call_field(struct store_call *, const char *field,
    const char *value);
/*
 * The command in Redis' protocol, `*len` bytes; free with redisFreeCommand().
 * Out of memory aborts.
 */
char *store_call_format(const struct store_call *, size_t *len);
/*
 * The same in two parts, so that a command can take the arguments of several
 * calls: what stands before `args` arguments, and the call's arguments.
 */
#define STORE_HEAD_SIZE 96 /* bytes, more than any head has */
size_t store_head_format(char head[STORE_HEAD_SIZE], enum store_script,
    size_t args);
char *store_arguments_format(const struct store_call *, size_t *len);
/* Where argument `n` (from 0) stands in such arguments; `*len` bytes. */
const char *store_argument(const char *arguments, size_t n, size_t *len);

/*
 * Calls of one script that takes a group, as one command: in Redis a call costs
 * a fifth of what it does. Its reply is a list of each one's own reply, of which
 * any may be an error. The zero value, with a script, is an empty group.
 */
#define STORE_GROUP_MAX 64 /* a call keeps Redis busy for a millisecond */
struct store_group {
	enum store_script script;
	size_t calls;
	size_t argc;
	struct buffer args; /* as they are in the command */
};
bool store_takes_group(enum store_script);
void store_group_add(struct store_group *, const struct store_call *);
/* As store_call_format; leaves the group empty. */
char *store_group_format(struct store_group *, size_t *len);

/* SCRIPT LOAD of one script, in the same form. */
char *store_load_format(enum store_script, size_t *len);

/*
 * A blocking connection, authenticated, with its database chosen and every
 * script loaded; `timeout` ms for the connect and for each reply. NULL, with
 * what failed in `why` (no secret in it).
 */
redisContext *store_connect(const char *url, int64_t timeout, char *why,
    size_t why_size);

/* What an error reply, or none, means to who asked. */
enum store_error {
	STORE_OK,
	STORE_NO_SCRIPT, /* load the scripts and send it again */
	STORE_REFUSED, /* READONLY, LOADING, OOM, MISCONF...: not written */
	STORE_NO_REPLY, /* sent, no reply: may be written */
	STORE_FAULT /* any other error: a bug, or a wrong type of key */
};
enum store_error store_error_of(const redisReply *); /* NULL: NO_REPLY */
/* An error's text for the log, with the setting to look at where it is one. */
void store_explain(const char *error, char *why, size_t why_size);

/* -- durability: read at each connect, told by /health -------------------- */

enum store_durability {
	STORE_DURABLE,
	STORE_NOT_DURABLE,
	STORE_DURABILITY_UNKNOWN /* CONFIG refused or renamed */
};
/* Several names in one CONFIG GET: Redis 7.0, as for `#!lua`. */
#define STORE_DURABILITY_COMMAND \
	"CONFIG GET appendonly appendfsync maxmemory-policy"
/* `advice`: the lines to add to redis.conf, "" when durable. */
enum store_durability store_durability_of(const redisReply *reply, char *advice,
    size_t size);

/* -- replies -------------------------------------------------------------- */

enum store_accept {
	STORE_ACCEPTED,
	STORE_ACCEPT_AGAIN, /* an Idempotency-Key's mail was accepted before */
	STORE_ACCEPT_DIFFERS, /* it was used for another mail */
	STORE_ACCEPT__MAX
};

/* Strings point into the reply. */
struct store_accept_reply {
	enum store_accept answer;
	int64_t next_at; /* ACCEPTED: publish for this; 0: it has failed */
	int64_t delay; /* ACCEPTED: which is in so many ms */
	const char *id; /* else: the first mail's */
	int64_t age; /* AGAIN: ms since it was accepted */
	bool waits; /* AGAIN: no confirm of its message is known */
	const char *ids; /* AGAIN, of a batch: all, blanks between; else "" */
	/*
	 * Its status and who is not sent to, a JSON list; "" when all are; after
	 * AGAIN of each mail in its place.
	 */
	const char *suppressed;
	const redisReply *each_suppressed; /* NULL: none of any */
	const char *field; /* DIFFERS: the first that does */
};
/* One mail's. 0, or -1 when the reply is not one of accept. */
int store_accept_read(struct store_accept_reply *, const redisReply *);

enum store_claim {
	STORE_CLAIMED,
	STORE_CLAIM_MISSING, /* no such job: recreate from the message */
	STORE_CLAIM_SKIP, /* terminal: ack */
	STORE_CLAIM_NOT_NOW, /* processing by somebody: ack and drop */
	STORE_CLAIM_NOT_DUE, /* a hint for next_at exists: ack and drop */
	STORE_CLAIM_HELD, /* the operator paused it; `held` says what */
	STORE_CLAIM_EARLY, /* up the ladder for the rest, then ack */
	STORE_CLAIM_PACED, /* the same until its turn */
	STORE_CLAIM_WHOM, /* ask again, with the pace of those it is for */
	STORE_CLAIM_ORPHAN, /* recreate: too old, now unknown or failed */
	STORE_CLAIM__MAX
};

/* Strings point into the reply. */
struct store_claim_reply {
	enum store_claim answer;
	int64_t claim_seq;
	int64_t attempt;
	int64_t next_at; /* EARLY, PACED */
	enum lane lane; /* EARLY, PACED */
	int64_t expires_at; /* CLAIMED, EARLY, PACED; 0: never */
	int64_t turn; /* PACED: when to ask again; Redis TIME, ms */
	const char *whom; /* WHOM: text with all addresses in it */
	const char *held; /* HELD: "*" for all mail, or a domain */
	int64_t retry_count;
	const char *results; /* "" : all recipients wait */
	size_t results_len;
	const char *payload; /* "" unless asked for */
	size_t payload_len;
};
/* 0, or -1 when the reply is not one of claim or recreate. */
int store_claim_read(struct store_claim_reply *, const redisReply *);

enum store_settled {
	STORE_SETTLED, /* done now, or by an earlier copy of this call */
	STORE_SETTLE_LOST, /* the fence did not match: nothing was changed */
	STORE_SETTLE_LATE, /* `sent`: proof came late, and was recorded */
	STORE_SETTLED__MAX
};

struct store_settle_reply {
	enum store_settled answer;
	const char *status; /* the job's status now; points into the reply */
	int64_t next_at; /* when it is not terminal: publish for this */
	enum lane lane; /* in this lane */
};
int store_settle_read(struct store_settle_reply *, const redisReply *);

enum store_change {
	STORE_CHANGED, /* now, or by an earlier copy of this call */
	STORE_CHANGE_REFUSED, /* its status is in the way */
	STORE_CHANGE_EXPIRED, /* its expires_at is */
	STORE_CHANGE_NO_PAYLOAD, /* there is nothing left to send */
	STORE_CHANGE_MISSING, /* no such job */
	STORE_CHANGE__MAX
};

/* Strings point into the reply; but for CHANGED only `status` counts. */
struct store_change_reply {
	enum store_change answer;
	const char *status; /* the job's status now */
	int64_t next_at; /* 0: there is no hint to publish */
	int64_t at; /* Redis TIME of the change */
	int64_t expires_at; /* 0: never */
	enum lane lane; /* whose queue the hint goes to */
	const char *payload; /* "": too large for a hint */
	size_t payload_len;
	const char *results; /* "": all recipients wait */
	size_t results_len;
};
/* Of cancel, retry and reschedule: 0, or -1 when the reply is none of theirs. */
int store_change_read(struct store_change_reply *, const redisReply *);

#endif
