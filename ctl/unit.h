/* SPDX-License-Identifier: MIT */
/* systemd's units, by systemctl(1). */
#ifndef POSTRIDER_UNIT_H
#define POSTRIDER_UNIT_H

#include <stdbool.h>

#include "buffer.h"

struct unit_state {
	bool installed, active, enabled;
};

/* 0, or -1 with what systemctl said. */
int unit_look(const char *name, struct unit_state *, struct buffer *why);
/* `systemctl VERB NAME`. 0, or -1 with what it said, and where to look. */
int unit_do(const char *verb, const char *name, struct buffer *why);

#endif
