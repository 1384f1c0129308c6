/* SPDX-License-Identifier: MIT */
/*
 * postrider setup: a Redis of our own, which writes each change to disk before
 * it answers, and evicts nothing: Debian's template redis-server@.service with
 * a file of settings for it. The host's own Redis and its redis.conf are let
 * alone.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "credential.h"
#include "env_file.h"
#include "setup_step.h"
#include "store.h"
#include "unit.h"
#include "whole_file.h"

#define UNIT "redis-server@" SETUP_NAME ".service"
#define CONF "/etc/redis/redis-" SETUP_NAME ".conf"
#define DATA "/var/lib/redis/" SETUP_NAME
#define OURS "redis://:"
#define AT_HOME "@127.0.0.1:"

static const char settings[] =
    "# Made by `postrider setup`: the Redis that keeps the mails, and no other\n"
    "# data. It is " UNIT ".\n"
    "bind 127.0.0.1\n"
    "port %d\n"
    "requirepass %s\n"
    "dir " DATA "\n"
    "pidfile /run/redis-" SETUP_NAME "/redis-server.pid\n"
    "# What was accepted is on disk before it is said.\n"
    "appendonly yes\n"
    "appendfsync always\n"
    "save \"\"\n"
    "# When memory is full, mail is refused; none is dropped.\n"
    "maxmemory-policy noeviction\n"
    "# The journal has its log: journalctl -u " UNIT "\n"
    "logfile \"\"\n";

/* -- its URL ------------------------------------------------------------------ */

/* redis://:PASSWORD@127.0.0.1:PORT -> its port and password; 0: not ours. */
static int
read_ours(const char *url, struct buffer *password)
{
	const char *at = strstr(url, AT_HOME);
	char *end;
	long port;

	if (strncmp(url, OURS, strlen(OURS)) != 0 || at == NULL)
		return 0;
	port = strtol(at + strlen(AT_HOME), &end, 10);
	if (*end != '\0' || port < 1 || port > 65535)
		return 0;
	buffer_clear(password);
	url += strlen(OURS);
	buffer_add(password, url, (size_t)(at - url));
	return (int)port;
}

/* 0: REDIS_URL's answers, and *durability is what it says of itself. */
static int
ask(struct setup *setup, enum store_durability *durability)
{
	char why[256], advice[256];
	redisContext *link = store_connect(setup->config.redis_url,
	    setup->config.redis_timeout, why, sizeof(why));
	redisReply *reply;

	if (link == NULL)
		return setup_fail(setup, "REDIS_URL: %s", why);
	reply = redisCommand(link, STORE_DURABILITY_COMMAND);
	*durability = store_durability_of(reply, advice, sizeof(advice));
	if (*durability == STORE_NOT_DURABLE)
		setup_say(setup, SETUP_THERE,
		    "REDIS_URL is set, and answers, but may lose mail in a "
		    "crash: add to its redis.conf: %s",
		    advice);
	else
		setup_say(setup, SETUP_THERE, "REDIS_URL is set, and answers");
	freeReplyObject(reply);
	redisFree(link);
	return 0;
}

/* -- looking ------------------------------------------------------------------ */

static bool
is_taken(int port)
{
	struct timeval wait = { 1, 0 };
	redisContext *link = redisConnectWithTimeout("127.0.0.1", port, wait);
	const bool taken = link != NULL && link->err == 0;

	if (link != NULL)
		redisFree(link);
	return taken;
}

static enum setup_found
look_at_template(struct setup *setup)
{
	struct unit_state state;
	struct buffer why = { 0 };
	const int looked = unit_look(UNIT, &state, &why);

	buffer_free(&why);
	if (looked == -1 || !state.installed || getpwnam("redis") == NULL)
		return setup_say(setup, SETUP_HINDERED,
		    "there is no Redis on this host: apt install redis-server; "
		    "or set REDIS_URL in " ENV_FILE_DEFAULT
		    " to another host's");
	return setup_say(setup, SETUP_MISSING,
	    "makes a Redis of its own on 127.0.0.1:%d, " UNIT,
	    setup->wish.redis_port);
}

static enum setup_found
look_at_place(struct setup *setup)
{
	enum setup_found found = look_at_template(setup);

	if (found != SETUP_MISSING)
		return found;
	if (access(CONF, F_OK) == 0)
		return setup_say(setup, SETUP_HINDERED,
		    CONF " is there, and its password is not known here: set "
			 "REDIS_URL in " ENV_FILE_DEFAULT
			 ", or move that file away");
	if (is_taken(setup->wish.redis_port))
		return setup_say(setup, SETUP_HINDERED,
		    "port %d is another program's: give a free one by "
		    "--redis-port",
		    setup->wish.redis_port);
	return found;
}

enum setup_found
setup_look_at_redis(struct setup *setup)
{
	struct buffer url = { 0 }, password = { 0 };
	enum store_durability durability;
	enum setup_found found = SETUP_THERE;
	int port;

	if (!credential_read("REDIS_URL", &url)) {
		found = look_at_place(setup);
	} else if (ask(setup, &durability) == -1) {
		port = read_ours(url.data, &password);
		found = SETUP_HINDERED; /* and why is told */
		if (port > 0 && credential_is_used("REDIS_URL")) {
			setup->wish.redis_port = port;
			found = look_at_template(setup);
		}
	}
	buffer_free(&url);
	buffer_free(&password);
	return found;
}

/* -- making it ---------------------------------------------------------------- */

/* The URL that is kept, or a new one, which is kept before it is used. */
static int
decide_url(struct setup *setup, struct buffer *url)
{
	if (credential_read("REDIS_URL", url))
		return 0;
	buffer_add_text(url, OURS);
	setup_add_password(url);
	buffer_printf(url, AT_HOME "%d", setup->wish.redis_port);
	if (credential_write("REDIS_URL", url->data) == 0)
		return setup_reload(setup);
	return setup_fail(setup, CREDENTIAL_FOLDER ": %m");
}

static int
make_folder(struct setup *setup, const struct passwd *redis)
{
	if (mkdir(DATA, 0750) == -1 && errno != EEXIST)
		return setup_fail(setup, DATA ": %m");
	if (chown(DATA, redis->pw_uid, redis->pw_gid) == -1)
		return setup_fail(setup, DATA ": %m");
	return 0;
}

/* A file that is there stays: it may be the operator's by now. */
static int
make_conf(struct setup *setup, const char *url, gid_t group)
{
	const struct whole_file file = { CONF, 0640, 0, group };
	struct buffer text = { 0 }, password = { 0 };
	int port = read_ours(url, &password), result = 0;

	if (access(CONF, F_OK) == -1) {
		buffer_printf(&text, settings, port, password.data);
		result = whole_file_write(&file, text.data);
	}
	if (result == -1)
		setup_fail(setup, CONF ": %m");
	buffer_free(&text);
	buffer_free(&password);
	return result;
}

static int
start(struct setup *setup)
{
	enum store_durability durability;

	if (unit_do("enable", UNIT, &setup->why) == -1 ||
	    unit_do("restart", UNIT, &setup->why) == -1 ||
	    ask(setup, &durability) == -1)
		return -1;
	if (durability == STORE_DURABLE)
		setup_say(setup, SETUP_THERE,
		    UNIT " on 127.0.0.1:%d; REDIS_URL is in " CREDENTIAL_FOLDER,
		    setup->wish.redis_port);
	return 0;
}

int
setup_make_redis(struct setup *setup)
{
	const struct passwd *redis = getpwnam("redis");
	struct buffer url = { 0 };
	int result = -1;

	setup->changed = true;
	if (redis == NULL)
		setup_fail(setup, "there is no user redis any more");
	else if (decide_url(setup, &url) == 0 &&
	    make_folder(setup, redis) == 0 &&
	    make_conf(setup, url.data, redis->pw_gid) == 0)
		result = start(setup);
	buffer_free(&url);
	return result;
}
