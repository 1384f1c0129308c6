/* SPDX-License-Identifier: MIT */
/*
 * postrider-api: settings, signals, start and stop. SIGTERM and SIGINT stop
 * gracefully: no new requests, those in hand (and in the socket's backlog) are
 * answered, for STOP_TIMEOUT at most; a second signal stops at once.
 */
#include <fcgiapp.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "api.h"
#include "dispatch.h"
#include "exit_timer.h"
#include "first_key.h"
#include "log.h"
#include "mail_trace.h"
#include "notify.h"
#include "options.h"
#include "otlp.h"
#include "request_trace.h"
#include "store.h"
#include "timestamp.h"
#include "version.h"

#define PROGRAM "postrider-api"
#define WHY_SIZE 256
#define STOP_POLL 20 /* ms between two looks, within STOP_TIMEOUT */

static const char *socket_path, *new_key;

static const struct options_entry entries[] = {
	{ "socket", "PATH", &socket_path,
	    "Make a unix socket there (mode 0660) and listen on it. Without "
	    "it: the socket that a web server passes as fd 0.",
	    NULL },
	{ "new-key", "NAME", &new_key,
	    "Make an API key that may do all, print it and leave.", NULL },
	{ 0 },
};

static const struct options options = {
	.program = PROGRAM,
	.mask = CONFIG_API,
	.summary = "Takes mails over HTTP (FastCGI), keeps them in Redis and "
		   "queues them in RabbitMQ.",
	.entries = entries,
};

/*
 * The signals that stop us wait for main in sigwait(2). SIGUSR1 is what other
 * FastCGI process managers send.
 */
static void
take_signals(sigset_t *stops)
{
	sigemptyset(stops);
	sigaddset(stops, SIGTERM);
	sigaddset(stops, SIGINT);
	sigaddset(stops, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, stops, NULL);
	/* After FCGX_Init(), which sets a handler of its own. */
	signal(SIGPIPE, SIG_IGN);
}

/* Requests pass from thread to thread: an arena each would only keep memory. */
static void
bound_heap(void)
{
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_MXFAST, 0); /* else each 8 KB of libfcgi gathers them all */
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
}

/* Until one of the signals comes. The watchdog is fed at each look. */
static void
wait_for_signal(struct api *api, const sigset_t *stops)
{
	const int64_t alive = notify_alive_interval();
	const int64_t look = api->config->reconnect_cap;
	const int64_t ms = alive > 0 && alive < look ? alive : look;
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000 * 1000 };

	while (sigtimedwait(stops, NULL, &pause) == -1) {
		api_look(api);
		if (alive > 0)
			notify_alive();
	}
}

/* true: all was answered. */
static bool
wait_until_idle(struct api *api, const sigset_t *stops)
{
	static const struct timespec poll = { 0, STOP_POLL * 1000 * 1000 };
	const int64_t timeout = api->config->stop_timeout;
	int64_t until = timestamp_monotonic() + timeout - timeout / EXIT_SHARE;

	while (!api_is_idle(api))
		if (timestamp_monotonic() >= until ||
		    sigtimedwait(stops, NULL, &poll) != -1)
			return false;
	return true;
}

static int
serve(const struct config *config, struct listener *listener)
{
	struct api api;
	sigset_t stops;

	take_signals(&stops);
	otlp_open(config, PROGRAM);
	mail_trace_open(config);
	dispatch_trace();
	if (api_start(&api, config, listener) == -1)
		return EXIT_FAILURE; /* with its threads */
	log_info("started", "version", POSTRIDER_VERSION, "socket",
	    listener->socket.path != NULL ? listener->socket.path : "fd 0",
	    NULL);
	notify_ready();
	if (!config->auth_required)
		log_warning("AUTH=off: whoever reaches the API can send mail",
		    NULL);
	wait_for_signal(&api, &stops);
	notify_stopping();
	log_info("stopping", NULL);
	listener_stop(listener);
	if (!wait_until_idle(&api, &stops)) {
		log_warning("stopped with requests in hand", NULL);
		listener_close(listener);
		_exit(EXIT_FAILURE); /* threads still work on them */
	}
	/* Nothing can be lost any more: a second signal may simply kill us. */
	listener_close(listener);
	exit_timer_start(config->stop_timeout, EXIT_SUCCESS);
	pthread_sigmask(SIG_UNBLOCK, &stops, NULL);
	api_stop(&api);
	otlp_close();
	request_trace_close();
	mail_trace_close();
	log_info("stopped", NULL);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct config config;
	struct listener listener;
	char why[WHY_SIZE];
	int status = options_parse(&options, argc, argv, &config);

	if (status != OPTIONS_RUN)
		goto out;
	status = EXIT_FAILURE;
	bound_heap();
	store_keep_record(config.database_url[0] != '\0');
	if (new_key != NULL) {
		if (first_key_make(&config, new_key) == 0)
			status = EXIT_SUCCESS;
	} else if (FCGX_Init() != 0) {
		log_error("libfcgi does not start", NULL);
	} else if (listener_open(&listener, socket_path, why, sizeof(why)) ==
	    -1) {
		log_error("cannot listen", "why", why, NULL);
	} else {
		status = serve(&config, &listener);
		listener_close(&listener);
	}
out:
	config_free(&config);
	return status;
}
