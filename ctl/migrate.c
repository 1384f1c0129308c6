/* SPDX-License-Identifier: MIT */
/*
 * postrider queue migrate: a queue cannot change its type, so that its messages
 * go aside, into a quorum queue of another name, and back into the new one. What
 * is to be done is read from the queues themselves: who was interrupted, in
 * whatever place, begins again and goes on there.
 */
#include "migrate.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "amqp_link.h"
#include "lane.h"
#include "message_move.h"
#include "terminal.h"
#include "topology.h"

#define QUEUES (LANE__MAX + 1) /* and TOPOLOGY_FAILED */
#define ASIDE ".migrating"
#define ASIDE_SIZE (LANE_QUEUE_SIZE + sizeof(ASIDE))
#define WHY_SIZE 512

static const char *dry_run;

const struct options_entry migrate_options[] = {
	{ "dry-run", NULL, &dry_run, "only say what would be done", NULL },
	{ 0 },
};

struct queue {
	char name[LANE_QUEUE_SIZE], aside[ASIDE_SIZE];
	enum topology_fit fit; /* of it, */
	enum topology_fit aside_fit; /* and of the one aside */
	uint32_t messages, aside_messages, consumers;
};

struct migration {
	const struct ctl *ctl;
	struct queue queues[QUEUES];
	int64_t done, total; /* messages to be moved; each is moved twice */
	char why[WHY_SIZE];
};

/* -- what there is ------------------------------------------------------------ */

static bool
is_to_do(const struct queue *queue)
{
	return queue->fit == TOPOLOGY_DIFFERS ||
	    queue->aside_fit != TOPOLOGY_MISSING;
}

static int
look_at(struct migration *m, struct amqp_link *link, struct queue *queue)
{
	struct topology_queue one = { .name = queue->name };
	struct topology_queue aside = { .name = queue->aside, .any = true };

	queue->fit =
	    topology_look(link->connection, &one, m->why, sizeof(m->why));
	if (queue->fit == TOPOLOGY_FAULT)
		return -1;
	queue->aside_fit =
	    topology_look(link->connection, &aside, m->why, sizeof(m->why));
	if (queue->aside_fit == TOPOLOGY_FAULT)
		return -1;
	queue->messages = one.messages;
	queue->consumers = one.consumers;
	queue->aside_messages = aside.messages;
	if (queue->fit == TOPOLOGY_DIFFERS)
		m->total += 2 * (int64_t)one.messages;
	m->total += aside.messages;
	return 0;
}

static void
name_queue(struct migration *m, int i)
{
	char name[LANE_QUEUE_SIZE] = TOPOLOGY_FAILED;
	struct queue *queue = &m->queues[i];

	if (i < LANE__MAX)
		lane_queue(name, (enum lane)i, m->ctl->config->queue);
	snprintf(queue->name, sizeof(queue->name), "%s", name);
	snprintf(queue->aside, sizeof(queue->aside), "%s" ASIDE, name);
}

static int
look(struct migration *m)
{
	struct amqp_link link = { .config = m->ctl->config, .name = "migrate" };
	int result = amqp_link_open(&link, m->why, sizeof(m->why));
	struct queue *queue;
	int i;

	m->done = m->total = 0;
	for (i = 0; i < QUEUES && result == 0; i++) {
		queue = &m->queues[i];
		name_queue(m, i);
		result = look_at(m, &link, queue);
	}
	amqp_link_close(&link, NULL);
	return result;
}

/* -- doing it ----------------------------------------------------------------- */

static void
moved(void *arg, size_t count)
{
	struct migration *m = arg;

	m->done += (int64_t)count;
	/* More may have come meanwhile. */
	if (m->done > m->total)
		m->total = m->done;
	terminal_progress(m->done, m->total, "moves");
}

static int
move(struct migration *m, const char *from, const char *to)
{
	const struct message_move all = { .config = m->ctl->config,
		.from = from,
		.to = to,
		.moved = moved,
		.arg = m };

	return message_move_all(&all, m->why, sizeof(m->why));
}

/*
 * An older queue only without messages, and with nobody who has some in hand; a
 * quorum queue cannot be asked so, but that one is ours alone (lock()).
 */
static int
delete_queue(struct migration *m, const char *name, bool older)
{
	struct amqp_link link = { .config = m->ctl->config, .name = "migrate" };
	int result = amqp_link_open(&link, m->why, sizeof(m->why));

	if (result == -1)
		return -1;
	amqp_queue_delete(link.connection, AMQP_LINK_CHANNEL,
	    amqp_cstring_bytes(name), older, older);
	if (amqp_get_rpc_reply(link.connection).reply_type !=
	    AMQP_RESPONSE_NORMAL) {
		snprintf(m->why, sizeof(m->why),
		    "%s: somebody puts messages into it, or takes some: stop "
		    "that",
		    name);
		result = -1;
	}
	amqp_link_close(&link, NULL);
	return result;
}

/*
 * One migration at a time: a queue that only this connection may use, and that
 * goes with it. No heartbeats are asked for, as nobody would send them.
 */
static int
lock(struct migration *m, struct amqp_link *link, struct config *config)
{
	char name[ASIDE_SIZE + 8];

	*config = *m->ctl->config; /* its texts stay the other's */
	config->amqp_heartbeat = 0;
	link->config = config;
	link->name = "migrate";
	if (amqp_link_open(link, m->why, sizeof(m->why)) == -1)
		return -1;
	snprintf(name, sizeof(name), "%s.lock", m->queues[0].aside);
	amqp_queue_declare(link->connection, AMQP_LINK_CHANNEL,
	    amqp_cstring_bytes(name), 0, 0, 1, 1, amqp_empty_table);
	if (amqp_get_rpc_reply(link->connection).reply_type ==
	    AMQP_RESPONSE_NORMAL)
		return 0;
	snprintf(m->why, sizeof(m->why), "another migration runs");
	amqp_link_close(link, NULL);
	return -1;
}

static int
put_aside(struct migration *m, const struct queue *queue)
{
	struct amqp_link link = { .config = m->ctl->config, .name = "migrate" };
	int result = amqp_link_open(&link, m->why, sizeof(m->why));

	if (result == 0)
		result = topology_keep_aside(link.connection, queue->aside,
		    m->why, sizeof(m->why));
	amqp_link_close(&link, NULL);
	if (result == -1 || move(m, queue->name, queue->aside) == -1)
		return -1;
	return delete_queue(m, queue->name, true);
}

/* The new ones, and how the ladder leads to them. */
static int
declare(struct migration *m)
{
	struct amqp_link link = { .config = m->ctl->config, .name = "migrate" };
	int result = amqp_link_open(&link, m->why, sizeof(m->why));

	if (result == 0)
		result = topology_declare(link.connection,
		    m->ctl->config->queue, m->why, sizeof(m->why));
	amqp_link_close(&link, NULL);
	return result;
}

static int
migrate_all(struct migration *m)
{
	struct queue *queue;
	int i;

	for (i = 0; i < QUEUES; i++) {
		queue = &m->queues[i];
		if (!is_to_do(queue))
			continue;
		if (queue->fit == TOPOLOGY_DIFFERS && put_aside(m, queue) == -1)
			return -1;
		if (declare(m) == -1 ||
		    move(m, queue->aside, queue->name) == -1 ||
		    delete_queue(m, queue->aside, false) == -1)
			return -1;
	}
	if (m->done < m->total)
		terminal_progress(m->total, m->total, "moves");
	return 0;
}

static int
migrate(struct migration *m)
{
	struct amqp_link link = { 0 };
	struct config config;
	int result = lock(m, &link, &config);

	if (result == 0)
		result = migrate_all(m);
	amqp_link_close(&link, NULL);
	return result;
}

/* -- what is said ------------------------------------------------------------- */

static const char *
state_of(const struct queue *queue, bool done)
{
	if (!is_to_do(queue))
		return queue->fit == TOPOLOGY_MISSING ? "none" : "ok";
	if (done)
		return "done";
	return queue->aside_fit != TOPOLOGY_MISSING ? "begun" : "to do";
}

static void
print(const struct migration *m, bool done)
{
	const struct queue *queue;
	struct json_object *line;
	int64_t messages;
	int i;

	for (i = 0; i < QUEUES; i++) {
		queue = &m->queues[i];
		messages =
		    (int64_t)queue->messages + (int64_t)queue->aside_messages;
		if (!m->ctl->json) {
			terminal_print_word(state_of(queue, done), 8);
			terminal_print_text(queue->name, 0);
			printf(": %" PRId64 " messages\n", messages);
			continue;
		}
		line = json_object_new_object();
		json_object_object_add(line, "queue",
		    json_object_new_string(queue->name));
		json_object_object_add(line, "state",
		    json_object_new_string(state_of(queue, done)));
		json_object_object_add(line, "messages",
		    json_object_new_int64(messages));
		terminal_print_json(line);
		json_object_put(line);
	}
}

static bool
any_is_to_do(const struct migration *m)
{
	int i;

	for (i = 0; i < QUEUES; i++)
		if (is_to_do(&m->queues[i]))
			return true;
	return false;
}

/* Workers have messages in hand, which would go down with the queue. */
static const struct queue *
consumed(const struct migration *m)
{
	int i;

	for (i = 0; i < QUEUES; i++)
		if (m->queues[i].fit == TOPOLOGY_DIFFERS &&
		    m->queues[i].consumers > 0)
			return &m->queues[i];
	return NULL;
}

enum command_status
migrate_run(const struct ctl *ctl, char **arguments)
{
	struct migration m = { .ctl = ctl };
	const struct queue *busy;

	(void)arguments;
	if (look(&m) == -1) {
		fprintf(stderr, "postrider queue migrate: %s\n", m.why);
		return COMMAND_UNREACHABLE;
	}
	if (dry_run != NULL || !any_is_to_do(&m)) {
		print(&m, false);
		return COMMAND_DONE;
	}
	busy = consumed(&m);
	if (busy != NULL) {
		fprintf(stderr,
		    "postrider queue migrate: %" PRIu32 " take messages from "
		    "%s: stop them on all hosts (systemctl stop "
		    "'postrider-worker@*'), then begin again; the API may go "
		    "on\n",
		    busy->consumers, busy->name);
		return COMMAND_REFUSED;
	}
	if (migrate(&m) == -1) {
		fprintf(stderr,
		    "\npostrider queue migrate: %s\nNothing is lost; the same "
		    "command goes on from here.\n",
		    m.why);
		return COMMAND_UNREACHABLE;
	}
	print(&m, true);
	return COMMAND_DONE;
}
