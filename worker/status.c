/* SPDX-License-Identifier: MIT */
/* A small HTTP server on the loop, by GNU libmicrohttpd. */
#include "status.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "health.h"
#include "log.h"
#include "worker.h"
#include "worker_metrics.h"

/* s: a connection that says nothing; who asks again opens another. */
#define IDLE_TIMEOUT 10U
#define CONNECTIONS 64U
#define TICK 1000 /* ms: how often its own timeouts are looked at */

struct status {
	struct worker *worker;
	struct MHD_Daemon *daemon;
	uv_poll_t poll; /* libmicrohttpd's epoll descriptor */
	uv_timer_t tick;
	int handles; /* still open */
};

static const char not_found[] =
    "{\"error\":\"Not Found\",\"statusCode\":404,\"name\":\"not_found\","
    "\"message\":\"There is only /health, /ready and /metrics here\",\"details\":[]}\n";
static const char not_allowed[] =
    "{\"error\":\"Method Not Allowed\",\"statusCode\":405,"
    "\"name\":\"method_not_allowed\",\"message\":\"Only GET and HEAD\","
    "\"details\":[]}\n";

struct answer {
	unsigned code;
	const char *type;
	struct buffer body;
};

static void
answer_ready(const struct worker *worker, struct answer *answer)
{
	if (!health_ready(worker, &answer->body))
		answer->code = MHD_HTTP_SERVICE_UNAVAILABLE;
}

static void
answer_metrics(const struct worker *worker, struct answer *answer)
{
	answer->type = METRICS_TYPE;
	worker_metrics_write(worker, &answer->body);
}

static void
make_answer(const struct worker *worker, const char *method, const char *path,
    struct answer *answer)
{
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		answer->code = MHD_HTTP_METHOD_NOT_ALLOWED;
		buffer_add_text(&answer->body, not_allowed);
	} else if (strcmp(path, "/health") == 0) {
		health_write(worker, &answer->body);
	} else if (strcmp(path, "/ready") == 0) {
		answer_ready(worker, answer);
	} else if (strcmp(path, "/metrics") == 0) {
		answer_metrics(worker, answer);
	} else {
		answer->code = MHD_HTTP_NOT_FOUND;
		buffer_add_text(&answer->body, not_found);
	}
}

/* The signature is libmicrohttpd's (MHD_AccessHandlerCallback). */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **state)
{
	struct status *status = arg;
	struct answer answer = { MHD_HTTP_OK, "application/json", { 0 } };
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)version;
	(void)upload;
	if (*state == NULL || *upload_len > 0) { /* the body is to come */
		*state = status;
		*upload_len = 0;
		return MHD_YES;
	}
	make_answer(status->worker, method, path, &answer);
	response = MHD_create_response_from_buffer(answer.body.len,
	    answer.body.data, MHD_RESPMEM_MUST_COPY);
	buffer_free(&answer.body);
	if (response == NULL)
		return MHD_NO;
	/* Without the header it is still an answer. */
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
	    answer.type);
	if (answer.code == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
		    "GET, HEAD");
	result = MHD_queue_response(connection, answer.code, response);
	MHD_destroy_response(response);
	return result;
}

static void
on_readable(uv_poll_t *poll, int uv_status, int events)
{
	struct status *status = poll->data;

	(void)uv_status;
	(void)events;
	/* What fails for one connection ends that connection. */
	(void)MHD_run(status->daemon);
}

static void
on_tick(uv_timer_t *tick)
{
	struct status *status = tick->data;

	(void)MHD_run(status->daemon);
}

/* STATUS_HOST is an address: 127.0.0.1, 0.0.0.0, ::1, ::. 0 or -1. */
static int
read_address(const struct config *config, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, config->status_host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)config->port);
		return 0;
	}
	if (inet_pton(AF_INET6, config->status_host, &v6->sin6_addr) != 1)
		return -1;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)config->port);
	return 0;
}

static struct MHD_Daemon *
listen_on(struct status *status)
{
	const struct config *config = status->worker->config;
	struct sockaddr_storage address;

	if (read_address(config, &address) == -1) {
		log_error("STATUS_HOST is no IP address", "host",
		    config->status_host, NULL);
		return NULL;
	}
	return MHD_start_daemon(MHD_USE_EPOLL |
		(address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0),
	    0, NULL, NULL, on_request, status, MHD_OPTION_SOCK_ADDR, &address,
	    MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT,
	    MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_END);
}

struct status *
status_new(struct worker *worker)
{
	struct status *status = calloc(1, sizeof(*status));
	const union MHD_DaemonInfo *info;

	if (status == NULL)
		abort();
	status->worker = worker;
	status->poll.data = status->tick.data = status;
	status->daemon = listen_on(status);
	if (status->daemon == NULL) {
		log_error("the status port cannot be had", "host",
		    worker->config->status_host, "port",
		    log_number(worker->config->port), NULL);
		free(status);
		return NULL;
	}
	info = MHD_get_daemon_info(status->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	/* None of these fails on a fresh handle and an open descriptor. */
	(void)uv_poll_init(worker->loop, &status->poll, info->epoll_fd);
	(void)uv_poll_start(&status->poll, UV_READABLE, on_readable);
	(void)uv_timer_init(worker->loop, &status->tick);
	(void)uv_timer_start(&status->tick, on_tick, TICK, TICK);
	status->handles = 2;
	return status;
}

static void
on_closed(uv_handle_t *handle)
{
	struct status *status = handle->data;

	if (--status->handles > 0)
		return;
	MHD_stop_daemon(status->daemon);
	free(status);
}

void
status_free(struct status *status)
{
	if (status == NULL)
		return;
	uv_close((uv_handle_t *)&status->poll, on_closed);
	uv_close((uv_handle_t *)&status->tick, on_closed);
}
