/* SPDX-License-Identifier: MIT */
/*
 * A pass is a key's: many clients may have it. A client that waits has a
 * question instead, which outlives it.
 */
#include "admission.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "client.h"
#include "events.h"
#include "key_store.h"
#include "log.h"
#include "request.h"

#define LOOK_INTERVAL 1000 /* ms */
#define ADDRESS_SIZE 64

struct pass {
	struct pass *next;
	struct events *events;
	char id[KEY_ID_SIZE];
	size_t clients;
	bool looking; /* Redis is asked for its key */
};

struct question {
	struct client *client; /* NULL: it has left */
	struct key_claim claim; /* of its key */
	bool has_ticket; /* it shows none */
	char address[ADDRESS_SIZE];
};

/* -- passes ----------------------------------------------------------------- */

static struct pass *
pass_of(struct events *events, const char *id)
{
	struct admissions *admissions = &events->admissions;
	struct pass *pass = admissions->first;

	while (pass != NULL && strcmp(pass->id, id) != 0)
		pass = pass->next;
	if (pass != NULL)
		return pass;
	pass = calloc(1, sizeof(*pass));
	if (pass == NULL)
		abort();
	pass->events = events;
	memcpy(pass->id, id, sizeof(pass->id));
	pass->next = admissions->first;
	admissions->first = pass;
	return pass;
}

static void
forget_unused(struct admissions *admissions)
{
	struct pass **at = &admissions->first, *pass;

	while ((pass = *at) != NULL) {
		if (pass->clients > 0 || pass->looking) {
			at = &pass->next;
			continue;
		}
		*at = pass->next;
		free(pass);
	}
}

static void
cut(struct client *client, void *pass)
{
	if (client->pass == pass)
		client_end(client, CLOSE_POLICY,
		    "its API key is not valid any more");
}

static bool
may_read(const char *id, const redisReply *reply)
{
	struct key key;
	bool may = false;

	if (reply->type == REDIS_REPLY_NIL)
		return false;
	if (key_read(&key, id, reply) == 0)
		may = key_may(&key, KEY_READ);
	key_free(&key);
	return may;
}

static void
on_looked(void *arg, const redisReply *reply)
{
	struct pass *pass = arg;

	pass->looking = false;
	if (reply == NULL) /* the program ends */
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		log_error("redis answered a question for a key with an error",
		    "key", pass->id, "why", reply->str, NULL);
		return; /* asked again soon */
	}
	if (!may_read(pass->id, reply))
		clients_each(pass->events, cut, pass);
}

static void
on_time(uv_timer_t *timer)
{
	struct admissions *admissions = timer->data;
	struct store_call script;
	struct pass *pass;

	forget_unused(admissions);
	for (pass = admissions->first; pass != NULL; pass = pass->next) {
		if (pass->looking)
			continue;
		pass->looking = true;
		store_call_begin(&script, STORE_KEY);
		store_call_text(&script, pass->id);
		store_client_call(admissions->events->reader, &script,
		    on_looked, pass);
	}
}

void
admissions_open(struct events *events)
{
	struct admissions *admissions = &events->admissions;

	admissions->events = events;
	admissions->timer.data = admissions;
	/* Neither fails on a fresh handle. */
	(void)uv_timer_init(events->loop, &admissions->timer);
	(void)uv_timer_start(&admissions->timer, on_time, LOOK_INTERVAL,
	    LOOK_INTERVAL);
}

void
admissions_close(struct events *events)
{
	uv_close((uv_handle_t *)&events->admissions.timer, NULL);
	forget_unused(&events->admissions);
}

void
admission_end(struct client *client)
{
	if (client->pass != NULL)
		client->pass->clients--;
	if (client->question != NULL)
		client->question->client = NULL;
	client->pass = NULL;
	client->question = NULL;
}

/* -- a question ------------------------------------------------------------- */

static void
admit(struct client *client, const char *id)
{
	client->pass = pass_of(client->events, id);
	client->pass->clients++;
	request_admitted(client);
}

/* `fields`: of the key, NULL: there is none. */
static void
judge(struct client *client, const struct question *question, const char *id,
    const redisReply *fields)
{
	enum problem problem = PROBLEM__MAX;
	struct key key = { .id = "" };
	const bool known = fields != NULL && key_read(&key, id, fields) == 0;

	if (!known ||
	    (!question->has_ticket && !key_is_right(&key, &question->claim)))
		problem = PROBLEM_UNKNOWN_KEY;
	else if (!key_may(&key, KEY_READ) ||
	    !key_may_come_from(&key, question->address))
		problem = PROBLEM_RESTRICTED_KEY;
	if (problem == PROBLEM__MAX)
		admit(client, id);
	else
		answer_problem(client, problem, NULL);
	key_free(&key);
}

/* Of a ticket it is {id, fields}, of a key the fields. */
static void
on_answered(void *arg, const redisReply *reply)
{
	struct question *question = arg;
	struct client *client = question->client;
	const char *id = question->claim.id;

	if (client == NULL || reply == NULL)
		goto out;
	client->question = NULL;
	client_listen(client);
	if (client->state != CLIENT_ASKING)
		goto out;
	if (reply->type == REDIS_REPLY_ERROR) {
		log_error("redis answered a question for a key with an error",
		    "why", reply->str, NULL);
		answer_problem(client, PROBLEM_AWAY, NULL);
		goto out;
	}
	if (reply->type != REDIS_REPLY_ARRAY)
		reply = NULL;
	if (reply != NULL && question->has_ticket) {
		id = reply->element[0]->str;
		reply = reply->element[1];
	}
	judge(client, question, id, reply);
out:
	free(question);
}

/* -- what it shows ---------------------------------------------------------- */

static void
copy_last_part(char address[ADDRESS_SIZE], const struct http_text *list)
{
	const char *comma = memrchr(list->at, ',', list->len);
	const char *at = comma != NULL ? comma + 1 : list->at;
	size_t len = (size_t)(list->at + list->len - at);

	for (; len > 0 && *at == ' '; at++)
		len--;
	if (len < ADDRESS_SIZE)
		memcpy(address, at, len);
}

/*
 * On a unix socket the web server is the peer, and adds whom it has to the end
 * of X-Forwarded-For. By TCP anybody may be: then it is the peer's own.
 */
static void
find_address(struct client *client, const struct http_head *head,
    char address[ADDRESS_SIZE])
{
	const struct http_text *list;
	struct sockaddr_storage peer;
	int len = sizeof(peer);

	memset(address, 0, ADDRESS_SIZE);
	if (client->handle.type == UV_NAMED_PIPE) {
		list = http_head_find(head, "X-Forwarded-For");
		if (list != NULL)
			copy_last_part(address, list);
	} else if (uv_tcp_getpeername(&client->tcp, (struct sockaddr *)&peer,
		       &len) == 0) {
		(void)uv_ip_name((struct sockaddr *)&peer, address,
		    ADDRESS_SIZE);
	}
}

/* URLs are in logs, histories and Referer: a key in one is not its owner's. */
static bool
has_key_in_query(const struct http_head *head)
{
	static const char *const names[] = { "key", "api_key", "apikey",
		"token", "access_token", "authorization" };
	struct buffer value = { 0 };
	bool found = memmem(head->query.at, head->query.len, "=pr_", 4) != NULL;
	size_t i, at;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (at = 0; http_head_query(head, names[i], &at, &value);)
			found = true;
	buffer_free(&value);
	return found;
}

/* false: it shows neither. */
static bool
read_shown(struct question *question, struct store_call *script,
    const struct http_head *head)
{
	const struct http_text *header = http_head_find(head, "Authorization");
	struct buffer text = { 0 };
	const char *token = NULL;
	size_t at = 0;

	if (header != NULL) {
		buffer_add(&text, header->at, header->len);
		token = key_token_of(text.len > 0 ? text.data : "");
	}
	if (token != NULL) {
		key_claim_read(&question->claim, token);
		store_call_begin(script, STORE_KEY);
		store_call_text(script, question->claim.id);
	} else if (http_head_query(head, "ticket", &at, &text)) {
		question->has_ticket = true;
		digest_text(question->claim.digest,
		    text.len > 0 ? text.data : "");
		store_call_begin(script, STORE_REDEEM);
		store_call_text(script, question->claim.digest);
	}
	buffer_free(&text);
	return token != NULL || question->has_ticket;
}

static bool
redis_is_up(const struct events *events)
{
	struct store_client_status status;

	store_client_get_status(events->reader, &status);
	return status.up;
}

void
admission_ask(struct client *client, const struct http_head *head)
{
	struct question *question;
	struct store_call script;

	if (has_key_in_query(head)) {
		answer_problem(client, PROBLEM_KEY_IN_URL, NULL);
		return;
	}
	if (!client->events->config->auth_required) {
		request_admitted(client);
		return;
	}
	question = calloc(1, sizeof(*question));
	if (question == NULL)
		abort();
	if (!read_shown(question, &script, head)) {
		free(question);
		answer_problem(client, PROBLEM_MISSING_KEY, NULL);
	} else if (!redis_is_up(client->events)) {
		free(question);
		answer_problem(client, PROBLEM_AWAY, NULL);
	} else {
		find_address(client, head, question->address);
		question->client = client;
		client->question = question;
		client_pause(client);
		store_client_call(client->events->reader, &script, on_answered,
		    question);
	}
}
