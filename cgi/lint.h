/* SPDX-License-Identifier: MIT */
/*
 * What a mail should not be, though it may: what makes large providers file it
 * as junk, cut it off or refuse it.
 */
#ifndef POSTRIDER_LINT_H
#define POSTRIDER_LINT_H

#include "faults.h"
#include "job.h"
#include "signing.h"

#define LINT_SUBJECT_MAX 200 /* bytes */
#define LINT_HTML_KB 102 /* Gmail clips what is behind */

struct lint {
	struct signing *signing; /* borrowed; NULL: nobody signs */
	struct faults warnings; /* faults_free() */
};

/* Adds each to the list: the warnings, or faults where they are meant so. */
void lint_mail(const struct job *, const struct lint *, struct faults *);

#endif
