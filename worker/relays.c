/* SPDX-License-Identifier: MIT */
/* Several relays as one. */
#include "relays.h"

#include <stdlib.h>

struct place {
	struct relay *relay;
	size_t expected; /* mails on their way to it */
	int64_t credit; /* of its weight: see take_turn() */
};

struct relays {
	const struct relay_list *list;
	struct place places[RELAY_LIST_MAX];
};

static bool
is_in(relay_set set, size_t i)
{
	return (set >> i & 1) != 0;
}

static bool
is_down(const struct relays *relays, size_t i)
{
	struct relay_status status;

	relay_get_status(relays->places[i].relay, &status);
	return status.state == RELAY_DOWN;
}

static bool
has_room(const struct relays *relays, size_t i)
{
	const struct place *place = &relays->places[i];

	return relay_room(place->relay) > place->expected;
}

struct relays *
relays_new(const struct relay_options *options, const struct relay_list *list)
{
	struct relays *relays = calloc(1, sizeof(*relays));
	struct relay_options one = *options;
	size_t i;

	if (relays == NULL)
		abort();
	relays->list = list;
	for (i = 0; i < list->len; i++) {
		one.config = &list->entries[i].config;
		relays->places[i].relay = relay_new(&one);
	}
	return relays;
}

size_t
relays_len(const struct relays *relays)
{
	return relays->list->len;
}

const char *
relays_name(const struct relays *relays, size_t i)
{
	return relays->list->entries[i].name;
}

void
relays_get_status(const struct relays *relays, size_t i,
    struct relay_status *status)
{
	relay_get_status(relays->places[i].relay, status);
}

relay_set
relays_route(const struct relays *relays, const char *domain)
{
	return relays->list->len == 1 ? 1 :
					relay_list_route(relays->list, domain);
}

bool
relays_are_down(const struct relays *relays, relay_set set)
{
	size_t i;

	for (i = 0; i < relays->list->len; i++)
		if (is_in(set, i) && !is_down(relays, i))
			return false;
	return true;
}

/* A spare one (weight=0) counts when the others are down. */
static relay_set
drop_spares(const struct relays *relays, relay_set set)
{
	relay_set first = 0;
	size_t i;

	if (relays->list->len == 1)
		return set;
	for (i = 0; i < relays->list->len; i++)
		if (is_in(set, i) && relays->list->entries[i].weight > 0)
			first |= (relay_set)1 << i;
	return first == 0 || relays_are_down(relays, first) ? set : first;
}

bool
relays_have_room(const struct relays *relays, relay_set set)
{
	size_t i;

	set = drop_spares(relays, set);
	for (i = 0; i < relays->list->len; i++)
		if (is_in(set, i) && has_room(relays, i))
			return true;
	return false;
}

/* Smooth weighted round-robin, as lane_next(). */
static size_t
take_turn(struct relays *relays, relay_set set)
{
	int64_t gained = 0, weight;
	size_t i, next = RELAY_LIST_MAX;

	for (i = 0; i < relays->list->len; i++) {
		if (!is_in(set, i) || !has_room(relays, i))
			continue;
		weight = relays->list->entries[i].weight;
		weight = weight > 0 ? weight : 1;
		relays->places[i].credit += weight;
		gained += weight;
		if (next == RELAY_LIST_MAX ||
		    relays->places[i].credit > relays->places[next].credit)
			next = i;
	}
	if (next == RELAY_LIST_MAX)
		return 0; /* there was no room */
	relays->places[next].credit -= gained;
	return next;
}

size_t
relays_expect(struct relays *relays, relay_set set)
{
	const size_t i = relays->list->len == 1 ?
	    0 :
	    take_turn(relays, drop_spares(relays, set));

	relays->places[i].expected++;
	return i;
}

void
relays_expect_no_more(struct relays *relays, size_t i)
{
	relays->places[i].expected--;
}

void
relays_demand(struct relays *relays, const size_t waiting[RELAY_LIST_MAX])
{
	size_t i;

	for (i = 0; i < relays->list->len; i++)
		relay_demand(relays->places[i].relay, waiting[i]);
}

void
relays_submit(struct relays *relays, size_t preferred, relay_set set,
    struct transaction *transaction)
{
	size_t i = preferred;

	if (!is_in(set, i) || is_down(relays, i))
		for (i = 0; i < relays->list->len; i++)
			if (is_in(set, i) && !is_down(relays, i))
				break;
	if (i == relays->list->len)
		i = preferred; /* ends UNSENT */
	transaction->relay = relays_name(relays, i);
	relay_submit(relays->places[i].relay, transaction);
}

static void
on_closed(void *arg)
{
	(void)arg; /* what it had in hand is being settled: see on_drained */
}

void
relays_stop(struct relays *relays)
{
	size_t i;

	for (i = 0; i < relays->list->len; i++)
		relay_stop(relays->places[i].relay, on_closed, NULL);
}

void
relays_free(struct relays *relays)
{
	size_t i;

	if (relays == NULL)
		return;
	for (i = 0; i < relays->list->len; i++)
		relay_free(relays->places[i].relay);
	free(relays);
}
