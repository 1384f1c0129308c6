/* SPDX-License-Identifier: MIT */
/* A singly linked list; deadlines are looked at only when one may be over. */
#include "publish_queue.h"

#include <stddef.h>

void
publish_queue_reset(struct publish_queue *q)
{
	q->first = NULL;
	q->end = &q->first;
	q->earliest = INT64_MAX;
}

void
publish_queue_append(struct publish_queue *q, struct publish *list)
{
	*q->end = list;
	for (; *q->end != NULL; q->end = &(*q->end)->next)
		if ((*q->end)->deadline < q->earliest)
			q->earliest = (*q->end)->deadline;
}

static struct publish *
take_at(struct publish_queue *q, struct publish **at)
{
	struct publish *p = *at;

	*at = p->next;
	if (*at == NULL)
		q->end = at;
	if (q->first == NULL)
		q->earliest = INT64_MAX;
	p->next = NULL;
	return p;
}

struct publish *
publish_queue_pop(struct publish_queue *q)
{
	return q->first != NULL ? take_at(q, &q->first) : NULL;
}

struct publish *
publish_queue_take(struct publish_queue *q, uint64_t tag)
{
	struct publish **at = &q->first;

	while (*at != NULL && (*at)->tag < tag)
		at = &(*at)->next;
	return *at != NULL && (*at)->tag == tag ? take_at(q, at) : NULL;
}

struct publish *
publish_queue_take_overdue(struct publish_queue *q, int64_t now)
{
	struct publish *list = NULL, **end = &list, **at = &q->first;

	if (q->earliest > now)
		return NULL;
	q->earliest = INT64_MAX;
	while (*at != NULL) {
		if ((*at)->deadline <= now) {
			*end = take_at(q, at);
			end = &(*end)->next;
			continue;
		}
		if ((*at)->deadline < q->earliest)
			q->earliest = (*at)->deadline;
		at = &(*at)->next;
	}
	return list;
}
