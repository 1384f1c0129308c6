/* SPDX-License-Identifier: MIT */
/*
 * What a program of the cost guard does N times, and the mail that it does it
 * with. main() is in mail.c: PROGRAM N [plain|quoted|base64|file [BYTES]].
 */
#ifndef POSTRIDER_COST_MAIL_H
#define POSTRIDER_COST_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "job.h"

/*
 * 1 KB of text, or as many bytes as asked for: ASCII, or with letters that need
 * quoted-printable or base64.
 */
extern const char *cost_text;
extern const char *cost_subject;
extern size_t cost_file_size; /* of zeros; 0: there is no file */

/*
 * A mail to two recipients, with a file (of 64 KiB) if asked for so; job_clear()
 * is the caller's.
 */
void cost_job(struct job *);

/* Ends the program (abort) with `what` when it is not so. */
void cost_check(bool holds, const char *what);

/* Each program's own: what is done for `n` mails, its start-up included. */
void cost_run(size_t n);

#endif
