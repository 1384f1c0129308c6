/* SPDX-License-Identifier: MIT */
/* Names and turns of the lanes. */
#include "lane.h"

#include <stdio.h>
#include <string.h>

const char *const lane_names[LANE__MAX] = {
	[LANE_NORMAL] = "normal",
	[LANE_HIGH] = "high",
	[LANE_BULK] = "bulk",
};

static const int weights[LANE__MAX] = {
	[LANE_NORMAL] = 4,
	[LANE_HIGH] = 8,
	[LANE_BULK] = 1,
};

enum lane
lane_find(const char *name, size_t len)
{
	int i;

	for (i = 0; i < LANE__MAX; i++)
		if (strlen(lane_names[i]) == len &&
		    memcmp(lane_names[i], name, len) == 0)
			break;
	return (enum lane)i;
}

enum lane
lane_read(const char *name, size_t len)
{
	enum lane lane = lane_find(name, len);

	return lane == LANE__MAX ? LANE_NORMAL : lane;
}

void
lane_queue(char name[LANE_QUEUE_SIZE], enum lane lane, const char *queue)
{
	/* Its length was checked with the configuration. */
	(void)snprintf(name, LANE_QUEUE_SIZE, "%s%s%s", queue,
	    lane == LANE_NORMAL ? "" : "_",
	    lane == LANE_NORMAL ? "" : lane_names[lane]);
}

/*
 * Smooth weighted round-robin: each that has something gains its weight, the
 * richest goes and pays what all have gained.
 */
enum lane
lane_next(struct lane_turns *turns, const size_t waiting[LANE__MAX])
{
	enum lane next = LANE__MAX;
	int i, gained = 0;

	for (i = 0; i < LANE__MAX; i++) {
		if (waiting[i] == 0) {
			turns->credit[i] = 0;
			continue;
		}
		turns->credit[i] += weights[i];
		gained += weights[i];
		if (next == LANE__MAX || turns->credit[i] > turns->credit[next])
			next = (enum lane)i;
	}
	if (next != LANE__MAX)
		turns->credit[next] -= gained;
	return next;
}
