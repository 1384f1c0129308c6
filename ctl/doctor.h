/* SPDX-License-Identifier: MIT */
/* The command that looks for what is wrong, and says what to do. */
#ifndef POSTRIDER_DOCTOR_H
#define POSTRIDER_DOCTOR_H

#include "command.h"

extern const struct options_entry doctor_options[];
enum command_status doctor_run(const struct ctl *, char **);

enum finding {
	FINDING_OK,
	FINDING_WARNING, /* mail flows, and may not for long, or not well */
	FINDING_FAILED,
	FINDING__MAX
};

struct doctor {
	const struct ctl *ctl;
	const char *resolver; /* --resolver, or NULL */
	int found[FINDING__MAX]; /* how many of each */
};

/* One line: what was looked at, and what to do unless it is OK. */
void doctor_tell(struct doctor *, enum finding, const char *subject,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* doctor_dns.c: what other hosts look up about our From domain and us. */
void doctor_dns(struct doctor *);

#endif
