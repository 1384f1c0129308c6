/* SPDX-License-Identifier: MIT */
/* What the parts of the program share. One thread, one loop. */
#ifndef POSTRIDER_EVENTS_H
#define POSTRIDER_EVENTS_H

#include <uv.h>

#include "admission.h"
#include "clients.h"
#include "config.h"
#include "feed.h"
#include "permessage.h"
#include "store_client.h"

struct events {
	const struct config *config;
	uv_loop_t *loop;
	int64_t started_at; /* wall clock, ms */
	struct permessage *permessage;
	struct feed *feed;
	struct store_client *reader; /* for those who catch up */
	struct clients clients;
	struct admissions admissions;
};

#endif
