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

/* Who waits for a reply. */
struct asker {
	store_client_fn *done; /* NULL: nobody */
	void *arg;
};

struct command {
	struct command *next;
	struct store_client *client; /* NULL: the client is gone */
	char *text; /* of redisFormatCommand */
	size_t len;
	int64_t sent_at; /* monotonic ms; 0: not on this link */
	bool grouped; /* the reply is a list with each asker's own */
	size_t askers_len;
	struct asker askers[];
};

/* Calls of one script that are made in this loop turn. */
struct gathering {
	struct store_group group;
	struct command *command; /* NULL: none yet */
};

struct store_client {
	struct store_client_options options;
	struct command *first, **end;
	struct gathering gatherings[STORE_SCRIPT__MAX];
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

static struct command *
command_new(struct store_client *client, size_t askers)
{
	struct command *command =
	    calloc(1, sizeof(*command) + askers * sizeof(struct asker));

	if (command == NULL)
		abort();
	command->client = client;
	return command;
}

static void
command_free(struct command *command)
{
	redisFreeCommand(command->text);
	free(command);
}

static void
add_asker(struct command *command, store_client_fn *done, void *arg)
{
	command->askers[command->askers_len++] = (struct asker){ done, arg };
}

/* NULL, or an error of the whole command, is an answer to each. */
static void
answer(const struct command *command, const redisReply *reply)
{
	const bool each = command->grouped && reply != NULL &&
	    reply->type == REDIS_REPLY_ARRAY &&
	    reply->elements == command->askers_len;
	const struct asker *asker;
	size_t i;

	for (i = 0; i < command->askers_len; i++) {
		asker = &command->askers[i];
		if (asker->done != NULL)
			asker->done(asker->arg,
			    each ? reply->element[i] : reply);
	}
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

/* In the reply, or in one of a group's; NULL: none. */
static const redisReply *
find_refusal(const struct command *command, const redisReply *reply)
{
	const enum store_error error = store_error_of(reply);
	const redisReply *found = NULL;
	size_t i;

	if (error == STORE_REFUSED || error == STORE_NO_SCRIPT)
		return reply;
	if (command->grouped && reply->type == REDIS_REPLY_ARRAY)
		for (i = 0; found == NULL && i < reply->elements; i++)
			if (store_error_of(reply->element[i]) == STORE_REFUSED)
				found = reply->element[i];
	return found;
}

/*
 * Redis cannot write now: what was refused is kept for the next link. A group
 * is sent again as a whole, and what was done is answered as if it were now.
 */
static bool
is_refused(const struct command *command, const redisReply *reply)
{
	struct redis_link *link = command->client->link;
	const redisReply *refusal = find_refusal(command, reply);

	if (refusal != NULL && link != NULL)
		redis_link_drop(link, refusal->str);
	return refusal != NULL;
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
	if (r == NULL || is_refused(command, r))
		return; /* the link is lost: sent again on the next */
	client->latency = timestamp_monotonic() - command->sent_at;
	unlink_command(client, command);
	answer(command, r);
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
add(struct store_client *client, struct command *command)
{
	*client->end = command;
	client->end = &command->next;
	if (client->up)
		send_command(client, command);
}

/* What a turn has gathered is a command now. */
static void
close_gathering(struct store_client *client, struct gathering *gathering)
{
	struct command *command = gathering->command;

	if (command == NULL)
		return;
	gathering->command = NULL;
	command->text = store_group_format(&gathering->group, &command->len);
	add(client, command);
}

static void
gather(struct store_client *client, const struct store_call *call,
    store_client_fn *done, void *arg)
{
	struct gathering *gathering = &client->gatherings[call->script];

	if (gathering->command == NULL) {
		gathering->group.script = call->script;
		gathering->command = command_new(client, STORE_GROUP_MAX);
		gathering->command->grouped = true;
	}
	store_group_add(&gathering->group, call);
	add_asker(gathering->command, done, arg);
	if (gathering->group.calls == STORE_GROUP_MAX)
		close_gathering(client, gathering);
}

void
store_client_call(struct store_client *client, const struct store_call *call,
    store_client_fn *done, void *arg)
{
	struct command *command;

	if (store_takes_group(call->script)) {
		gather(client, call, done, arg);
		return;
	}
	command = command_new(client, 1);
	command->text = store_call_format(call, &command->len);
	add_asker(command, done, arg);
	add(client, command);
}

void
store_client_command(struct store_client *client, store_client_fn *done,
    void *arg, const char *format, ...)
{
	struct command *command = command_new(client, 1);
	va_list args;
	int len;

	va_start(args, format);
	len = redisvFormatCommand(&command->text, format, args);
	va_end(args);
	if (len < 0)
		abort();
	command->len = (size_t)len;
	add_asker(command, done, arg);
	add(client, command);
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
	bool was_up;

	client->retry_at = timestamp_monotonic() +
	    retry_delay(&policy, ++client->failures, id_random());
	snprintf(client->last_error, sizeof(client->last_error), "%s", why);
	if (client->presence.state != PRESENCE_AWAY)
		client->changed_at = timestamp_now();
	presence_lost(&client->presence, why);
	was_up = client->up;
	client->up = false;
	client->link = NULL;
	if (was_up && client->options.lost != NULL)
		client->options.lost(client->options.arg);
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
	size_t i;

	if (client->options.leaving != NULL)
		client->options.leaving(client->options.arg);
	for (i = 0; i < STORE_SCRIPT__MAX; i++)
		close_gathering(client, &client->gatherings[i]);
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
	size_t i;

	if (client == NULL)
		return;
	for (i = 0; i < STORE_SCRIPT__MAX; i++)
		close_gathering(client, &client->gatherings[i]);
	while ((command = client->first) != NULL) {
		unlink_command(client, command);
		command->client = NULL;
		sent = client->up && command->sent_at >= client->up_at;
		answer(command, NULL);
		if (!sent)
			command_free(command); /* else hiredis still has it */
	}
	for (i = 0; i < STORE_SCRIPT__MAX; i++)
		buffer_free(&client->gatherings[i].group.args);
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
