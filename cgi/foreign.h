/* SPDX-License-Identifier: MIT */
/*
 * What Resend's SDKs can ask for and Postrider does not have: words for those
 * who do, in place of a mere "there is no such thing". docs/clients.md tells
 * the whole of it.
 */
#ifndef POSTRIDER_FOREIGN_H
#define POSTRIDER_FOREIGN_H

#include <stddef.h>

#include "faults.h"

/* Why a mail has no such field; of one that nobody has, the nearest is told. */
void foreign_field_tell(struct faults *, const char *name, size_t len);

/* Why nothing is at a path, also below it; NULL: it is not one of theirs. */
const char *foreign_path_fault(const char *path);

#endif
