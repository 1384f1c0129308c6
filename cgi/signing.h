/* SPDX-License-Identifier: MIT */
/*
 * The domains that workers have DKIM keys for, as far as the API knows: asked
 * of Redis now and then, never for a mail. The keys themselves are the
 * workers' alone.
 */
#ifndef POSTRIDER_SIGNING_H
#define POSTRIDER_SIGNING_H

#include <stdbool.h>

#include "pipeline.h"

struct signing;

/* Knows no domain. NULL when there is no memory. */
struct signing *signing_new(void);
/* No question may be on its way: after pipeline_free(). NULL will do. */
void signing_free(struct signing *);

/* Asks anew, unless an answer is still waited for. Only one thread does. */
void signing_look(struct signing *, struct pipeline *);

/*
 * Thread-safe. Whether mail of this From domain is signed, by a key of its own
 * or of a domain above it; also true where no worker has any key (or none
 * lives): nobody has asked for signatures there.
 */
bool signing_covers(struct signing *, const char *domain);

/* Takes the place of what was known; domains with blanks between them. */
void signing_learn(struct signing *, const char *domains);

#endif
