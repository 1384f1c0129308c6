/* SPDX-License-Identifier: MIT */
/*
 * postrider-events: tells what becomes of mails as it happens. This makes the
 * parts, runs the loop and takes them down in order. SIGTERM and SIGINT send
 * all clients away, who go on elsewhere; a second signal does not wait for them.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "events.h"
#include "listening.h"
#include "log.h"
#include "notify.h"
#include "options.h"
#include "timestamp.h"
#include "version.h"
#include "watchdog.h"

#define WHY_SIZE 256
#define OWN_FILES 32 /* descriptors that are no client's */

struct program {
	struct events events;
	struct listening listening;
	uv_signal_t terminate, interrupt;
	uv_timer_t deadline;
	struct watchdog watchdog;
	bool stopping, forced;
};

static const char *socket_path;

/* -- what the feed has to say ----------------------------------------------- */

static bool
on_wanted(void *arg)
{
	struct events *events = arg;

	return clients_follow(&events->clients);
}

static void
on_event(void *arg, struct event *event)
{
	clients_offer(arg, event);
}

static void
on_known(void *arg)
{
	clients_begin(arg);
}

static void
on_changed(void *arg)
{
	clients_tell_status(arg);
}

static void
on_broken(void *arg)
{
	clients_tell_broken(arg);
}

/* -- stop ------------------------------------------------------------------- */

static void
on_gone(void *arg)
{
	struct program *program = arg;

	uv_stop(program->events.loop);
}

static void
on_deadline(uv_timer_t *timer)
{
	struct program *program = timer->data;

	log_warning("STOP_TIMEOUT is over: clients are cut off", NULL);
	uv_stop(program->events.loop);
}

static void
on_signal(uv_signal_t *handle, int signum)
{
	struct program *program = handle->data;
	struct events *events = &program->events;

	if (program->stopping) {
		log_warning("a second signal: stopping at once", NULL);
		program->forced = true;
		uv_stop(events->loop);
		return;
	}
	notify_stopping();
	log_info("stopping", "signal", strsignal(signum), "clients",
	    log_number((int64_t)events->clients.count), NULL);
	program->stopping = true;
	/* A timer's start on an open handle cannot fail. */
	(void)uv_timer_start(&program->deadline, on_deadline,
	    (uint64_t)events->config->stop_timeout, 0);
	listening_close(&program->listening);
	clients_stop(events, on_gone, program);
}

/* -- start ------------------------------------------------------------------ */

/* Each client is a descriptor: as many as we may have. */
static void
allow_files(const struct config *config)
{
	const rlim_t wanted = (rlim_t)config->max_clients + OWN_FILES;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		return; /* it does not fail on Linux */
	files.rlim_cur = wanted < files.rlim_max ? wanted : files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) == -1 || files.rlim_cur < wanted)
		log_warning("the limit of open files is below MAX_CLIENTS",
		    "files", log_number((int64_t)files.rlim_cur), NULL);
}

static void
open_signals(struct program *program)
{
	uv_loop_t *loop = program->events.loop;

	program->terminate.data = program->interrupt.data =
	    program->deadline.data = program;
	/* None of these fails on a fresh handle and a valid signal. */
	(void)uv_timer_init(loop, &program->deadline);
	(void)uv_signal_init(loop, &program->terminate);
	(void)uv_signal_init(loop, &program->interrupt);
	(void)uv_signal_start(&program->terminate, on_signal, SIGTERM);
	(void)uv_signal_start(&program->interrupt, on_signal, SIGINT);
}

/* libuv runs the prepare handles that were made last first: see store_client. */
static void
open_parts(struct program *program)
{
	struct events *events = &program->events;
	const struct feed_options feed = {
		.loop = events->loop,
		.config = events->config,
		.wanted = on_wanted,
		.event = on_event,
		.known = on_known,
		.changed = on_changed,
		.broken = on_broken,
		.arg = events,
	};
	const struct store_client_options reader = {
		.loop = events->loop,
		.config = events->config,
	};

	open_signals(program);
	watchdog_open(&program->watchdog, events->loop);
	events->permessage = permessage_new();
	events->feed = feed_new(&feed);
	events->reader = store_client_new(&reader);
	clients_open(events);
	admissions_open(events);
}

static void
close_parts(struct program *program)
{
	struct events *events = &program->events;

	listening_close(&program->listening);
	clients_close(events);
	store_client_free(events->reader);
	admissions_close(events);
	feed_free(events->feed);
	uv_close((uv_handle_t *)&program->terminate, NULL);
	uv_close((uv_handle_t *)&program->interrupt, NULL);
	uv_close((uv_handle_t *)&program->deadline, NULL);
	watchdog_close(&program->watchdog);
	/* The handles that were closed go on this run. */
	(void)uv_run(events->loop, UV_RUN_DEFAULT);
	permessage_free(events->permessage);
}

static int
run(const struct config *config)
{
	struct program program = {
		.events = { .config = config, .started_at = timestamp_now() },
	};
	struct events *events = &program.events;
	char why[WHY_SIZE];
	uv_loop_t loop;
	int status = EXIT_FAILURE;

	if (uv_loop_init(&loop) != 0) {
		log_error("no event loop can be had", NULL);
		return EXIT_FAILURE;
	}
	events->loop = &loop;
	allow_files(config);
	open_parts(&program);
	if (listening_open(&program.listening, events, socket_path, why,
		sizeof(why)) == 0) {
		log_info("started", "version", POSTRIDER_VERSION, "socket",
		    socket_path, NULL);
		notify_ready();
		if (!config->auth_required)
			log_warning("AUTH=off: whoever reaches us can follow "
				    "all mail",
			    NULL);
		(void)uv_run(&loop, UV_RUN_DEFAULT);
		status = program.forced ? EXIT_FAILURE : EXIT_SUCCESS;
	} else {
		log_error("cannot listen", "why", why, NULL);
	}
	close_parts(&program);
	(void)uv_loop_close(&loop); /* nothing is left in it */
	log_info("stopped", NULL);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct options_entry entries[] = {
		{ "socket", "PATH", &socket_path,
		    "Make a unix socket there (mode 0660) and listen on it, "
		    "instead of EVENTS_HOST and EVENTS_PORT." },
		{ NULL, NULL, NULL, NULL },
	};
	static const struct options options = {
		.program = "postrider-events",
		.mask = CONFIG_EVENTS,
		.summary = "Tells what becomes of mails as it happens, over "
			   "WebSocket and as Server-Sent Events.",
		.entries = entries,
	};
	struct config config;
	int status = options_parse(&options, argc, argv, &config);

	if (status == OPTIONS_RUN) {
		signal(SIGPIPE, SIG_IGN);
		status = run(&config);
	}
	config_free(&config);
	return status;
}
