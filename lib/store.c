/* SPDX-License-Identifier: MIT */
/*
 * Calls of the Lua scripts and what their replies say. It formats and reads;
 * who sends is the program's own matter (blocking or asynchronous).
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "redis_url.h"
#include "seclusion.h"

#define FRAME_MAX 32 /* bytes of "$" and a length, with both line ends */
#define HEAD_ARGS 3 /* EVALSHA, the script, how many keys */

static bool keeps_record;

void
store_keep_record(bool keep)
{
	keeps_record = keep;
}

static const struct store_script_text *
script_text(enum store_script script)
{
	return keeps_record ? &store_script_sources[script].recorded :
			      &store_script_sources[script].plain;
}

void
store_call_begin(struct store_call *call, enum store_script script)
{
	call->script = script;
	call->argc = 0;
}

void
store_call_bytes(struct store_call *call, const void *bytes, size_t len)
{
	if (call->argc == STORE_CALL_ARGS)
		abort();
	call->argv[call->argc] = bytes;
	call->len[call->argc++] = len;
}

void
store_call_text(struct store_call *call, const char *text)
{
	if (text == NULL)
		text = "";
	store_call_bytes(call, text, strlen(text));
}

void
store_call_number(struct store_call *call, int64_t number)
{
	/* Long enough for any number: it never grows. */
	struct buffer text = { .data = call->numbers[call->argc],
		.size = sizeof(call->numbers[0]) };

	buffer_add_number(&text, number);
	store_call_bytes(call, text.data, text.len);
}

/*
 * redisFormatCommandArgv() does the same with a printf for each argument: ten
 * times the work. redisFreeCommand() is free(): we set no other allocator.
 */
static void
add_frame(struct buffer *command, const char *kind, size_t number)
{
	buffer_add(command, kind, 1);
	buffer_add_number(command, (int64_t)number);
	buffer_add(command, "\r\n", 2);
}

static void
add_argument(struct buffer *command, const char *bytes, size_t len)
{
	add_frame(command, "$", len);
	buffer_add(command, bytes, len);
	buffer_add(command, "\r\n", 2);
}

static void
add_head(struct buffer *command, enum store_script script, size_t args)
{
	const char *sha1 = script_text(script)->sha1;

	add_frame(command, "*", HEAD_ARGS + args);
	add_argument(command, "EVALSHA", 7);
	add_argument(command, sha1, strlen(sha1));
	add_argument(command, "0", 1);
}

static void
add_arguments(struct buffer *command, const struct store_call *call)
{
	size_t size = STORE_HEAD_SIZE;
	int i;

	for (i = 0; i < call->argc; i++)
		size += call->len[i] + FRAME_MAX;
	buffer_reserve(command, size);
	for (i = 0; i < call->argc; i++)
		add_argument(command, call->argv[i], call->len[i]);
}

/* RESP: of each "$<bytes>" and the bytes, all with CR LF. */
const char *
store_argument(const char *arguments, size_t n, size_t *len)
{
	const char *at = arguments;
	char *end;

	for (;;) {
		*len = (size_t)strtoull(at + 1, &end, 10);
		at = end + 2;
		if (n-- == 0)
			return at;
		at += *len + 2;
	}
}

size_t
store_head_format(char head[STORE_HEAD_SIZE], enum store_script script,
    size_t args)
{
	struct buffer out = { .data = head, .size = STORE_HEAD_SIZE };

	add_head(&out, script, args);
	return out.len;
}

char *
store_arguments_format(const struct store_call *call, size_t *len)
{
	struct buffer arguments = { 0 };

	add_arguments(&arguments, call);
	*len = arguments.len;
	return buffer_take(&arguments);
}

char *
store_call_format(const struct store_call *call, size_t *len)
{
	struct buffer command = { 0 };

	buffer_reserve(&command, STORE_HEAD_SIZE);
	add_head(&command, call->script, (size_t)call->argc);
	add_arguments(&command, call);
	*len = command.len;
	return buffer_take(&command);
}

bool
store_takes_group(enum store_script script)
{
	return script == STORE_CLAIM || script == STORE_SENT;
}

void
store_group_add(struct store_group *group, const struct store_call *call)
{
	add_arguments(&group->args, call);
	group->argc += (size_t)call->argc;
	group->calls++;
}

char *
store_group_format(struct store_group *group, size_t *len)
{
	struct buffer command = { 0 };

	buffer_reserve(&command, STORE_HEAD_SIZE + group->args.len);
	add_head(&command, group->script, group->argc);
	buffer_add(&command, group->args.data, group->args.len);
	buffer_clear(&group->args);
	group->argc = group->calls = 0;
	*len = command.len;
	return buffer_take(&command);
}

char *
store_load_format(enum store_script script, size_t *len)
{
	const char *source = script_text(script)->source;
	struct buffer command = { 0 };

	add_frame(&command, "*", 3);
	add_argument(&command, "SCRIPT", 6);
	add_argument(&command, "LOAD", 4);
	add_argument(&command, source, strlen(source));
	*len = command.len;
	return buffer_take(&command);
}

/* -- connecting ------------------------------------------------------------ */

/* 0, or -1 with the error in `why`. */
static int
expect_fine(redisContext *redis, redisReply *reply, const char *what, char *why,
    size_t why_size)
{
	int fine = reply != NULL && reply->type != REDIS_REPLY_ERROR;

	if (reply == NULL)
		snprintf(why, why_size, "%s: %s", what, redis->errstr);
	else if (!fine)
		store_explain(reply->str, why, why_size);
	freeReplyObject(reply);
	return fine ? 0 : -1;
}

static int
log_in(redisContext *redis, const struct redis_url *url, char *why, size_t size)
{
	redisReply *reply;

	if (url->password != NULL) {
		reply = url->user != NULL && url->user[0] != '\0' ?
		    redisCommand(redis, "AUTH %s %s", url->user,
			url->password) :
		    redisCommand(redis, "AUTH %s", url->password);
		if (expect_fine(redis, reply, "AUTH", why, size) == -1)
			return -1;
	}
	if (url->db == 0)
		return 0;
	reply = redisCommand(redis, "SELECT %d", url->db);
	return expect_fine(redis, reply, "SELECT", why, size);
}

static int
load_scripts(redisContext *redis, char *why, size_t size)
{
	void *reply;
	char *command;
	size_t len;
	int i, result = 0;

	for (i = 0; i < STORE_SCRIPT__MAX; i++) {
		command = store_load_format((enum store_script)i, &len);
		redisAppendFormattedCommand(redis, command, len);
		redisFreeCommand(command);
	}
	for (i = 0; i < STORE_SCRIPT__MAX; i++) {
		if (redisGetReply(redis, &reply) != REDIS_OK)
			reply = NULL;
		if (expect_fine(redis, reply, "SCRIPT LOAD", why, size) == -1)
			result = -1;
		if (reply == NULL)
			break;
	}
	return result;
}

redisContext *
store_connect(const char *url_text, int64_t timeout, char *why, size_t size)
{
	struct timeval tv = { timeout / 1000, (timeout % 1000) * 1000 };
	struct redis_url url;
	redisContext *redis;
	const char *fault;

	if (redis_url_parse(&url, url_text, &fault) == -1) {
		snprintf(why, size, "REDIS_URL: %s", fault);
		return NULL;
	}
	redis = url.path != NULL ?
	    redisConnectUnixWithTimeout(url.path, tv) :
	    redisConnectWithTimeout(url.host, url.port, tv);
	if (redis != NULL)
		seclusion_keep(redis->fd);
	if (redis == NULL || redis->err != 0)
		snprintf(why, size, "connect: %s",
		    redis != NULL ? redis->errstr : "out of memory");
	else if (redisSetTimeout(redis, tv) == REDIS_OK &&
	    log_in(redis, &url, why, size) == 0 &&
	    load_scripts(redis, why, size) == 0)
		goto out;
	redisFree(redis);
	redis = NULL;
out:
	redis_url_clear(&url);
	return redis;
}

/* -- replies ------------------------------------------------------------- */

enum store_error
store_error_of(const redisReply *reply)
{
	static const struct {
		const char *prefix;
		enum store_error error;
	} kinds[] = {
		{ "NOSCRIPT", STORE_NO_SCRIPT },
		{ "READONLY", STORE_REFUSED },
		{ "LOADING", STORE_REFUSED },
		{ "OOM", STORE_REFUSED },
		{ "MISCONF", STORE_REFUSED },
		{ "BUSY", STORE_REFUSED },
		{ "MASTERDOWN", STORE_REFUSED },
		{ "NOREPLICAS", STORE_REFUSED },
		{ "NOAUTH", STORE_REFUSED },
		{ "NOPERM", STORE_REFUSED },
	};
	size_t i;

	if (reply == NULL)
		return STORE_NO_REPLY;
	if (reply->type != REDIS_REPLY_ERROR)
		return STORE_OK;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(reply->str, kinds[i].prefix,
			strlen(kinds[i].prefix)) == 0)
			return kinds[i].error;
	return STORE_FAULT;
}

void
store_explain(const char *error, char *why, size_t why_size)
{
	static const char *const about_url[] = { "WRONGPASS", "NOAUTH",
		"ERR invalid password", "ERR AUTH", "ERR Client sent AUTH",
		"ERR DB index", "ERR invalid DB" };
	const char *setting = "";
	size_t i;

	for (i = 0; i < sizeof(about_url) / sizeof(about_url[0]); i++)
		if (strncmp(error, about_url[i], strlen(about_url[i])) == 0)
			setting = "REDIS_URL: ";
	snprintf(why, why_size, "%s%s", setting, error);
}

/* The value behind `name` in CONFIG GET's flat list, or NULL. */
static const char *
setting(const redisReply *reply, const char *name)
{
	size_t i;

	for (i = 0; reply != NULL && reply->type == REDIS_REPLY_ARRAY &&
	     i + 1 < reply->elements;
	     i += 2)
		if (strcmp(reply->element[i]->str, name) == 0)
			return reply->element[i + 1]->str;
	return NULL;
}

enum store_durability
store_durability_of(const redisReply *reply, char *advice, size_t size)
{
	const struct {
		const char *name, *needed, *value;
	} rows[] = {
		{ "appendonly", "yes", setting(reply, "appendonly") },
		{ "appendfsync", "always", setting(reply, "appendfsync") },
		{ "maxmemory-policy", "noeviction",
		    setting(reply, "maxmemory-policy") },
	};
	size_t i, used = 0;

	advice[0] = '\0';
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].value == NULL)
			return STORE_DURABILITY_UNKNOWN;
		if (strcmp(rows[i].value, rows[i].needed) == 0 || used >= size)
			continue;
		used += (size_t)snprintf(advice + used, size - used, "%s%s %s",
		    used > 0 ? "; " : "", rows[i].name, rows[i].needed);
	}
	return used > 0 ? STORE_NOT_DURABLE : STORE_DURABLE;
}

static int64_t
number_at(const redisReply *reply, size_t i)
{
	return i < reply->elements &&
		reply->element[i]->type == REDIS_REPLY_INTEGER ?
	    reply->element[i]->integer :
	    0;
}

static const char *
text_at(const redisReply *reply, size_t i, size_t *len)
{
	const redisReply *e = i < reply->elements ? reply->element[i] : NULL;

	if (e == NULL || e->type != REDIS_REPLY_STRING) {
		*len = 0;
		return "";
	}
	*len = (size_t)e->len;
	return e->str;
}

/* Which of `words` the first element is; `max` when it is none. */
static int
answer_of(const redisReply *reply, const char *const *words, int max)
{
	int i;

	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY ||
	    reply->elements == 0 ||
	    reply->element[0]->type != REDIS_REPLY_STRING)
		return max;
	for (i = 0; i < max; i++)
		if (strcmp(reply->element[0]->str, words[i]) == 0)
			break;
	return i;
}

int
store_accept_read(struct store_accept_reply *accept, const redisReply *reply)
{
	static const char *const words[STORE_ACCEPT__MAX] = {
		[STORE_ACCEPTED] = "accepted",
		[STORE_ACCEPT_AGAIN] = "again",
		[STORE_ACCEPT_DIFFERS] = "differs",
	};
	int answer;
	size_t len;

	memset(accept, 0, sizeof(*accept));
	if (reply->type == REDIS_REPLY_INTEGER) {
		accept->next_at = reply->integer;
		return 0;
	}
	answer = answer_of(reply, words, STORE_ACCEPT__MAX);
	if (answer == STORE_ACCEPT__MAX || answer == STORE_ACCEPTED)
		return -1;
	accept->answer = (enum store_accept)answer;
	accept->id = text_at(reply, 1, &len);
	if (accept->answer == STORE_ACCEPT_DIFFERS) {
		accept->field = text_at(reply, 2, &len);
	} else {
		accept->age = number_at(reply, 2);
		accept->waits = number_at(reply, 3) != 0;
	}
	return 0;
}

int
store_claim_read(struct store_claim_reply *claim, const redisReply *reply)
{
	static const char *const words[STORE_CLAIM__MAX] = {
		[STORE_CLAIMED] = "claimed",
		[STORE_CLAIM_MISSING] = "missing",
		[STORE_CLAIM_SKIP] = "skip",
		[STORE_CLAIM_NOT_NOW] = "not_now",
		[STORE_CLAIM_NOT_DUE] = "not_due",
		[STORE_CLAIM_EARLY] = "early",
		[STORE_CLAIM_ORPHAN] = "orphan",
	};
	int answer = answer_of(reply, words, STORE_CLAIM__MAX);

	memset(claim, 0, sizeof(*claim));
	claim->answer = (enum store_claim)answer;
	claim->results = claim->payload = "";
	if (answer == STORE_CLAIM__MAX)
		return -1;
	if (answer == STORE_CLAIM_EARLY)
		claim->next_at = number_at(reply, 1);
	if (answer != STORE_CLAIMED)
		return 0;
	claim->claim_seq = number_at(reply, 1);
	claim->attempt = number_at(reply, 2);
	claim->expires_at = number_at(reply, 3);
	claim->retry_count = number_at(reply, 4);
	claim->results = text_at(reply, 5, &claim->results_len);
	claim->payload = text_at(reply, 6, &claim->payload_len);
	return 0;
}

int
store_settle_read(struct store_settle_reply *settle, const redisReply *reply)
{
	static const char *const words[STORE_SETTLED__MAX] = {
		[STORE_SETTLED] = "settled",
		[STORE_SETTLE_LOST] = "lost",
		[STORE_SETTLE_LATE] = "late",
	};
	int answer = answer_of(reply, words, STORE_SETTLED__MAX);
	size_t len;

	memset(settle, 0, sizeof(*settle));
	settle->answer = (enum store_settled)answer;
	settle->status = "";
	if (answer == STORE_SETTLED__MAX)
		return -1;
	settle->status = text_at(reply, 1, &len);
	settle->next_at = number_at(reply, 2);
	return 0;
}
