/* SPDX-License-Identifier: MIT */
/* What a client's HTTP request asks for. */
#ifndef POSTRIDER_REQUEST_H
#define POSTRIDER_REQUEST_H

struct client;

/* Looks at what has come of it (client->head), and answers it once whole. */
void request_read(struct client *);
/* It may follow events. */
void request_admitted(struct client *);
/* There are too many clients. */
void request_refuse(struct client *);

#endif
