/* SPDX-License-Identifier: MIT */
/*
 * What `postrider setup` is made of: steps in an order, each of which can look
 * whether it is to be taken, and take it. All look before the first is taken;
 * and what is there already is left as it is.
 */
#ifndef POSTRIDER_SETUP_STEP_H
#define POSTRIDER_SETUP_STEP_H

#include <stdbool.h>
#include <sys/types.h>

#include "command.h"

#define SETUP_NAME "postrider" /* of the group, the vhost, the broker's user */

/* What the operator has asked for; NULL: nothing said. */
struct setup_wish {
	const char *relay_user, *relay_password_file, *to;
	char *relay, *relay_port, *from; /* owned */
	struct buffer relay_password; /* of a terminal */
	int redis_port;
	bool no_mail;
};

struct setup {
	struct ctl ctl; /* its config is this one: */
	struct config config; /* with what steps have made */
	struct setup_wish wish;
	gid_t group; /* who may read the settings */
	bool has_api, has_worker; /* which packages are on this host */
	bool changed; /* settings that units which run do not have yet */
	struct buffer key; /* the new one, to be shown once */
	struct buffer why; /* what a look, or taking it, has to say */
};

enum setup_found {
	SETUP_THERE, /* nothing to do */
	SETUP_MISSING, /* it can be done */
	SETUP_HINDERED, /* it cannot; `why` says what to do */
	SETUP_FOUND__MAX
};

struct setup_step {
	const char *name;
	/* Changes nothing. What it found, is to be done or done: in `why`. */
	enum setup_found (*look)(struct setup *);
	/* 0, or -1; both with `why`. */
	int (*take)(struct setup *);
};

/* setup_host.c: what must be there, as this command makes none of it. */
enum setup_found setup_look_at_host(struct setup *);
/* setup_rabbitmq.c */
enum setup_found setup_look_at_rabbitmq(struct setup *);
int setup_make_rabbitmq(struct setup *);
/* setup_redis.c */
enum setup_found setup_look_at_redis(struct setup *);
int setup_make_redis(struct setup *);
/* setup_settings.c */
enum setup_found setup_look_at_settings(struct setup *);
int setup_make_settings(struct setup *);
/* setup_key.c */
enum setup_found setup_look_at_key(struct setup *);
int setup_make_key(struct setup *);
/* setup_units.c */
enum setup_found setup_look_at_units(struct setup *);
int setup_start_units(struct setup *);
/* setup_web.c: the web server, and whether all answers through it. */
enum setup_found setup_look_at_web(struct setup *);
int setup_make_web(struct setup *);
enum setup_found setup_look_whether_ready(struct setup *);
int setup_wait_until_ready(struct setup *);
/* setup_mail.c */
enum setup_found setup_look_at_mail(struct setup *);
int setup_send_mail(struct setup *);

/* HOST, HOST:PORT, [IPv6]:PORT or IPv6. */
void setup_wish_relay(struct setup_wish *, const char *text);

/* setup_ask.c: questions for what the wish leaves open, on a terminal. */
void setup_ask(struct setup *);
bool setup_ask_whether(const char *question);

/* What `why` says from now on, whole. */
enum setup_found setup_say(struct setup *, enum setup_found, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
/* The same; -1, so that a step can end with it. */
int setup_fail(struct setup *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* 256 random bits in hexadecimal digits. */
void setup_add_password(struct buffer *);
/* The environment's; "" when it has none. */
const char *setup_value(const char *setting);
/* Reads the settings again, after a change. 0, or -1 with `why`. */
int setup_reload(struct setup *);

#endif
