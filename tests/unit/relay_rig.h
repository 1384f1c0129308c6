/* SPDX-License-Identifier: MIT */
/*
 * A relay (worker/relay.h) on a loop of its own, towards a scripted peer, and
 * mails that it is given as room comes up.
 */
#ifndef POSTRIDER_RELAY_RIG_H
#define POSTRIDER_RELAY_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "relay.h"
#include "smtp_peer.h"

#define RIG_RECIPIENTS_MAX 3
#define RIG_MAILS_MAX 600

struct rig_mail {
	struct transaction transaction;
	struct composed message;
	struct envelope_recipient recipients[RIG_RECIPIENTS_MAX];
	bool forbidden; /* may_dot says no */
	bool asked; /* for its dot */
	bool done;
	enum outcome outcome;
	struct rig *rig;
};

struct rig {
	uv_loop_t loop;
	struct config config; /* short times; a test may change it at first */
	struct relay *relay; /* made by the first rig_run() */
	uv_timer_t limit;
	struct rig_mail mails[RIG_MAILS_MAX];
	size_t mails_len;
	size_t submitted;
	size_t left; /* submitted or not, without an outcome */
	bool manual; /* the test submits */
	bool commit_fails;
	size_t commits;
	bool closed; /* relay_stop is done */
	bool late; /* the time limit has passed */
};

void rig_open(struct rig *, int port);
/* Adds a mail to "a@b.c" with this message (kept by the caller). */
struct rig_mail *rig_mail(struct rig *, const char *message, size_t len);
/* One with "Hi\r\n" to several addresses, kept by the caller. */
struct rig_mail *rig_mail_to(struct rig *, size_t n, const char *const *to);
/* Runs until every mail has its outcome; fails the test after 10 s. */
void rig_run(struct rig *);
/* Runs so long. */
void rig_run_for(struct rig *, uint64_t ms);
/* Runs until the relay is in this state; fails the test after 10 s. */
void rig_run_until(struct rig *, enum relay_state);
/* Ends the relay and the loop, and sees that nothing is left. */
void rig_close(struct rig *);
/* relay_stop() and the loop's end of it. */
void rig_stop(struct rig *);

size_t rig_count(const struct rig *, enum outcome);

/* What came of it; `reply` is a part of the reply that decided. */
void rig_assert(const struct rig_mail *, enum outcome, int code,
    const char *reply);
void rig_assert_recipient(const struct rig_mail *, size_t n, enum verdict,
    const char *reply);

#endif
