/* SPDX-License-Identifier: MIT */
/* Where journals lie, and which boot of the machine this is. */
#ifndef POSTRIDER_JOURNAL_FILE_H
#define POSTRIDER_JOURNAL_FILE_H

#include <stdbool.h>

#define JOURNAL_PATH 512

/* The files of one owner; each suffix says what it is. */
#define JOURNAL_CURRENT ".journal" /* locked while its process lives */
#define JOURNAL_OLD ".old" /* the one before it, full */
#define JOURNAL_NEW ".new" /* on its way to be the current one */
#define JOURNAL_DONE ".done" /* nothing in it is unsettled */

void journal_file_folder(char folder[JOURNAL_PATH],
    const char *state_directory);
void journal_file_path(char path[JOURNAL_PATH], const char *state_directory,
    const char *owner, const char *suffix);
/* /proc/sys/kernel/random/boot_id, or "unknown". */
void journal_file_boot_id(char boot[64]);
/*
 * No more is to be settled: the file is kept a while as proof, for a store that
 * goes back in time; `empty`: there is none in it.
 */
void journal_file_settle(const char *state_directory, const char *owner,
    bool empty);

#endif
