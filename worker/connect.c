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
#include "login.h"
#include "span.h"
#include "tls.h"

const char *const connect_fault_names[CONNECT_FAULT__MAX] = {
	[CONNECT_OK] = "ok",
	[CONNECT_DNS] = "no address",
	[CONNECT_NETWORK] = "no connection",
	[CONNECT_TLS] = "no TLS",
	[CONNECT_GREETING] = "refused by the relay",
	[CONNECT_AUTH] = "no login",
};

#define TRIED_MAX RESOLVER_ENDPOINTS_MAX

struct connect {
	struct connect_options options;
	struct resolver_wait wait;
	uv_timer_t timer;
	uint64_t started; /* loop time, ms */
	int64_t began; /* with an address: wall clock, ns */
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

/* `failure` has an error and the like; it is the end. */
static void
end_failed(struct connect *connect, const struct connected *failure)
{
	struct connected result = *failure;
	struct buffer text = { 0 };

	buffer_printf(&text, "%s: %s", connect_fault_names[failure->fault],
	    failure->error);
	if (connect->ehlo.refusal.len > 0)
		buffer_printf(&text, "; it said: %s",
		    connect->ehlo.refusal.data);
	if (failure->fault == CONNECT_NETWORK ||
	    failure->fault == CONNECT_GREETING ||
	    (failure->fault == CONNECT_TLS &&
		!tls_is_optional(connect->options.config)))
		shun_tried(connect);
	result.error = text.data;
	connect->options.done(connect, &result, connect->options.arg);
	buffer_free(&text);
	connect_end(connect);
}

static bool
is_refused_for_good(const struct connect *connect)
{
	return connect->ehlo.refusal.len > 0 &&
	    connect->ehlo.refusal.data[0] == '5';
}

static void
connect_fail(struct connect *connect, enum connect_fault fault,
    const char *error)
{
	const struct connected failure = {
		.fault = fault,
		.error = error,
		.broken = is_refused_for_good(connect),
	};

	end_failed(connect, &failure);
}

static void
fail_tls(struct connect *connect, CURLcode rc, const char *error)
{
	struct connected failure = { .fault = CONNECT_TLS };
	struct tls_failure why = {
		.code = rc,
		.error = error,
		.refused = connect->ehlo.refusal.len > 0,
	};
	struct buffer text = { 0 };

	tls_inspect(&why, connect->curl);
	failure.broken = tls_explain(&text, connect->options.config, &why);
	failure.error = text.data;
	end_failed(connect, &failure);
	buffer_free(&text);
}

static void
fail_login(struct connect *connect)
{
	const struct config *config = connect->options.config;
	struct connected failure = { .fault = CONNECT_AUTH };
	struct buffer text = { 0 };

	login_explain(&text, config, &connect->ehlo);
	failure.broken =
	    connect->ehlo.refusal.len == 0 || is_refused_for_good(connect);
	/* Passwords are guessed so: relays lock out who tries often. */
	if (failure.broken && login_is_refused(&connect->ehlo))
		failure.pause = config->smtp_login_retry;
	failure.error = text.data;
	end_failed(connect, &failure);
	buffer_free(&text);
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

/* libcurl counts us from where it began. */
static int64_t
time_of(const struct connect *connect, CURLINFO what)
{
	curl_off_t us = 0;

	(void)curl_easy_getinfo(connect->curl, what, &us); /* or 0 */
	return connect->began + us * 1000;
}

static void
connect_succeed(struct connect *connect)
{
	const struct connect_options *options = &connect->options;
	const struct ehlo *ehlo = &connect->ehlo;
	struct connected result = {
		.fault = CONNECT_OK,
		.keywords = ehlo->keywords,
		.size_max = ehlo->size_max,
		.tls = ehlo->starttls ||
		    options->config->smtp_tls == SMTP_TLS_IMPLICIT,
		.latency =
		    (int64_t)(uv_now(options->loop->loop) - connect->started),
	};

	/* Without a login what is last said is the answer to STARTTLS. */
	if ((ehlo->keywords & EHLO_STARTTLS) != 0 && ehlo->refusal.len > 0)
		result.starttls_refusal = ehlo->refusal.data;
	judge_addresses(connect);
	result.at.tcp = time_of(connect, CURLINFO_CONNECT_TIME_T);
	if (result.tls)
		result.at.tls = time_of(connect, CURLINFO_APPCONNECT_TIME_T);
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
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_USE_SSL_FAILED:
		return CONNECT_TLS;
	default:
		return CONNECT_NETWORK;
	}
}

/* The time is over: by our timer or by libcurl's, whichever looks first. */
static void
tell_timeout(struct connect *connect)
{
	const struct ehlo *ehlo = &connect->ehlo;

	if (connect->curl == NULL)
		connect_fail(connect, CONNECT_DNS, "no answer in time");
	else if (ehlo->stage == EHLO_SILENT)
		connect_fail(connect, CONNECT_NETWORK,
		    tls_silence(connect->options.config));
	else if (ehlo->stage == EHLO_GREETED && ehlo->starttls)
		fail_tls(connect, CURLE_OPERATION_TIMEDOUT,
		    "not agreed on in time");
	else
		connect_fail(connect, CONNECT_GREETING,
		    ehlo->stage == EHLO_GREETED ?
			"no reply to EHLO in time" :
			"STARTTLS or login not answered in time");
}

static void
on_timeout(uv_timer_t *timer)
{
	struct connect *connect = timer->data;

	resolver_cancel(connect->options.resolver, &connect->wait);
	tell_timeout(connect);
}

void
connect_on_done(CURL *curl, CURLcode rc)
{
	struct connect *connect = NULL;
	enum connect_fault fault;
	const char *error;

	if (curl_easy_getinfo(curl, CURLINFO_PRIVATE, &connect) != CURLE_OK ||
	    connect == NULL)
		return; /* a session's by now */
	error =
	    connect->error[0] != '\0' ? connect->error : curl_easy_strerror(rc);
	fault = rc == CURLE_OK ? CONNECT_OK : fault_of(rc);
	/* libcurl goes on without a login where none is offered. */
	if (fault == CONNECT_AUTH ||
	    (fault == CONNECT_OK && login_is_wanted(connect->options.config) &&
		!connect->ehlo.logged_in))
		fail_login(connect);
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		tell_timeout(connect);
	else if (fault == CONNECT_TLS)
		fail_tls(connect, rc, error);
	else if (fault == CONNECT_OK)
		connect_succeed(connect);
	else
		connect_fail(connect, fault, error);
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
	const struct connect_options *options = &connect->options;
	struct connected unread = { .fault = CONNECT_AUTH, .broken = true };
	struct buffer why = { 0 };

	if (error != NULL) {
		connect_fail(connect, CONNECT_DNS, error);
		return;
	}
	connect->began = span_now();
	connect->curl = curl_easy_init();
	if (connect->curl == NULL)
		abort();
	if (login_set(connect->curl, options->config, &why) != 0) {
		unread.error = why.data;
		end_failed(connect, &unread);
		buffer_free(&why);
	} else if (curl_smtp_set(connect->curl, options->config) != 0 ||
	    tls_set(connect->curl, options->config, options->plain) != 0 ||
	    set_callbacks(connect) != 0 || set_addresses(connect) != 0 ||
	    curl_loop_add(options->loop, connect->curl) != 0) {
		connect_fail(connect, CONNECT_NETWORK,
		    "libcurl does not take the settings");
	}
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
