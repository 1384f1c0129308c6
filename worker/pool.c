/* SPDX-License-Identifier: MIT */
/* Opening and counting connections. */
#include "pool.h"

#include <stdlib.h>
#include <string.h>

#include "id.h"
#include "log.h"
#include "login.h"
#include "timestamp.h"
#include "tls.h"

static int64_t
loop_time(const struct pool *pool)
{
	return (int64_t)uv_now(pool->loop);
}

size_t
pool_count(const struct pool *pool, bool (*is)(const struct session *))
{
	size_t i, n = 0;

	for (i = 0; i < pool->sessions_len; i++)
		if (session_is_open(pool->sessions[i]) && is(pool->sessions[i]))
			n++;
	return n;
}

/* -- health ---------------------------------------------------------------- */

static void
on_pause_end(uv_timer_t *timer)
{
	(void)timer; /* it has woken the loop, that is all */
}

/*
 * While it is down no mail comes: a connection without one would only stand in
 * the way of the one that shows whether it is back.
 */
static void
retire_empty(struct pool *pool)
{
	size_t i;

	for (i = 0; i < pool->sessions_len; i++)
		if (session_is_open(pool->sessions[i]) &&
		    session_is_empty(pool->sessions[i]))
			session_retire(pool->sessions[i]);
}

static void
handle_failure(struct pool *pool, const struct circuit_failure *failure)
{
	struct circuit_moment moment = { .loop = loop_time(pool),
		.wall = timestamp_now(),
		.random = id_random() };
	int64_t pause;

	if (pool->stopped)
		return;
	pause = circuit_fail(&pool->circuit, failure, &moment);
	pool->changed = true;
	(void)uv_timer_start(&pool->pause, on_pause_end, (uint64_t)pause, 0);
	if (pool->circuit.state == RELAY_DOWN)
		retire_empty(pool);
}

static void
on_served(void *arg)
{
	struct pool *pool = arg;

	if (!pool->circuit.doubted)
		return;
	circuit_proven(&pool->circuit, timestamp_now());
	pool->changed = true;
}

/* A mail that is being claimed for it would need another one. */
static bool
on_idle(void *arg)
{
	const struct pool *pool = arg;

	return pool_count(pool, session_is_empty) > pool->demand;
}

static void
on_paced(void *arg, int64_t ms)
{
	struct pool *pool = arg;

	pool->quick = ms < pool->config->pipeline_wait / 2;
}

/* -- opportunistic TLS (RFC 7435 3: better in clear than not at all) -------- */

static bool
is_plain(const struct pool *pool)
{
	return loop_time(pool) < pool->plain_until;
}

static void
go_plain(struct pool *pool, const char *why)
{
	if (is_plain(pool))
		return; /* others that began before it failed */
	pool->plain_until = loop_time(pool) + pool->config->smtp_tls_retry;
	log_warning("no TLS with the relay: mail goes to it in clear", "relay",
	    pool->name.data, "why", why, "s",
	    log_number(pool->config->smtp_tls_retry / 1000), NULL);
}

/* -- sessions -------------------------------------------------------------- */

static void
on_session_ended(void *arg, enum dialogue_end how, const char *why)
{
	struct pool *pool = arg;
	const struct circuit_failure failure = {
		.why = why,
		.connected = true,
		.broken = how == DIALOGUE_REFUSED,
		.others = how == DIALOGUE_UNPROVEN &&
		    pool_count(pool, session_is_proven) > 0,
	};

	pool->changed = true;
	log_debug("connection ended", "relay", pool->name.data, "why", why,
	    NULL);
	if (how != DIALOGUE_DONE)
		handle_failure(pool, &failure);
}

/* The last handle that is closed. */
static void
let_go(struct pool *pool)
{
	if (!pool->closing || pool->handles > 0 || pool->sessions_len > 0)
		return;
	free(pool->sessions);
	free(pool->connects);
	buffer_free(&pool->name);
	pool->closed(pool);
}

static void
on_session_gone(void *arg, struct session *session)
{
	struct pool *pool = arg;
	size_t i;

	for (i = 0; pool->sessions[i] != session; i++)
		continue;
	/* The order stays: the first ones are used first. */
	memmove(&pool->sessions[i], &pool->sessions[i + 1],
	    (pool->sessions_len - i - 1) * sizeof(struct session *));
	pool->sessions_len--;
	let_go(pool);
}

static void
open_session(struct pool *pool, const struct connected *connected)
{
	const struct session_options options = {
		.loop = pool->loop,
		.config = pool->config,
		.quick = &pool->quick,
		.served = on_served,
		.may_end = on_idle,
		.paced = on_paced,
		.ended = on_session_ended,
		.gone = on_session_gone,
		.arg = pool,
	};
	struct session *session;

	if (connected->starttls_refusal != NULL)
		go_plain(pool, connected->starttls_refusal);
	log_debug("connected", "relay", pool->name.data, "tls",
	    connected->tls ? "yes" : "no", NULL);
	circuit_connected(&pool->circuit, connected->latency, timestamp_now());
	pool->changed = true;
	session = session_new(&options, connected);
	if (session != NULL)
		pool->sessions[pool->sessions_len++] = session;
}

static void
on_connected(struct connect *connect, const struct connected *connected,
    void *arg)
{
	struct pool *pool = arg;
	const struct circuit_failure failure = {
		.why = connected->error,
		.broken = connected->broken,
		.others = pool_count(pool, session_is_open) > 0,
		.pause = connected->pause,
	};
	size_t i;

	for (i = 0; pool->connects[i] != connect; i++)
		continue;
	pool->connects[i] = pool->connects[--pool->connects_len];
	if (connected->fault == CONNECT_OK)
		open_session(pool, connected);
	else if (connected->fault == CONNECT_TLS &&
	    tls_is_optional(pool->config))
		go_plain(pool, connected->error);
	else
		handle_failure(pool, &failure);
}

/* -- growing --------------------------------------------------------------- */

static void
open_connection(struct pool *pool)
{
	const struct connect_options options = {
		.loop = &pool->curl,
		.resolver = pool->resolver,
		.config = pool->config,
		.plain = is_plain(pool),
		.done = on_connected,
		.arg = pool,
	};

	pool->connects[pool->connects_len++] = connect_start(&options);
}

/* How many more there may be. */
static size_t
count_left(const struct pool *pool)
{
	const size_t limit = (size_t)pool->config->smtp_connections;
	const size_t all = pool->sessions_len + pool->connects_len;
	const size_t used = pool_count(pool, session_is_open) -
	    pool_count(pool, session_is_overdue) + pool->connects_len;
	const size_t left = used < limit ? limit - used : 0;

	return left < pool->most - all ? left : pool->most - all;
}

/* How many more there should be: one for every mail without an empty one. */
static size_t
count_wanted(const struct pool *pool)
{
	size_t demand = pool->demand;
	const size_t coming =
	    pool->connects_len + pool_count(pool, session_is_empty);

	/* A relay that is down is tried, whether mails wait or not. */
	if (demand == 0 && pool->circuit.state == RELAY_DOWN)
		demand = 1;
	return demand > coming ? demand - coming : 0;
}

/* How many attempts may be under way. */
static size_t
count_at_once(const struct pool *pool)
{
	size_t allowed;

	/* The one that will show whether the relay works is there already. */
	if (pool->circuit.doubted &&
	    pool_count(pool, session_is_proven) <
		pool_count(pool, session_is_open))
		return 0;
	allowed = circuit_allows(&pool->circuit, loop_time(pool));
	/* One login shows whether the others will do. */
	if (allowed > 1 && login_is_wanted(pool->config) &&
	    pool_count(pool, session_is_open) == 0)
		allowed = 1;
	return allowed;
}

void
pool_grow(struct pool *pool)
{
	const size_t at_once = count_at_once(pool);
	const size_t left = count_left(pool);
	size_t wanted = count_wanted(pool);

	if (pool->stopped)
		return;
	if (wanted > left)
		wanted = left;
	for (; wanted > 0 && pool->connects_len < at_once; wanted--)
		open_connection(pool);
	if (pool->demand == 0 && pool->sessions_len + pool->connects_len == 0)
		circuit_idle(&pool->circuit, timestamp_now());
}

/* -- its life -------------------------------------------------------------- */

void
pool_open(struct pool *pool, uv_loop_t *loop, const struct config *config)
{
	memset(pool, 0, sizeof(*pool));
	pool->loop = loop;
	pool->config = config;
	pool->most = POOL_OVERDUE_FACTOR * (size_t)config->smtp_connections;
	pool->sessions = calloc(pool->most, sizeof(struct session *));
	pool->connects = calloc(pool->most, sizeof(struct connect *));
	if (pool->sessions == NULL || pool->connects == NULL ||
	    curl_loop_open(&pool->curl, loop, connect_on_done) != 0)
		abort();
	buffer_printf(&pool->name,
	    strchr(config->smtp_host, ':') ? "[%s]:%lld" : "%s:%lld",
	    config->smtp_host, (long long)config->smtp_port);
	pool->resolver = resolver_new(loop, config);
	circuit_open(&pool->circuit, config, pool->name.data, timestamp_now());
	(void)uv_timer_init(loop, &pool->pause); /* cannot fail */
	pool->pause.data = pool;
	pool->handles = 2; /* with the curl loop's */
}

void
pool_stop(struct pool *pool)
{
	size_t i;

	pool->stopped = true;
	while (pool->connects_len > 0)
		connect_cancel(pool->connects[--pool->connects_len]);
	for (i = 0; i < pool->sessions_len; i++)
		session_retire(pool->sessions[i]);
}

static void
on_pause_closed(uv_handle_t *handle)
{
	struct pool *pool = handle->data;

	pool->handles--;
	let_go(pool);
}

static void
on_curl_closed(void *arg)
{
	struct pool *pool = arg;

	pool->handles--;
	let_go(pool);
}

void
pool_close(struct pool *pool, void (*closed)(struct pool *))
{
	size_t i;

	pool->stopped = true;
	pool->closing = true;
	pool->closed = closed;
	while (pool->connects_len > 0)
		connect_cancel(pool->connects[--pool->connects_len]);
	for (i = 0; i < pool->sessions_len; i++)
		session_abort(pool->sessions[i]);
	resolver_free(pool->resolver);
	curl_loop_close(&pool->curl, on_curl_closed, pool);
	uv_close((uv_handle_t *)&pool->pause, on_pause_closed);
}
