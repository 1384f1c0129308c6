/* SPDX-License-Identifier: MIT */
/*
 * postrider-worker: consumes the work queue and sends over SMTP. This makes
 * the parts, runs the loop and takes them down in order; the work is theirs.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "attempt_trace.h"
#include "dkim.h"
#include "exit_timer.h"
#include "heartbeat.h"
#include "intake.h"
#include "journal.h"
#include "known_store.h"
#include "log.h"
#include "login.h"
#include "mime.h"
#include "notify.h"
#include "options.h"
#include "otlp.h"
#include "outbound.h"
#include "recorder.h"
#include "recovery.h"
#include "reload.h"
#include "restore.h"
#include "seclusion.h"
#include "status.h"
#include "store_client.h"
#include "sweeper.h"
#include "timestamp.h"
#include "version.h"
#include "watchdog.h"
#include "worker.h"

#define OWNER_RANDOM 4 /* bytes */

/* What main has besides the worker: signals, and the order of things. */
struct program {
	struct worker worker;
	struct status *status;
	struct relay_list relay_list;
	uv_signal_t terminate, interrupt, hangup;
	uv_timer_t deadline;
	struct watchdog watchdog;
	uv_prepare_t turn;
	size_t recoveries; /* of the start, still under way */
	bool forced;
};

/* -- stop --------------------------------------------------------------------- */

static void
on_said_goodbye(void *arg, const redisReply *reply)
{
	struct program *program = arg;

	(void)reply;
	uv_stop(program->worker.loop);
}

/* Nothing is in hand: the lease can go. */
static void
on_drained(void *arg)
{
	struct program *program = arg;
	struct worker *worker = &program->worker;
	struct store_call call;

	log_info("nothing is in hand any more", NULL);
	known_store_look(worker->known_store);
	store_client_command(worker->store, NULL, NULL, "DEL worker:%s",
	    worker->owner);
	store_call_begin(&call, STORE_OWNED);
	store_call_text(&call, worker->owner);
	store_call_number(&call, 1);
	store_client_call(worker->store, &call, on_said_goodbye, program);
}

static void
on_deadline(uv_timer_t *timer)
{
	struct program *program = timer->data;

	log_warning("STOP_TIMEOUT is almost over: what is in hand is left to "
		    "the journal",
	    NULL);
	program->forced = true;
	uv_stop(program->worker.loop);
}

static void
on_signal(uv_signal_t *handle, int signum)
{
	struct program *program = handle->data;
	struct worker *worker = &program->worker;

	if (worker->stopping) {
		log_warning("a second signal: stopping at once", NULL);
		program->forced = true;
		uv_stop(worker->loop);
		return;
	}
	notify_stopping();
	log_info("stopping", "signal", strsignal(signum), NULL);
	worker->stopping = true;
	/* A timer's start on an open handle cannot fail. */
	(void)uv_timer_start(&program->deadline, on_deadline,
	    (uint64_t)(worker->config->stop_timeout -
		worker->config->stop_timeout / EXIT_SHARE),
	    0);
	relays_stop(worker->relays);
	intake_stop(worker->intake, on_drained, program);
}

static void
on_hangup(uv_signal_t *handle, int signum)
{
	(void)signum;
	reload_files(&((struct program *)handle->data)->worker);
}

/* -- start -------------------------------------------------------------------- */

static void
on_recovered(void *arg, int64_t settled)
{
	struct program *program = arg;
	struct worker *worker = &program->worker;

	if (settled > 0)
		log_info("settled what an earlier worker left", "jobs",
		    log_number(settled), NULL);
	if (--program->recoveries > 0 || worker->stopping)
		return;
	if (intake_start(worker->intake) == 0) {
		intake_pump(worker->intake);
		return;
	}
	log_error("no thread for the consumer", NULL);
	uv_stop(worker->loop);
}

/*
 * Journals left here are settled before anything is consumed. Of a store that
 * went back in time they were read another way.
 */
static void
on_checked(void *arg)
{
	struct program *program = arg;
	struct worker *worker = &program->worker;
	const char *folder = worker->config->state_directory;
	char **owners = journal_owners(folder, JOURNAL_LEFT);
	size_t i;

	journal_expire(folder);
	program->recoveries = 1;
	for (i = 0; owners != NULL && owners[i] != NULL; i++) {
		if (strcmp(owners[i], worker->owner) != 0 &&
		    known_store_is_same(worker->known_store)) {
			program->recoveries++;
			recovery_start(worker, owners[i], RECOVERY_JOURNAL,
			    on_recovered, program);
		}
		free(owners[i]);
	}
	free(owners);
	on_recovered(program, 0);
}

/*
 * The lease is looked at again once D is on disk: who was stopped before that
 * may be taken for one who has not sent. Who is stopped after it is taken for
 * one who may have.
 */
static int
commit_journal(void *arg)
{
	const struct worker *worker = &((struct program *)arg)->worker;

	return journal_commit(worker->journal) == 0 &&
		heartbeat_holds(worker->heartbeat) ?
	    0 :
	    -1;
}

static void
on_store_connected(void *arg)
{
	known_store_check(((struct program *)arg)->worker.known_store);
}

/*
 * What the relay said is on disk before Redis is told, so that a kill -9 in
 * between sends nothing again.
 */
static void
on_leaving(void *arg)
{
	struct program *program = arg;

	/* It said so if it failed; Redis may be told all the same. */
	(void)journal_commit(program->worker.journal);
}

static void
on_room(void *arg)
{
	struct program *program = arg;

	intake_pump(program->worker.intake);
}

static void
name_owner(struct worker *worker)
{
	char random[2 * OWNER_RANDOM + 1];

	id_random_hex(random, OWNER_RANDOM);
	snprintf(worker->owner, sizeof(worker->owner), "%.*s-%s",
	    (int)(ID_MAX - sizeof(random)), worker->config->instance, random);
}

static void
on_turn(uv_prepare_t *turn)
{
	(void)turn;
	log_flush();
}

/* A line for each mail: those of one loop turn go out together. */
static void
open_log(struct program *program)
{
	/* None of these fails on a fresh handle. */
	(void)uv_prepare_init(program->worker.loop, &program->turn);
	(void)uv_prepare_start(&program->turn, on_turn);
	log_gather(true);
}

static void
open_signals(struct program *program)
{
	uv_loop_t *loop = program->worker.loop;

	program->terminate.data = program->interrupt.data =
	    program->hangup.data = program->deadline.data = program;
	/* None of these fails on a fresh handle and a valid signal. */
	(void)uv_timer_init(loop, &program->deadline);
	(void)uv_signal_init(loop, &program->terminate);
	(void)uv_signal_init(loop, &program->interrupt);
	(void)uv_signal_start(&program->terminate, on_signal, SIGTERM);
	(void)uv_signal_start(&program->interrupt, on_signal, SIGINT);
	(void)uv_signal_init(loop, &program->hangup);
	(void)uv_signal_start(&program->hangup, on_hangup, SIGHUP);
}

/* 0, or -1 when a part cannot be had (it said why). */
static int
open_parts(struct program *program)
{
	struct worker *worker = &program->worker;
	struct store_client_options store = {
		.loop = worker->loop,
		.config = worker->config,
		.connected = on_store_connected,
		.leaving = on_leaving,
		.arg = program,
	};
	struct relay_options relay = {
		.loop = worker->loop,
		.config = worker->config,
		.commit = commit_journal,
		.room = on_room,
		.arg = program,
	};

	if (relay_list_load(&program->relay_list, worker->config, stderr) == -1)
		return -1;
	worker->dkim = dkim_signer_new(worker->config->dkim_keys, stderr);
	if (worker->dkim == NULL ||
	    pace_open(&worker->pace, worker->config, stderr) == -1)
		return -1;
	reload_warn(worker);
	worker->journal =
	    journal_open(worker->config->state_directory, worker->owner);
	if (worker->journal == NULL)
		return -1;
	program->status = status_new(worker);
	if (program->status == NULL)
		return -1;
	worker->outbound = outbound_new(worker);
	if (worker->outbound == NULL)
		return -1;
	worker->store = store_client_new(&store);
	worker->heartbeat = heartbeat_new(worker);
	worker->relays = relays_new(&relay, &program->relay_list);
	worker->intake = intake_new(worker);
	worker->sweeper = sweeper_new(worker);
	worker->known_store = known_store_new(worker, on_checked, program);
	if (worker->config->database_url[0] != '\0') {
		worker->recorder = recorder_new(worker->config, worker->owner);
		if (worker->recorder == NULL) {
			log_error("no thread for the recorder", NULL);
			return -1;
		}
	}
	return 0;
}

static void
close_parts(struct program *program)
{
	struct worker *worker = &program->worker;

	worker->stopping = true;
	recorder_free(worker->recorder);
	sweeper_free(worker->sweeper);
	known_store_free(worker->known_store);
	if (worker->intake != NULL)
		intake_close(worker->intake);
	relays_free(worker->relays);
	outbound_free(worker->outbound);
	loop_inbox_close(&worker->inbox);
	store_client_free(worker->store);
	intake_free(worker->intake);
	heartbeat_free(worker->heartbeat);
	status_free(program->status);
	journal_close(worker->journal);
	dkim_signer_free(worker->dkim);
	pace_close(&worker->pace);
	uv_close((uv_handle_t *)&program->terminate, NULL);
	uv_close((uv_handle_t *)&program->interrupt, NULL);
	uv_close((uv_handle_t *)&program->hangup, NULL);
	uv_close((uv_handle_t *)&program->deadline, NULL);
	watchdog_close(&program->watchdog);
	uv_close((uv_handle_t *)&program->turn, NULL);
	log_gather(false);
	/* The handles that were closed go on this run. */
	(void)uv_run(worker->loop, UV_RUN_DEFAULT);
}

static int
run(const struct config *config)
{
	struct program program = { .worker = { .config = config } };
	struct worker *worker = &program.worker;
	uv_loop_t loop;
	int result = 1;

	if (uv_loop_init(&loop) != 0 ||
	    loop_inbox_open(&worker->inbox, &loop) == -1) {
		log_error("no event loop can be had", NULL);
		return 1;
	}
	worker->loop = &loop;
	worker->started_at = timestamp_now();
	/* SMTP_FROM was checked with the configuration. */
	(void)mailbox_parse(&worker->from, config->smtp_from,
	    strlen(config->smtp_from));
	if (login_is_exposed(config))
		log_warning("SMTP_TLS=off: the login goes over the network in "
			    "clear",
		    "relay", config->smtp_host, NULL);
	name_owner(worker);
	open_log(&program); /* libuv runs the first prepare handle last */
	open_signals(&program);
	watchdog_open(&program.watchdog, &loop);
	if (open_parts(&program) == 0) {
		log_info("started", "version", POSTRIDER_VERSION, "owner",
		    worker->owner, NULL);
		seclusion_keep_all(); /* libcurl has a pair of sockets */
		notify_ready();
		(void)uv_run(&loop, UV_RUN_DEFAULT);
		result = worker->stopping && !program.forced ? 0 : 1;
		(void)journal_commit(
		    worker->journal); /* it tells if it fails */
		exit_timer_start(config->stop_timeout, result);
	}
	close_parts(&program);
	mailbox_free(&worker->from);
	relay_list_free(&program.relay_list);
	/* Handles that a forced stop left open die with the process. */
	(void)uv_loop_close(&loop);
	log_info("stopped", NULL);
	return result;
}

int
main(int argc, char **argv)
{
	static const char *restore, *json;
	static const struct options_entry entries[] = {
		{ "restore", "hold|send", &restore,
		    "Redis was restored or is another: leave mail that may "
		    "have been sent as unknown, or send it",
		    NULL },
		{ "json", NULL, &json, "--restore tells what it did as JSON",
		    NULL },
		{ 0 },
	};
	static const struct options options = {
		.program = "postrider-worker",
		.entries = entries,
		.mask = CONFIG_WORKER,
		.summary = "consumes the mail queue and hands each mail to the "
			   "SMTP relay you have",
		.check = reload_check,
	};
	struct config config;
	int status = options_parse(&options, argc, argv, &config);

	if (status == OPTIONS_RUN && restore != NULL) {
		store_keep_record(config.database_url[0] != '\0');
		status = restore_decide(&config, restore, json != NULL);
	} else if (status == OPTIONS_RUN) {
		signal(SIGPIPE, SIG_IGN);
		/* Else glibc keeps what the first large mail took. */
		mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
		store_keep_record(config.database_url[0] != '\0');
		curl_global_init(CURL_GLOBAL_ALL);
		otlp_open(&config, "postrider-worker");
		attempt_trace_open(&config);
		mime_init();
		status = run(&config);
		mime_shutdown();
		otlp_close();
		attempt_trace_close();
		curl_global_cleanup();
	}
	config_free(&config);
	return status;
}
