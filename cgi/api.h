/* SPDX-License-Identifier: MIT */
/*
 * The running API: what a handler finds through its request. api.c starts the
 * parts in order and stops them in the other one.
 */
#ifndef POSTRIDER_API_H
#define POSTRIDER_API_H

#include "commit.h"
#include "config.h"
#include "keyring.h"
#include "listener.h"
#include "pipeline.h"
#include "pool.h"
#include "record_reader.h"
#include "signing.h"

struct api {
	const struct config *config; /* borrowed */
	int64_t began; /* monotonic ms */
	struct pool *pool;
	struct commit *commit;
	struct pipeline *reads; /* apart, so that pages do not slow commits */
	struct keyring *keyring; /* NULL: AUTH=off */
	char *allowed_from; /* ALLOWED_FROM in its normal form */
	struct record_reader *record; /* NULL without DATABASE_URL */
	struct signing *signing;
	struct acceptors *acceptors;
};

/* 0, or -1 after logging what could not be had; api_stop() also after -1. */
int api_start(struct api *, const struct config *, const struct listener *);

/* To be called now and then, for what is asked without a request. */
void api_look(struct api *);

/* Whether every request that was taken is answered, and no more can come. */
bool api_is_idle(struct api *);

/* Only when idle, or when it never started. */
void api_stop(struct api *);

#endif
