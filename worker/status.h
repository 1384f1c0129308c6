/* SPDX-License-Identifier: MIT */
/*
 * What the worker says of itself over HTTP, on STATUS_HOST:PORT: GET /health
 * (each dependency; always 200 while the process works), /ready and /metrics.
 */
#ifndef POSTRIDER_STATUS_H
#define POSTRIDER_STATUS_H

struct worker;
struct status;

/* NULL, with the reason in the log, when the port cannot be had. */
struct status *status_new(struct worker *);
/* Its handles close on later turns of the loop. */
void status_free(struct status *);

#endif
