/* SPDX-License-Identifier: MIT */
/* Writing this process' outcome journal. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_file.h"
#include "log.h"

#define TRUNCATE_AT (1024 * 1024) /* bytes, and nothing unsettled */

struct journal {
	int fd;
	char path[512];
	size_t header_len, written;
	size_t unsettled; /* D's that Redis has no outcome of */
	bool healthy;
	struct buffer waiting;
};

static int
create(struct journal *journal, const char *directory, const char *owner)
{
	char folder[512], boot[64];

	journal_file_folder(folder, directory);
	if (mkdir(directory, 0750) == -1 && errno != EEXIST)
		return -1;
	if (mkdir(folder, 0750) == -1 && errno != EEXIST)
		return -1;
	journal_file_path(journal->path, directory, owner);
	journal->fd = open(journal->path,
	    O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
	if (journal->fd == -1 || flock(journal->fd, LOCK_EX | LOCK_NB) == -1)
		return -1;
	journal_file_boot_id(boot);
	buffer_printf(&journal->waiting, "J 1 %s %s\n", owner, boot);
	journal->header_len = journal->waiting.len;
	return journal_commit(journal);
}

struct journal *
journal_open(const char *directory, const char *owner)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (journal == NULL)
		abort();
	journal->healthy = true;
	journal->fd = -1;
	if (create(journal, directory, owner) == 0)
		return journal;
	log_error("the journal cannot be written; check STATE_DIRECTORY",
	    "directory", directory, "why", strerror(errno), NULL);
	journal_close(journal);
	return NULL;
}

void
journal_close(struct journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->fd != -1) {
		/* A failed write was logged; what is on disk counts. */
		(void)journal_commit(journal);
		if (journal->unsettled == 0)
			(void)unlink(journal->path);
		close(journal->fd);
	}
	buffer_free(&journal->waiting);
	free(journal);
}

static void
begin(struct buffer *out, const char *kind, const char *id, int64_t claim_seq)
{
	buffer_add_text(out, kind);
	buffer_add_text(out, id);
	buffer_add(out, " ", 1);
	buffer_add_number(out, claim_seq);
	buffer_add(out, " ", 1);
}

void
journal_dot(struct journal *journal, const char *id, int64_t claim_seq,
    const char *const *recipients, size_t len)
{
	struct buffer *out = &journal->waiting;
	size_t i;

	journal->unsettled++;
	begin(out, "D ", id, claim_seq);
	for (i = 0; i < len; i++) {
		if (i > 0)
			buffer_add(out, ",", 1);
		buffer_add_text(out, recipients[i]);
	}
	buffer_add(out, "\n", 1);
}

void
journal_reply(struct journal *journal, const char *id, int64_t claim_seq,
    const struct journal_outcome *outcome)
{
	struct buffer *out = &journal->waiting;
	size_t at;

	begin(out, "R ", id, claim_seq);
	buffer_add_text(out, outcome->outcome);
	buffer_add(out, " ", 1);
	buffer_add_number(out, outcome->code);
	buffer_add(out, " ", 1);
	at = out->len;
	buffer_add_text(out, outcome->reply);
	for (; at < out->len; at++)
		if ((unsigned char)out->data[at] < ' ')
			out->data[at] = ' ';
	buffer_add(out, "\n", 1);
}

static int
refused(struct journal *journal)
{
	if (journal->healthy)
		log_error("the journal's disk refuses; nothing is sent until "
			  "it takes writes",
		    "path", journal->path, "why", strerror(errno), NULL);
	journal->healthy = false;
	return -1;
}

int
journal_commit(struct journal *journal)
{
	struct buffer *out = &journal->waiting;
	ssize_t n;

	while (out->len > 0) {
		n = write(journal->fd, out->data, out->len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return refused(journal);
		journal->written += (size_t)n;
		buffer_drop(out, (size_t)n);
	}
	if (!journal->healthy)
		log_info("the journal's disk takes writes again", NULL);
	journal->healthy = true;
	return 0;
}

void
journal_settled(struct journal *journal)
{
	journal->unsettled--;
	if (journal->unsettled > 0 || journal->written < TRUNCATE_AT ||
	    journal->waiting.len > 0)
		return;
	/* If it fails the file is only longer than it need be. */
	if (ftruncate(journal->fd, (off_t)journal->header_len) == 0)
		journal->written = journal->header_len;
}

bool
journal_healthy(const struct journal *journal)
{
	return journal->healthy;
}
