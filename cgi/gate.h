/* SPDX-License-Identifier: MIT */
/*
 * The gate before every route but the open ones: who asks, whether he may, and
 * whether not too often. With AUTH=off it stands open.
 */
#ifndef POSTRIDER_GATE_H
#define POSTRIDER_GATE_H

#include <stdbool.h>
#include <stdint.h>

struct request;

/*
 * `go` is called with the request when it may go on, now or later and from
 * another thread; else it is answered: 401, 403, 429 or 503. `scopes`: bits of
 * key_scope that its key needs.
 */
void gate_enter(struct request *, unsigned scopes,
    void (*go)(struct request *));

/*
 * The same before mails are made: 429 when they are more than the key's day has
 * left. What then does not come to be (any answer but 2xx, a replayed one) is
 * given back by gate_leave().
 */
void gate_take_mails(struct request *, int64_t mails,
    void (*go)(struct request *));

/*
 * Whether From may be that, by ALLOWED_FROM and by the key. false: it is
 * answered, 403. NULL: the mail has none, and gets SMTP_FROM.
 */
bool gate_allows_from(struct request *, const char *address);

/* The key's id, "" with AUTH=off. */
const char *gate_key_id(const struct request *);

/* The request is answered with this status. */
void gate_leave(struct request *, int status, bool replayed);

#endif
