/* SPDX-License-Identifier: MIT */
/*
 * Job ids. Ours are UUID version 7 (RFC 9562 5.7): their order is the order of
 * their making, which keeps indexes dense. Ids of other publishers (messages
 * of the older system) are any 1-64 of [A-Za-z0-9._-], so every id can stand
 * in a Redis key, a file, a log line and a Message-ID as it is.
 */
#ifndef POSTRIDER_ID_H
#define POSTRIDER_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_MAX 64 /* characters */

/* Thread-safe; random bytes are drawn for many ids at a time. */
void id_new(char id[ID_MAX + 1]);
bool id_is_valid(const char *id, size_t len);

/* 32 random bits: for jitter and shuffles. */
uint32_t id_random(void);
/* `bytes` random bytes as 2 * bytes hex digits and a NUL (getrandom(2)). */
void id_random_hex(char *hex, size_t bytes);
/* The same of at most ID_TRACE_MAX, for what is no secret: drawn as id_new() does. */
#define ID_TRACE_MAX 16
void id_trace_hex(char *hex, size_t bytes);

#endif
