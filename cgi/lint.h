/* SPDX-License-Identifier: MIT */
/*
 * What a mail should not be, though it may: what makes large providers file it
 * as junk, cut it off or refuse it. Pure.
 */
#ifndef POSTRIDER_LINT_H
#define POSTRIDER_LINT_H

#include "faults.h"
#include "job.h"

#define LINT_SUBJECT_MAX 200 /* bytes */
#define LINT_HTML_KB 102 /* Gmail clips what is behind */

/* Adds each to the list. */
void lint_mail(const struct job *, struct faults *warnings);

#endif
