/* SPDX-License-Identifier: MIT */
/* What /health and /ready of all programs have in common. */
#ifndef POSTRIDER_HEALTH_JSON_H
#define POSTRIDER_HEALTH_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"

/* "status", "reason" (NULL: all is well) and "version", without the last }. */
void health_json_begin(struct buffer *, const char *reason);

/* What the program depends on. */
struct health_dependency {
	const char *name, *status;
	int64_t latency; /* ms of the last answer; -1: there is none */
	int64_t since; /* ms, wall clock, of the last change; 0: none yet */
	const char *error; /* "": none */
};
/* "name":{"status",...: without the closing brace, for what it has besides. */
void health_json_dependency(struct buffer *, const struct health_dependency *);

/* The whole of /ready; whether it is: `reason` is NULL. */
bool health_json_ready(struct buffer *, const char *reason);

#endif
