/* SPDX-License-Identifier: MIT */
/*
 * The relays of SMTP_RELAYS, or the one of SMTP_HOST, each with connections, a
 * resolver and a circuit of its own. Which of those that may take a mail does:
 * one that is up and has room, by weights. On the loop's thread.
 */
#ifndef POSTRIDER_RELAYS_H
#define POSTRIDER_RELAYS_H

#include "relay.h"
#include "relay_list.h"

struct relays;

/* The list is borrowed. */
struct relays *relays_new(const struct relay_options *,
    const struct relay_list *);
size_t relays_len(const struct relays *);
const char *relays_name(const struct relays *, size_t);
void relays_get_status(const struct relays *, size_t, struct relay_status *);

/* As relay_list_route(). */
relay_set relays_route(const struct relays *, const char *domain);

/* Whether none of them can be reached. */
bool relays_are_down(const struct relays *, relay_set);
#define RELAYS_ALL UINT32_MAX

/* Whether one of them takes a mail more than are coming. */
bool relays_have_room(const struct relays *, relay_set);
/*
 * Whose turn it is of them: it counts on a mail from now on, until
 * relays_expect_no_more(). Only when they have room.
 */
size_t relays_expect(struct relays *, relay_set);
void relays_expect_no_more(struct relays *, size_t);

/* How many mails wait for each, as relay_demand() wants to know. */
void relays_demand(struct relays *, const size_t waiting[RELAY_LIST_MAX]);

/* To `preferred`, unless it is not of the set or down: then to one that is up. */
void relays_submit(struct relays *, size_t preferred, relay_set,
    struct transaction *);

void relays_stop(struct relays *);
void relays_free(struct relays *);

#endif
