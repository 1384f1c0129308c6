/* SPDX-License-Identifier: MIT */
/* What the worker counts: docs/protocol.md, "Metrics". */
#ifndef POSTRIDER_WORKER_METRICS_H
#define POSTRIDER_WORKER_METRICS_H

#include "metrics.h"
#include "relay.h"

struct delivery;
struct worker;

/* How the time of an SMTP dialogue is told. */
enum smtp_phase {
	SMTP_PHASE_NONE, /* between mails */
	SMTP_PHASE_CONNECT, /* with TLS, EHLO and AUTH */
	SMTP_PHASE_MAIL,
	SMTP_PHASE_RCPT,
	SMTP_PHASE_DATA,
	SMTP_PHASE_MESSAGE, /* as far as the dot */
	SMTP_PHASE_DOT, /* waiting for its reply */
	SMTP_PHASE__MAX
};
extern struct metric metric_smtp_phase; /* by enum smtp_phase */

/* An attempt came to its end; `code` is the reply's that decided, 0: none. */
void worker_metrics_outcome(enum outcome, int code);
/* Redis knows; `status` is what the mail has now. */
void worker_metrics_settled(const struct delivery *, const char *status);

/* All of it, with what the worker's parts know now. */
void worker_metrics_write(const struct worker *, struct buffer *text);

#endif
