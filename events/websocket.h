/* SPDX-License-Identifier: MIT */
/*
 * What a client sends over a WebSocket: frames are read by wslay (RFC 6455),
 * messages are dealt with here. What is wrong ends the client with the code
 * that says so.
 */
#ifndef POSTRIDER_WEBSOCKET_H
#define POSTRIDER_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct websocket;

struct websocket *websocket_new(struct client *, bool deflates);
void websocket_free(struct websocket *); /* NULL: nothing */

/* Bytes of the client; it may have left, or be closed, after it. */
void websocket_read(struct websocket *, const char *bytes, size_t len);
bool websocket_deflates(const struct websocket *);

#endif
