/* SPDX-License-Identifier: MIT */
/* Where journals lie, and which boot of the machine this is. */
#ifndef POSTRIDER_JOURNAL_FILE_H
#define POSTRIDER_JOURNAL_FILE_H

void journal_file_folder(char folder[512], const char *state_directory);
void journal_file_path(char path[512], const char *state_directory,
    const char *owner);
/* /proc/sys/kernel/random/boot_id, or "unknown". */
void journal_file_boot_id(char boot[64]);

#endif
