/* SPDX-License-Identifier: MIT */
/* What waits, in which order. */
#include "waiting.h"

#include "delivery.h"

void
delivery_list_append(struct delivery_list *list, struct delivery *d)
{
	d->next = NULL;
	d->prev = list->last;
	if (list->last != NULL)
		list->last->next = d;
	else
		list->first = d;
	list->last = d;
	list->len++;
}

void
delivery_list_take(struct delivery_list *list, struct delivery *d)
{
	if (d->prev != NULL)
		d->prev->next = d->next;
	else
		list->first = d->next;
	if (d->next != NULL)
		d->next->prev = d->prev;
	else
		list->last = d->prev;
	list->len--;
}

size_t
waiting_len(const struct waiting *waiting)
{
	size_t len = 0;
	int lane;

	for (lane = 0; lane < LANE__MAX; lane++)
		len += waiting->lines[lane].len;
	return len;
}

size_t
waiting_ready(const struct waiting *waiting, int64_t now, int64_t *next)
{
	const struct delivery *d;
	size_t ready = 0;
	int lane;

	*next = -1;
	for (lane = 0; lane < LANE__MAX; lane++)
		for (d = waiting->lines[lane].first; d != NULL; d = d->next) {
			ready += d->turn_at <= now;
			if (d->turn_at > now &&
			    (*next == -1 || d->turn_at - now < *next))
				*next = d->turn_at - now;
		}
	return ready;
}

void
waiting_add(struct waiting *waiting, struct delivery *d)
{
	delivery_list_append(&waiting->lines[d->lane], d);
}

struct delivery *
waiting_take(struct waiting *waiting,
    bool (*may)(void *arg, const struct delivery *), void *arg)
{
	struct delivery *first[LANE__MAX];
	size_t there[LANE__MAX];
	enum lane next;
	int lane;

	for (lane = 0; lane < LANE__MAX; lane++) {
		first[lane] = waiting->lines[lane].first;
		while (first[lane] != NULL && !may(arg, first[lane]))
			first[lane] = first[lane]->next;
		there[lane] = first[lane] != NULL;
	}
	next = lane_next(&waiting->turns, there);
	if (next == LANE__MAX)
		return NULL;
	delivery_list_take(&waiting->lines[next], first[next]);
	return first[next];
}

struct delivery *
waiting_drop(struct waiting *waiting)
{
	struct delivery *d;
	int lane;

	for (lane = 0; lane < LANE__MAX; lane++) {
		d = waiting->lines[lane].first;
		if (d == NULL)
			continue;
		delivery_list_take(&waiting->lines[lane], d);
		return d;
	}
	return NULL;
}

/* When it came into the queue: Redis TIME, as its publisher knew it. */
static int64_t
came_at(const struct delivery *d)
{
	return d->hint.published_at > d->hint.next_at ? d->hint.published_at :
							d->hint.next_at;
}

/* What a wrong clock or an older program says is no measure. */
void
waiting_note(struct waiting *waiting, const struct delivery *d, int64_t now)
{
	const int64_t at = came_at(d);

	if (at > waiting->newest[d->lane] && at <= now)
		waiting->newest[d->lane] = at;
}

struct waiting_progress
waiting_get_progress(const struct waiting *waiting, enum lane lane)
{
	struct waiting_progress progress = { .newest = waiting->newest[lane] };
	const struct delivery *d;
	int64_t at;

	for (d = waiting->lines[lane].first; d != NULL; d = d->next) {
		at = came_at(d);
		if (at > 0 && (progress.oldest == 0 || at < progress.oldest))
			progress.oldest = at;
	}
	return progress;
}
