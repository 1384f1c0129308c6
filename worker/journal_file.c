/* SPDX-License-Identifier: MIT */
/* Reading the journals of processes that are gone. */
#include "journal_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "journal.h"

#define SUFFIX ".journal"

void
journal_file_folder(char folder[512], const char *state_directory)
{
	snprintf(folder, 512, "%s/journal", state_directory);
}

void
journal_file_path(char path[512], const char *state_directory,
    const char *owner)
{
	snprintf(path, 512, "%s/journal/%s" SUFFIX, state_directory, owner);
}

void
journal_file_boot_id(char boot[64])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f == NULL || fscanf(f, "%63s", boot) != 1)
		snprintf(boot, 64, "unknown");
	if (f != NULL)
		fclose(f);
}

/* -- lines ------------------------------------------------------------------ */

static struct journal_entry *
add_entry(struct journal_record *record)
{
	size_t n = record->entries_len;

	/* Grown by doubling at each power of two. */
	if ((n & (n - 1)) == 0) {
		record->entries = realloc(record->entries,
		    (n > 0 ? 2 * n : 1) * sizeof(*record->entries));
		if (record->entries == NULL)
			abort();
	}
	memset(&record->entries[n], 0, sizeof(*record->entries));
	record->entries_len++;
	return &record->entries[n];
}

static struct journal_entry *
find(const struct journal_record *record, const char *id, int64_t claim_seq)
{
	size_t i;

	for (i = record->entries_len; i > 0; i--)
		if (record->entries[i - 1].claim_seq == claim_seq &&
		    strcmp(record->entries[i - 1].id, id) == 0)
			return &record->entries[i - 1];
	return NULL;
}

const struct journal_entry *
journal_find(const struct journal_record *record, const char *id,
    int64_t claim_seq)
{
	return find(record, id, claim_seq);
}

static void
read_dot(struct journal_record *record, const char *line)
{
	char id[ID_MAX + 1];
	struct journal_entry *entry;
	long long seq;
	int at = 0;

	if (sscanf(line, "D %64s %lld %n", id, &seq, &at) != 2 || at == 0)
		return;
	entry = add_entry(record);
	snprintf(entry->id, sizeof(entry->id), "%s", id);
	entry->claim_seq = seq;
	entry->recipients = strdup(line + at);
}

static void
read_reply(struct journal_record *record, const char *line)
{
	char id[ID_MAX + 1], outcome[16];
	struct journal_entry *entry;
	long long seq;
	int code, at = 0;

	if (sscanf(line, "R %64s %lld %15s %d %n", id, &seq, outcome, &code,
		&at) != 4 ||
	    at == 0)
		return;
	entry = find(record, id, seq);
	if (entry == NULL)
		return;
	snprintf(entry->outcome, sizeof(entry->outcome), "%s", outcome);
	entry->code = code;
	free(entry->reply);
	entry->reply = strdup(line + at);
}

static void
read_header(struct journal_record *record, const char *line)
{
	char owner[ID_MAX + 1], boot[64], mine[64];

	if (sscanf(line, "J 1 %64s %63s", owner, boot) != 2)
		return;
	journal_file_boot_id(mine);
	record->same_boot = strcmp(boot, mine) == 0;
}

static void
read_lines(struct journal_record *record, FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, f)) > 0) {
		if (line[n - 1] != '\n')
			break; /* torn: its writer was killed in between */
		line[n - 1] = '\0';
		switch (line[0]) {
		case 'J':
			read_header(record, line);
			break;
		case 'D':
			read_dot(record, line);
			break;
		case 'R':
			read_reply(record, line);
			break;
		}
	}
	free(line);
}

/* -- files ----------------------------------------------------------------- */

enum journal_found
journal_read(struct journal_record *record, const char *state_directory,
    const char *owner)
{
	FILE *f;

	memset(record, 0, sizeof(*record));
	journal_file_path(record->path, state_directory, owner);
	snprintf(record->owner, sizeof(record->owner), "%s", owner);
	record->lock = open(record->path, O_RDONLY | O_CLOEXEC);
	if (record->lock == -1)
		return JOURNAL_ABSENT;
	if (flock(record->lock, LOCK_EX | LOCK_NB) == -1) {
		close(record->lock);
		return JOURNAL_LOCKED;
	}
	f = fopen(record->path, "re");
	if (f != NULL) {
		read_lines(record, f);
		fclose(f);
	}
	return JOURNAL_READ;
}

void
journal_release(struct journal_record *record, bool done)
{
	size_t i;

	for (i = 0; i < record->entries_len; i++) {
		free(record->entries[i].recipients);
		free(record->entries[i].reply);
	}
	free(record->entries);
	if (done)
		/* If it stays, the next start finds nothing left in it. */
		(void)unlink(record->path);
	close(record->lock);
	memset(record, 0, sizeof(*record));
}

char **
journal_owners(const char *state_directory)
{
	char folder[512];
	struct dirent *entry;
	char **list = calloc(1, sizeof(*list));
	size_t len = 0, n;
	DIR *dir;

	journal_file_folder(folder, state_directory);
	dir = opendir(folder);
	while (list != NULL && dir != NULL && (entry = readdir(dir)) != NULL) {
		n = strlen(entry->d_name);
		if (n <= strlen(SUFFIX) ||
		    strcmp(entry->d_name + n - strlen(SUFFIX), SUFFIX) != 0)
			continue;
		list = realloc(list, (len + 2) * sizeof(*list));
		if (list == NULL)
			abort();
		list[len++] = strndup(entry->d_name, n - strlen(SUFFIX));
		list[len] = NULL;
	}
	if (dir != NULL)
		closedir(dir);
	return list;
}
