/* SPDX-License-Identifier: MIT */
/* Who a delivery is from and to, and which relays may take it. */
#include <stdlib.h>
#include <string.h>

#include "bounce_address.h"
#include "delivery.h"
#include "worker.h"

/* What comes back goes to the author, if not to an address for that. */
static const char *
sender_of(struct delivery *d)
{
	const struct job *job = &d->hint.job;
	const char *bounces = d->worker->config->bounce_address;

	if (bounces[0] == '\0')
		return job->from.address != NULL ? job->from.address :
						   d->worker->from.address;
	bounce_address_add(&d->bounce_address, bounces, job->id);
	return d->bounce_address.data;
}

static relay_set
route_of(const struct delivery *d, size_t recipient)
{
	return relays_route(d->worker->relays,
	    address_domain(d->hint.job.recipients[recipient].address));
}

relay_set
delivery_route(const struct delivery *d)
{
	const struct relays *relays = d->worker->relays;
	const struct job *job = &d->hint.job;
	relay_set route, first = 0;
	size_t i;

	if (relays_len(relays) == 1)
		return 1;
	for (i = 0; i < job->recipients_len; i++) {
		if (job->recipients[i].state != RECIPIENT_WAITING)
			continue;
		route = route_of(d, i);
		if (!relays_are_down(relays, route))
			return route;
		first = first != 0 ? first : route;
	}
	return first != 0 ? first : relays_route(relays, "");
}

bool
delivery_goes(const struct delivery *d, size_t recipient, relay_set route)
{
	return d->hint.job.recipients[recipient].state == RECIPIENT_WAITING &&
	    route_of(d, recipient) == route;
}

void
delivery_address(struct delivery *d)
{
	struct job *job = &d->hint.job;
	struct transaction *t = &d->transaction;
	const relay_set route = delivery_route(d);
	size_t i;

	d->envelope = calloc(job->recipients_len, sizeof(*d->envelope));
	if (d->envelope == NULL)
		abort();
	for (i = 0; i < job->recipients_len; i++)
		if (delivery_goes(d, i, route))
			d->envelope[t->recipients_len++].address =
			    job->recipients[i].address;
	t->recipients = d->envelope;
	t->id = job->id;
	t->traceparent = job->traceparent;
	t->sender = sender_of(d);
}
