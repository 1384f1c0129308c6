/* SPDX-License-Identifier: MIT */
/*
 * A list of commands that are not answered yet, in order, and a link that is
 * made again whenever it is lost or silent.
 */
#include "store_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "id.h"
#include "log.h"
#include "outage.h"
#include "redis_link.h"
#include "retry.h"
#include "timestamp.h"

/* ms: how finely REDIS_TIMEOUT and the pauses are kept; no wait of its own. */
#define TICK 250

struct command {
	struct command *next;
	struct store_client *client; /* NULL: the client is gone */
	char *text; /* of redisFormatCommand */
	size_t len;
	store_client_fn *done;
	void *arg;
	int64_t sent_at; /* monotonic ms; 0: not on this link */
};

struct store_client {
	struct store_client_options options;
	struct command *first, **end;
	struct redis_link *link;
	uv_timer_t tick;
	uv_prepare_t turn;
	unsigned handles; /* uv's references to this struct */
	bool up, told_durability;
	struct presence presence; /* what the log was told */
	unsigned failures;
	int64_t retry_at, opened_at, up_at; /* monotonic ms */
	int64_t changed_at; /* wall clock ms */
	int64_t latency;
	enum store_durability durability;
	char advice[256], last_error[256];
};

/* -- commands --------------------------------------------------------------- */

static void
command_free(struct command *command)
{
	redisFreeCommand(command->text);
	free(command);
}

static void
unlink_command(struct store_client *client, struct command *command)
{
	struct command **at = &client->first;

	while (*at != command) /* answers come in order: the first, mostly */
		at = &(*at)->next;
	*at = command->next;
	if (*at == NULL)
		client->end = at;
}

/* Redis cannot write now: what was refused is kept for the next link. */
static bool
is_refused(struct store_client *client, const redisReply *reply)
{
	enum store_error error = store_error_of(reply);

	if (error != STORE_REFUSED && error != STORE_NO_SCRIPT)
		return false;
	if (client->link != NULL)
		redis_link_drop(client->link, reply->str);
	return true;
}

static void
on_reply(redisAsyncContext *context, void *r, void *arg)
{
	struct command *command = arg;
	struct store_client *client = command->client;

	(void)context;
	if (client == NULL) {
		command_free(command);
		return;
	}
	if (r == NULL || is_refused(client, r))
		return; /* the link is lost: sent again on the next */
	client->latency = timestamp_monotonic() - command->sent_at;
	unlink_command(client, command);
	if (command->done != NULL)
		command->done(command->arg, r);
	command_free(command);
}

static void
send_command(struct store_client *client, struct command *command)
{
	redisAsyncContext *context = redis_link_context(client->link);

	command->sent_at = timestamp_monotonic();
	/* It fails only on a link that is closing; `lost` comes then. */
	(void)redisAsyncFormattedCommand(context, on_reply, command,
	    command->text, command->len);
}

static void
add(struct store_client *client, char *text, size_t len, store_client_fn *done,
    void *arg)
{
	struct command *command = calloc(1, sizeof(*command));

	if (command == NULL)
		abort();
	command->client = client;
	command->text = text;
	command->len = len;
	command->done = done;
	command->arg = arg;
	*client->end = command;
	client->end = &command->next;
	if (client->up)
		send_command(client, command);
}

void
store_client_call(struct store_client *client, const struct store_call *call,
    store_client_fn *done, void *arg)
{
	size_t len;
	char *text = store_call_format(call, &len);

	add(client, text, len, done, arg);
}

void
store_client_command(struct store_client *client, store_client_fn *done,
    void *arg, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = redisvFormatCommand(&text, format, args);
	va_end(args);
	if (len < 0)
		abort();
	add(client, text, (size_t)len, done, arg);
}

/* -- the link --------------------------------------------------------------- */

static void
on_ready(void *arg)
{
	struct store_client *client = arg;
	struct command *command;
	const char *advice;

	presence_found(&client->presence);
	client->up = true;
	client->failures = 0;
	client->up_at = timestamp_monotonic();
	client->changed_at = timestamp_now();
	client->durability = redis_link_durability(client->link, &advice);
	snprintf(client->advice, sizeof(client->advice), "%s", advice);
	if (client->durability == STORE_NOT_DURABLE && !client->told_durability)
		log_warning("redis can lose accepted mail: it is not durable; "
			    "add to redis.conf",
		    "lines", advice, NULL);
	client->told_durability = client->durability == STORE_NOT_DURABLE;
	for (command = client->first; command != NULL && client->up;
	     command = command->next)
		send_command(client, command);
	if (client->up && client->options.connected != NULL)
		client->options.connected(client->options.arg);
}

static void
on_lost(void *arg, const char *why)
{
	struct store_client *client = arg;
	struct retry_policy policy = { client->options.config->reconnect_base,
		client->options.config->reconnect_cap };

	client->retry_at = timestamp_monotonic() +
	    retry_delay(&policy, ++client->failures, id_random());
	snprintf(client->last_error, sizeof(client->last_error), "%s", why);
	if (client->presence.state != PRESENCE_AWAY)
		client->changed_at = timestamp_now();
	presence_lost(&client->presence, why);
	client->up = false;
	client->link = NULL;
}

static void
open_link(struct store_client *client)
{
	struct redis_link_options options = {
		.loop = client->options.loop,
		.config = client->options.config,
		.ready = on_ready,
		.lost = on_lost,
		.arg = client,
	};

	client->opened_at = timestamp_monotonic();
	client->link = redis_link_open(&options);
}

static void
on_tick(uv_timer_t *tick)
{
	struct store_client *client = tick->data;
	int64_t now = timestamp_monotonic();
	int64_t timeout = client->options.config->redis_timeout;

	if (client->link == NULL) {
		if (now >= client->retry_at)
			open_link(client);
	} else if (!client->up && now - client->opened_at > timeout) {
		redis_link_drop(client->link, "no answer while connecting");
	} else if (client->up && client->first != NULL &&
	    now - client->first->sent_at > timeout) {
		redis_link_drop(client->link, "no answer in time");
	}
}

/* The commands of a loop turn, in one write. */
static void
on_turn(uv_prepare_t *turn)
{
	struct store_client *client = turn->data;

	if (client->first != NULL && client->options.leaving != NULL)
		client->options.leaving(client->options.arg);
	if (client->link != NULL)
		redis_link_flush(client->link);
}

struct store_client *
store_client_new(const struct store_client_options *options)
{
	struct store_client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		abort();
	client->options = *options;
	client->presence.outage = &redis_outage;
	client->end = &client->first;
	client->latency = -1;
	client->changed_at = timestamp_now();
	client->durability = STORE_DURABILITY_UNKNOWN;
	client->tick.data = client->turn.data = client;
	/* None of these fails on a fresh handle. */
	(void)uv_timer_init(options->loop, &client->tick);
	(void)uv_timer_start(&client->tick, on_tick, TICK, TICK);
	(void)uv_prepare_init(options->loop, &client->turn);
	(void)uv_prepare_start(&client->turn, on_turn);
	client->handles = 2;
	open_link(client);
	return client;
}

static void
on_closed(uv_handle_t *handle)
{
	struct store_client *client = handle->data;

	if (--client->handles == 0)
		free(client);
}

void
store_client_free(struct store_client *client)
{
	struct command *command;
	bool sent;

	if (client == NULL)
		return;
	while ((command = client->first) != NULL) {
		unlink_command(client, command);
		command->client = NULL;
		sent = client->up && command->sent_at >= client->up_at;
		if (command->done != NULL)
			command->done(command->arg, NULL);
		if (!sent)
			command_free(command); /* else hiredis still has it */
	}
	if (client->link != NULL)
		redis_link_drop(client->link, NULL);
	uv_close((uv_handle_t *)&client->tick, on_closed);
	uv_close((uv_handle_t *)&client->turn, on_closed);
}

void
store_client_get_status(const struct store_client *client,
    struct store_client_status *status)
{
	*status = (struct store_client_status){
		.up = client->up,
		.since = client->changed_at,
		.up_for =
		    client->up ? timestamp_monotonic() - client->up_at : 0,
		.latency = client->latency,
		.durability = client->durability,
		.advice = client->advice,
		.last_error = client->up ? "" : client->last_error,
	};
}
