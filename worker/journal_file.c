/* SPDX-License-Identifier: MIT */
/* Reading the journals of processes that are gone. */
#include "journal_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"

#define KEPT 3600 /* s */

static const char *const suffixes[] = {
	[JOURNAL_LEFT] = JOURNAL_CURRENT,
	[JOURNAL_HELD] = JOURNAL_CURRENT,
	[JOURNAL_KEPT] = JOURNAL_DONE,
};

void
journal_file_folder(char folder[JOURNAL_PATH], const char *state_directory)
{
	snprintf(folder, JOURNAL_PATH, "%s/journal", state_directory);
}

void
journal_file_path(char path[JOURNAL_PATH], const char *state_directory,
    const char *owner, const char *suffix)
{
	snprintf(path, JOURNAL_PATH, "%s/journal/%s%s", state_directory, owner,
	    suffix);
}

static void
drop(const char *state_directory, const char *owner, const char *suffix)
{
	char path[JOURNAL_PATH];

	journal_file_path(path, state_directory, owner, suffix);
	(void)unlink(path); /* who is left has nothing unsettled */
}

void
journal_file_settle(const char *state_directory, const char *owner, bool empty)
{
	char path[JOURNAL_PATH], kept[JOURNAL_PATH];

	journal_file_path(path, state_directory, owner, JOURNAL_CURRENT);
	journal_file_path(kept, state_directory, owner, JOURNAL_DONE);
	if (!empty && rename(path, kept) == 0)
		return;
	drop(state_directory, owner, JOURNAL_CURRENT);
	drop(state_directory, owner, JOURNAL_OLD);
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

static void
read_file(struct journal_record *record, const char *suffix)
{
	char path[JOURNAL_PATH];
	FILE *f;

	journal_file_path(path, record->state_directory, record->owner, suffix);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	read_lines(record, f);
	fclose(f);
}

enum journal_found
journal_read(struct journal_record *record, const char *state_directory,
    const char *owner, enum journal_kind kind)
{
	char path[JOURNAL_PATH];

	memset(record, 0, sizeof(*record));
	record->state_directory = state_directory;
	snprintf(record->owner, sizeof(record->owner), "%s", owner);
	journal_file_path(path, state_directory, owner, suffixes[kind]);
	record->lock = open(path, O_RDONLY | O_CLOEXEC);
	if (record->lock == -1)
		return JOURNAL_ABSENT;
	if (flock(record->lock, LOCK_EX | LOCK_NB) == -1) {
		close(record->lock);
		record->lock = -1;
		if (kind == JOURNAL_LEFT)
			return JOURNAL_LOCKED;
	} else if (kind != JOURNAL_LEFT) {
		close(record->lock);
		record->lock = -1;
	}
	read_file(record, JOURNAL_OLD);
	read_file(record, suffixes[kind]);
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
	if (record->lock != -1 && done)
		journal_file_settle(record->state_directory, record->owner,
		    record->entries_len == 0);
	if (record->lock != -1)
		close(record->lock);
	memset(record, 0, sizeof(*record));
}

char **
journal_owners(const char *state_directory, enum journal_kind kind)
{
	const char *suffix = suffixes[kind];
	char folder[JOURNAL_PATH];
	struct dirent *entry;
	char **list = calloc(1, sizeof(*list));
	size_t len = 0, n;
	DIR *dir;

	journal_file_folder(folder, state_directory);
	dir = opendir(folder);
	while (list != NULL && dir != NULL && (entry = readdir(dir)) != NULL) {
		n = strlen(entry->d_name);
		if (n <= strlen(suffix) ||
		    strcmp(entry->d_name + n - strlen(suffix), suffix) != 0)
			continue;
		list = realloc(list, (len + 2) * sizeof(*list));
		if (list == NULL)
			abort();
		list[len++] = strndup(entry->d_name, n - strlen(suffix));
		list[len] = NULL;
	}
	if (dir != NULL)
		closedir(dir);
	return list;
}

void
journal_expire(const char *state_directory)
{
	char **owners = journal_owners(state_directory, JOURNAL_KEPT);
	char path[JOURNAL_PATH];
	struct stat st;
	size_t i;

	for (i = 0; owners != NULL && owners[i] != NULL; i++) {
		journal_file_path(path, state_directory, owners[i],
		    JOURNAL_DONE);
		if (stat(path, &st) == 0 && st.st_mtime + KEPT < time(NULL)) {
			drop(state_directory, owners[i], JOURNAL_DONE);
			drop(state_directory, owners[i], JOURNAL_OLD);
		}
		free(owners[i]);
	}
	free(owners);
}
