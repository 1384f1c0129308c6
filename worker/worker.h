/* SPDX-License-Identifier: MIT */
/*
 * What one worker process consists of: made in main.c, borrowed by its parts.
 * All of it belongs to the loop's thread.
 */
#ifndef POSTRIDER_WORKER_H
#define POSTRIDER_WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "address.h"
#include "config.h"
#include "id.h"
#include "loop_inbox.h"
#include "pace.h"
#include "pause.h"
#include "relays.h"

struct store_client;
struct outbound;
struct journal;
struct heartbeat;
struct intake;
struct sweeper;
struct known_store;
struct dkim_signer;
struct recorder;

struct worker {
	const struct config *config;
	uv_loop_t *loop;
	struct loop_inbox inbox;
	char owner[ID_MAX + 1]; /* instance name and a random part per start */
	struct mailbox from; /* SMTP_FROM */
	struct store_client *store;
	struct outbound *outbound;
	struct journal *journal;
	struct heartbeat *heartbeat;
	struct intake *intake;
	struct sweeper *sweeper;
	struct known_store *known_store;
	struct recorder *recorder; /* NULL: no record is kept */
	struct relays *relays;
	struct pause pause; /* the operator's */
	struct pace pace; /* SIGHUP brings other limits of domains */
	bool record_differs; /* some have a DATABASE_URL, others have not */
	struct dkim_signer *dkim; /* SIGHUP brings another */
	int64_t started_at; /* wall clock ms */
	uint64_t sent, failed, deferred, unknown; /* attempts, by outcome */
	uint64_t overdue; /* jobs that the sweeper found so */
	uint64_t late; /* mails taken whose claim was another's by then */
	uint64_t claims; /* asked for so far: each one's nonce */
	bool stopping;
};

#endif
