/* SPDX-License-Identifier: MIT */
/*
 * A mail to send (struct job), the words for its life (STATES in
 * docs/protocol.md), and the JSON in which it is kept in Redis (`payload`) and
 * carried by AMQP (`content`):
 *
 *	{"job_id":"..","from":"..","to":["a@b.c"],"cc":[..],"bcc":[..],
 *	 "subject":"..","body":"..","created_at":"2025-06-29T15:52:17.432Z"}
 *
 * and what extras.h adds.
 * It knows nothing of HTTP, AMQP or Redis.
 */
#ifndef POSTRIDER_JOB_H
#define POSTRIDER_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "address.h"
#include "buffer.h"
#include "extras.h"
#include "id.h"
#include "lane.h"
#include "traceparent.h"

enum job_status {
	JOB_QUEUED,
	JOB_SCHEDULED,
	JOB_PROCESSING,
	JOB_RETRYING,
	JOB_COMPLETED,
	JOB_FAILED,
	JOB_CANCELLED,
	JOB_UNKNOWN,
	JOB_STATUS__MAX
};

extern const char *const job_status_names[JOB_STATUS__MAX];

/* JOB_STATUS__MAX when the word is none of them. */
enum job_status job_status_find(const char *name, size_t len);

#define JOB_RECIPIENTS_MAX 50
#define JOB_SUBJECT_MAX 998 /* bytes: RFC 5322 2.1.1 */

enum recipient_state {
	RECIPIENT_WAITING, /* not settled: to be tried (again) */
	RECIPIENT_TAKEN, /* the relay answered 2xx to the dot */
	RECIPIENT_REFUSED, /* for good */
	RECIPIENT_SUPPRESSED, /* on the suppression list: not sent to */
	RECIPIENT_STATE__MAX
};

extern const char *const recipient_state_names[RECIPIENT_STATE__MAX];

/* Who else learns of him. */
enum recipient_role {
	RECIPIENT_TO,
	RECIPIENT_CC,
	RECIPIENT_BCC, /* of the envelope alone */
	RECIPIENT_ROLE__MAX
};

/* "to", "cc", "bcc": as fields are called. */
extern const char *const recipient_role_names[RECIPIENT_ROLE__MAX];

struct recipient {
	char *address; /* local@domain, owned */
	char *name; /* display name, owned; NULL: none */
	enum recipient_role role;
	enum recipient_state state;
	int code; /* the relay's last reply to it, 0: none yet */
	char *reply; /* its text, owned; NULL: none yet */
};

/* The zero value is an empty job; every string is owned, NULL when absent. */
struct job {
	char id[ID_MAX + 1];
	struct mailbox from; /* address NULL: the worker's SMTP_FROM */
	struct recipient *recipients;
	size_t recipients_len;
	bool roles_differ; /* some are not RECIPIENT_TO */
	char *subject;
	char *body; /* NULL: there is none but extras' HTML */
	size_t body_len; /* body may hold NUL only if a message was made so */
	int64_t created_at;
	const char *key_id; /* of the API key it came by, borrowed; or NULL */
	char traceparent[TRACEPARENT_SIZE]; /* "": it has no trace */
	char *tracestate; /* of that trace */
	int64_t scheduled_at, expires_at; /* of a new one; 0: now; never */
	enum lane lane; /* kept beside the payload, not in it */
	struct extras *extras; /* owned; NULL: plain text, as most mails */
};

/*
 * Takes the mailbox over, unless it has that address (address_is_same): then
 * the more visible role counts. 0, or -1 when there are JOB_RECIPIENTS_MAX
 * already.
 */
int job_add_mailbox(struct job *, enum recipient_role, struct mailbox *);
/* A copy of the address, RECIPIENT_TO. */
int job_add_recipient(struct job *, const char *address, size_t len);
/* Frees what it owns and leaves the zero value. */
void job_clear(struct job *);

size_t job_count(const struct job *, enum recipient_state);

/* Whether it has attachments: their bytes are in Redis alone. */
bool job_has_files(const struct job *);

/*
 * Appends the payload: the JSON shown above and, when it has files, a NUL and
 * the bytes of all of them.
 */
void job_encode(const struct job *, struct buffer *);

/* Appends the mailboxes of one role as a JSON list; of none nothing. */
void job_encode_role(const struct job *, enum recipient_role, struct buffer *);

/* Appends the addresses of RECIPIENT_TO as a JSON list. */
void job_encode_to(const struct job *, struct buffer *);

/*
 * Fills `*job` (zeroed before) from a payload object. Unknown fields are
 * ignored; `to` is a string or a list, of which the same address counts once, `cc` and
 * `bcc` as well;
 * `text` may stand for `body`; created_at is RFC 3339, or epoch seconds or
 * milliseconds as number or digits; when it is missing created_at stays 0. 0, or
 * -1 with a constant text in `*why` ("no job_id") and `*job` cleared.
 */
int job_decode(struct job *, json_object *payload, const char **why);

/*
 * The results of the recipients, as Redis and AMQP keep them:
 * [{"address","state","code","reply"}]. Decoding changes the recipients of the
 * same address and ignores others; 0, or -1 when it is not such a list.
 */
void job_encode_results(const struct job *, struct buffer *);
int job_decode_results(struct job *, const char *json, size_t len);

#endif
