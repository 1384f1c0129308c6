/* SPDX-License-Identifier: MIT */
/* All clients, and what is done for all of them. */
#ifndef POSTRIDER_CLIENTS_H
#define POSTRIDER_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct client;
struct event;
struct events;

struct clients {
	struct client *first;
	struct client *unsent; /* to be written at the end of this loop turn */
	size_t count, websockets, streams;
	uint64_t accepted, refused, cut, told; /* since the start */
	uv_prepare_t turn;
	uv_timer_t pinger;
	void (*gone)(void *arg); /* clients_stop(): the last has left */
	void *arg;
};

void clients_open(struct events *);
void clients_add(struct client *);
void clients_remove(struct client *);
void clients_note_unsent(struct client *);

/* A client may close while it is dealt with. */
void clients_each(struct events *, void (*deal)(struct client *, void *arg),
    void *arg);

/* Those that are told events: */
bool clients_follow(const struct clients *);
void clients_offer(struct events *, struct event *);
/* The feed knows where it stands. */
void clients_begin(struct events *);
/* Redis went away, or is back. */
void clients_tell_status(struct events *);
/* What they have missed is lost. */
void clients_tell_broken(struct events *);

/* 1001 to all; `gone` once there is none. */
void clients_stop(struct events *, void (*gone)(void *arg), void *arg);
void clients_close(struct events *); /* at once */

#endif
