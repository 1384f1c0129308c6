/* SPDX-License-Identifier: MIT */
/*
 * Connecting to the relay with libcurl. What happens on the connection
 * afterwards is session.c's.
 */
#include "connect.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "curl_smtp.h"

const char *const connect_fault_names[CONNECT_FAULT__MAX] = {
	[CONNECT_OK] = "ok",
	[CONNECT_DNS] = "no address",
	[CONNECT_NETWORK] = "no connection",
	[CONNECT_TLS] = "no TLS",
	[CONNECT_GREETING] = "refused by the relay",
	[CONNECT_AUTH] = "login refused by the relay",
};

#define TRIED_MAX RESOLVER_ENDPOINTS_MAX

struct connect {
	struct connect_options options;
	struct resolver_wait wait;
	uv_timer_t timer;
	uint64_t started; /* loop time, ms */
	CURL *curl; /* NULL before an address is known */
	struct curl_slist *resolve;
	struct ehlo ehlo;
	size_t tried_len;
	struct sockaddr_storage tried[TRIED_MAX];
	char error[CURL_ERROR_SIZE];
};

/* -- its end --------------------------------------------------------------- */

static void
on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
connect_end(struct connect *connect)
{
	if (connect->curl != NULL)
		curl_easy_cleanup(connect->curl);
	curl_slist_free_all(connect->resolve);
	ehlo_free(&connect->ehlo);
	uv_close((uv_handle_t *)&connect->timer, on_timer_closed);
}

void
connect_cancel(struct connect *connect)
{
	resolver_cancel(connect->options.resolver, &connect->wait);
	connect_end(connect);
}

static void
shun_tried(const struct connect *connect)
{
	size_t i;

	for (i = 0; i < connect->tried_len; i++)
		resolver_shun(connect->options.resolver,
		    (const struct sockaddr *)&connect->tried[i]);
}

static void
connect_fail(struct connect *connect, enum connect_fault fault,
    const char *error)
{
	struct connected result = { .fault = fault };
	struct buffer text = { 0 };

	buffer_printf(&text, "%s: %s", connect_fault_names[fault], error);
	if (connect->ehlo.refusal.len > 0)
		buffer_printf(&text, "; it said: %s",
		    connect->ehlo.refusal.data);
	if (fault != CONNECT_DNS && fault != CONNECT_AUTH)
		shun_tried(connect);
	result.error = text.data;
	result.broken = fault == CONNECT_TLS ||
	    (connect->ehlo.refusal.len > 0 &&
		connect->ehlo.refusal.data[0] == '5');
	connect->options.done(connect, &result, connect->options.arg);
	buffer_free(&text);
	connect_end(connect);
}

/* Nothing of ours may be pointed to by the handle any more. */
static CURL *
release_handle(struct connect *connect)
{
	CURL *curl = connect->curl;

	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, NULL);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, NULL);
	(void)curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, NULL);
	(void)curl_easy_setopt(curl, CURLOPT_RESOLVE, NULL);
	(void)curl_easy_setopt(curl, CURLOPT_PRIVATE, NULL);
	connect->curl = NULL;
	return curl;
}

/* Those that were tried before the one that took us had failed. */
static void
judge_addresses(const struct connect *connect)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(connect->curl, CURLINFO_ACTIVESOCKET, &fd) !=
		CURLE_OK ||
	    getpeername(fd, (struct sockaddr *)&peer, &len) != 0)
		return;
	shun_tried(connect);
	resolver_trust(connect->options.resolver, (struct sockaddr *)&peer);
}

static void
connect_succeed(struct connect *connect)
{
	const struct connect_options *options = &connect->options;
	struct connected result = {
		.fault = CONNECT_OK,
		.keywords = connect->ehlo.keywords,
		.tls = connect->ehlo.starttls ||
		    options->config->smtp_tls == SMTP_TLS_IMPLICIT,
		.latency =
		    (int64_t)(uv_now(options->loop->loop) - connect->started),
	};

	judge_addresses(connect);
	result.curl = release_handle(connect);
	options->done(connect, &result, options->arg);
	connect_end(connect);
}

static enum connect_fault
fault_of(CURLcode rc)
{
	/* int: of libcurl's hundred codes only these matter. */
	switch ((int)rc) {
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_REMOTE_ACCESS_DENIED:
		return CONNECT_GREETING;
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
		return CONNECT_AUTH;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_USE_SSL_FAILED:
		return CONNECT_TLS;
	default:
		return CONNECT_NETWORK;
	}
}

void
connect_on_done(CURL *curl, CURLcode rc)
{
	struct connect *connect = NULL;

	if (curl_easy_getinfo(curl, CURLINFO_PRIVATE, &connect) != CURLE_OK ||
	    connect == NULL)
		return; /* a session's by now */
	if (rc == CURLE_OK)
		connect_succeed(connect);
	else
		connect_fail(connect, fault_of(rc),
		    connect->error[0] != '\0' ? connect->error :
						curl_easy_strerror(rc));
}

static void
on_timeout(uv_timer_t *timer)
{
	struct connect *connect = timer->data;

	resolver_cancel(connect->options.resolver, &connect->wait);
	if (connect->curl == NULL)
		connect_fail(connect, CONNECT_DNS, "no answer in time");
	else if (connect->ehlo.stage == EHLO_SILENT)
		connect_fail(connect, CONNECT_NETWORK, "no greeting in time");
	else
		connect_fail(connect, CONNECT_GREETING,
		    connect->ehlo.stage == EHLO_GREETED ?
			"no reply to EHLO in time" :
			"TLS or login not done in time");
}

/* -- its beginning --------------------------------------------------------- */

/* Called by libcurl with each line of the relay's. */
static size_t
on_line(char *line, size_t size, size_t n, void *arg)
{
	struct connect *connect = arg;

	ehlo_take_line(&connect->ehlo, line, n * size);
	return n * size;
}

/* Called by libcurl for a socket: this is how we learn what it tries. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct connect *connect = arg;

	(void)purpose;
	if (connect->tried_len < TRIED_MAX &&
	    address->addrlen <= sizeof(*connect->tried))
		memcpy(&connect->tried[connect->tried_len++], &address->addr,
		    address->addrlen);
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
}

/* The options that point back to us. */
static int
set_callbacks(struct connect *connect)
{
	CURL *curl = connect->curl;
	int failed = 0;

	failed |= curl_easy_setopt(curl, CURLOPT_PRIVATE, connect) != CURLE_OK;
	failed |= curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, connect->error) !=
	    CURLE_OK;
	failed |=
	    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_line) != CURLE_OK;
	failed |=
	    curl_easy_setopt(curl, CURLOPT_HEADERDATA, connect) != CURLE_OK;
	failed |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION,
		      on_socket) != CURLE_OK;
	failed |=
	    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, connect) != CURLE_OK;
	return failed ? -1 : 0;
}

/* The addresses for libcurl, which must not look them up itself. */
static int
set_addresses(struct connect *connect)
{
	const struct config *config = connect->options.config;
	struct buffer text = { 0 };

	if (resolver_is_literal(connect->options.resolver))
		return 0;
	buffer_printf(&text, "+%s:%lld:", config->smtp_host,
	    (long long)config->smtp_port);
	resolver_write(connect->options.resolver, &text);
	connect->resolve = curl_slist_append(NULL, text.data);
	buffer_free(&text);
	return curl_easy_setopt(connect->curl, CURLOPT_RESOLVE,
		   connect->resolve) == CURLE_OK ?
	    0 :
	    -1;
}

static void
on_resolved(struct resolver_wait *wait, const char *error)
{
	struct connect *connect = wait->arg;

	if (error != NULL) {
		connect_fail(connect, CONNECT_DNS, error);
		return;
	}
	connect->curl = curl_easy_init();
	if (connect->curl == NULL)
		abort();
	if (curl_smtp_set(connect->curl, connect->options.config) != 0 ||
	    set_callbacks(connect) != 0 || set_addresses(connect) != 0 ||
	    curl_loop_add(connect->options.loop, connect->curl) != 0)
		connect_fail(connect, CONNECT_NETWORK,
		    "libcurl does not take the settings");
}

/* The timer's first turn asks for addresses; then it is the time limit. */
static void
on_start(uv_timer_t *timer)
{
	struct connect *connect = timer->data;

	(void)uv_timer_start(timer, on_timeout,
	    (uint64_t)connect->options.config->smtp_connect_timeout, 0);
	resolver_ask(connect->options.resolver, &connect->wait);
}

struct connect *
connect_start(const struct connect_options *options)
{
	struct connect *connect = calloc(1, sizeof(*connect));
	uv_loop_t *loop = options->loop->loop;

	if (connect == NULL)
		abort();
	connect->options = *options;
	connect->wait.done = on_resolved;
	connect->wait.arg = connect;
	connect->started = uv_now(loop);
	(void)uv_timer_init(loop, &connect->timer); /* cannot fail */
	connect->timer.data = connect;
	(void)uv_timer_start(&connect->timer, on_start, 0, 0);
	return connect;
}
