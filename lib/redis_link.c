/* SPDX-License-Identifier: MIT */
/* Connects to Redis without blocking, and prepares the connection. */
#include "redis_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "large_reply.h"
#include "redis_poll.h"
#include "redis_tls.h"
#include "redis_url.h"
#include "seclusion.h"

struct redis_link {
	struct redis_link_options options;
	struct redis_url url;
	uv_getaddrinfo_t resolver;
	uv_timer_t soon; /* a failure at once is told on the next turn */
	char early[128]; /* that failure */
	unsigned handles; /* uv's references to this struct */
	bool dropped;
	redisAsyncContext *context;
	unsigned unprepared; /* replies of the preparation still to come */
	enum store_durability durability;
	char advice[256];
};

/* Frees it once nothing of uv refers to it. */
static void
release(struct redis_link *link)
{
	if (!link->dropped || link->handles > 0)
		return;
	redis_url_clear(&link->url);
	free(link);
}

static void
on_closed(uv_handle_t *handle)
{
	struct redis_link *link = handle->data;

	link->handles--;
	release(link);
}

void
redis_link_drop(struct redis_link *link, const char *why)
{
	redisAsyncContext *context = link->context;

	if (link->dropped)
		return;
	link->dropped = true;
	link->context = NULL;
	uv_close((uv_handle_t *)&link->soon, on_closed);
	/* It fails when the resolver is at work: then its callback comes. */
	(void)uv_cancel((uv_req_t *)&link->resolver);
	if (why != NULL)
		link->options.lost(link->options.arg, why);
	if (context != NULL) {
		context->data = NULL;
		redisAsyncFree(context);
	}
}

/* -- preparing ------------------------------------------------------------ */

/* Every reply of the preparation comes through here. */
static void
prepared_one(struct redis_link *link, const redisReply *reply)
{
	char why[256];

	if (reply != NULL && reply->type == REDIS_REPLY_ERROR) {
		store_explain(reply->str, why, sizeof(why));
		redis_link_drop(link, why);
		return;
	}
	if (reply != NULL && --link->unprepared == 0)
		link->options.ready(link->options.arg);
}

static void
on_prepared(redisAsyncContext *context, void *reply, void *arg)
{
	(void)arg;
	if (context->data != NULL)
		prepared_one(context->data, reply);
}

static void
on_durability(redisAsyncContext *context, void *reply, void *arg)
{
	struct redis_link *link = context->data;
	const redisReply fine = { .type = REDIS_REPLY_NIL };

	(void)arg;
	if (link == NULL || reply == NULL)
		return;
	link->durability =
	    store_durability_of(reply, link->advice, sizeof(link->advice));
	prepared_one(link, &fine); /* CONFIG may be refused: unknown then */
}

/* A script that would write, for nothing: a Redis that refuses is not ready. */
static void
ask_for_writes(redisAsyncContext *c)
{
	struct store_call script;
	char *command;
	size_t len;

	store_call_begin(&script, STORE_PUBLISHED);
	command = store_call_format(&script, &len);
	redisAsyncFormattedCommand(c, on_prepared, NULL, command, len);
	redisFreeCommand(command);
}

static void
load_scripts(redisAsyncContext *c)
{
	char *command;
	size_t len;
	int i;

	for (i = 0; i < STORE_SCRIPT__MAX; i++) {
		command = store_load_format((enum store_script)i, &len);
		redisAsyncFormattedCommand(c, on_prepared, NULL, command, len);
		redisFreeCommand(command);
	}
	redisAsyncCommand(c, on_durability, NULL, STORE_DURABILITY_COMMAND);
	ask_for_writes(c);
}

static void
on_welcome(redisAsyncContext *context, void *reply, void *arg)
{
	on_prepared(context, reply, arg);
	if (context->data != NULL && reply != NULL)
		load_scripts(context);
}

/*
 * The scripts when it has let us in: from others Redis takes 16 KiB at once, and
 * would close the connection before it has said that it wants a password.
 */
static void
prepare(struct redis_link *link)
{
	const struct redis_url *url = &link->url;
	redisAsyncContext *c = link->context;

	link->unprepared = STORE_SCRIPT__MAX + 3;
	if (url->password != NULL) {
		link->unprepared++;
		if (url->user != NULL && url->user[0] != '\0')
			redisAsyncCommand(c, on_prepared, NULL, "AUTH %s %s",
			    url->user, url->password);
		else
			redisAsyncCommand(c, on_prepared, NULL, "AUTH %s",
			    url->password);
	}
	if (url->db != 0) {
		link->unprepared++;
		redisAsyncCommand(c, on_prepared, NULL, "SELECT %d", url->db);
	}
	redisAsyncCommand(c, on_welcome, NULL, "PING");
}

/* -- connecting ------------------------------------------------------------ */

static void
on_connect(const redisAsyncContext *context, int status)
{
	struct redis_link *link = context->data;
	char why[128];

	if (link == NULL)
		return;
	if (status == REDIS_OK) {
		prepare(link);
		return;
	}
	snprintf(why, sizeof(why), "connect: %s", context->errstr);
	link->context = NULL; /* hiredis frees it after this callback */
	redis_link_drop(link, why);
}

static void
on_disconnect(const redisAsyncContext *context, int status)
{
	struct redis_link *link = context->data;
	char why[128];

	(void)status;
	if (link == NULL)
		return;
	snprintf(why, sizeof(why), "%s",
	    context->err != 0 ? context->errstr : "closed");
	if (link->url.tls && strcmp(why, strerror(0)) == 0)
		snprintf(why, sizeof(why), "TLS: the handshake failed");
	link->context = NULL; /* hiredis frees it after this callback */
	redis_link_drop(link, why);
}

static void
on_soon(uv_timer_t *timer)
{
	struct redis_link *link = timer->data;

	redis_link_drop(link, link->early);
}

static void
fail_soon(struct redis_link *link, const char *why)
{
	snprintf(link->early, sizeof(link->early), "%s", why);
	/* A timer of zero cannot fail on an open handle. */
	(void)uv_timer_start(&link->soon, on_soon, 0, 0);
}

static void
attach(struct redis_link *link, redisAsyncContext *context)
{
	char why[128];

	if (context == NULL || context->err != 0) {
		fail_soon(link,
		    context != NULL ? context->errstr : "out of memory");
		if (context != NULL)
			redisAsyncFree(context);
		return;
	}
	seclusion_keep(context->c.fd);
	if (link->url.tls &&
	    redis_tls_start(&context->c, &link->url, why, sizeof(why)) == -1) {
		fail_soon(link, why);
		redisAsyncFree(context);
		return;
	}
	link->context = context;
	context->data = link;
	large_reply_release(context->c.reader);
	redis_poll_attach(context, link->options.loop);
	redisAsyncSetConnectCallback(context, on_connect);
	redisAsyncSetDisconnectCallback(context, on_disconnect);
}

static void
on_resolved(uv_getaddrinfo_t *resolver, int status, struct addrinfo *found)
{
	struct redis_link *link = resolver->data;
	char ip[64], why[128];

	link->handles--;
	if (link->dropped) {
		uv_freeaddrinfo(found);
		release(link);
		return;
	}
	if (status == 0)
		status = uv_ip_name(found->ai_addr, ip, sizeof(ip));
	if (status == 0)
		attach(link, redisAsyncConnect(ip, link->url.port));
	uv_freeaddrinfo(found);
	if (status == 0)
		return;
	snprintf(why, sizeof(why), "resolve %s: %s", link->url.host,
	    uv_strerror(status));
	redis_link_drop(link, why);
}

static void
resolve(struct redis_link *link)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	int status = uv_getaddrinfo(link->options.loop, &link->resolver,
	    on_resolved, link->url.host, NULL, &hints);

	if (status == 0)
		link->handles++;
	else
		fail_soon(link, uv_strerror(status));
}

struct redis_link *
redis_link_open(const struct redis_link_options *options)
{
	struct redis_link *link = calloc(1, sizeof(*link));
	const char *why;

	if (link == NULL)
		abort();
	link->options = *options;
	link->resolver.data = link->soon.data = link;
	/* A timer's init cannot fail. */
	(void)uv_timer_init(options->loop, &link->soon);
	link->handles = 1;
	if (redis_url_parse(&link->url, options->config->redis_url, &why) == -1)
		fail_soon(link, why);
	else if (link->url.path != NULL)
		attach(link, redisAsyncConnectUnix(link->url.path));
	else
		resolve(link);
	return link;
}

void
redis_link_flush(struct redis_link *link)
{
	if (link->context != NULL)
		redis_poll_flush(link->context);
}

redisAsyncContext *
redis_link_context(const struct redis_link *link)
{
	return link->context;
}

enum store_durability
redis_link_durability(const struct redis_link *link, const char **advice)
{
	*advice = link->advice;
	return link->durability;
}
