/* SPDX-License-Identifier: MIT */
/* What the API counts: docs/protocol.md, "Metrics". */
#ifndef POSTRIDER_API_METRICS_H
#define POSTRIDER_API_METRICS_H

#include "metrics.h"

struct api;

extern struct metric metric_accepted; /* 0: confirmed, 1: kept */
extern struct metric metric_repeated;
extern struct metric metric_refused; /* by enum problem */
extern struct metric metric_requests; /* by status / 100 */
extern struct metric metric_in_flight;
extern struct metric metric_group;

extern struct metric metric_suppressed; /* 0: for some recipients, 1: all */

/* What Redis tells when it is asked; METRIC_ABSENT while it does not. */
extern struct metric metric_suppressions; /* how many */
extern struct metric metric_suppressed; /* 0: some recipients are, 1: all */
extern struct metric metric_suppressions; /* how many */
extern struct metric metric_jobs; /* by enum job_status */
extern struct metric metric_backlog, metric_backlog_age; /* by these: */
enum backlog {
	BACKLOG_QUEUE,
	BACKLOG_OUTBOX,
	BACKLOG_RECORD,
	BACKLOG__MAX
};

/* Once, before the first request. */
void api_metrics_open(void);
/* All of it, with what the API's parts know now. */
void api_metrics_write(struct api *, struct buffer *text);

#endif
