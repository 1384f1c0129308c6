/* SPDX-License-Identifier: MIT */
/* From a request to its handler: the route table, and the gate before it. */
#ifndef POSTRIDER_DISPATCH_H
#define POSTRIDER_DISPATCH_H

struct request;

/* Once, after otlp_open(): what spans are called. */
void dispatch_trace(void);

/* After a successful FCGX_Accept_r(). It is answered, now or later. */
void dispatch(struct request *);

#endif
