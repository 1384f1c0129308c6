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

#define FULL (1024 * 1024) /* bytes */

struct journal {
	int fd;
	const char *directory; /* borrowed */
	char owner[ID_MAX + 1];
	size_t written, full; /* bytes of the current file */
	unsigned
	    generation; /* of files: the ticket of a D in the current one */
	size_t unsettled[2]; /* D's without an outcome, of this and the last */
	uint64_t dots; /* all that ever were */
	bool healthy;
	struct buffer waiting;
};

/*
 * A new file with its header, locked before others can see it. Its descriptor,
 * or -1.
 */
static int
create(struct journal *journal)
{
	char path[JOURNAL_PATH], boot[64];
	struct buffer header = { 0 };
	int fd;

	journal_file_boot_id(boot);
	buffer_printf(&header, "J 1 %s %s\n", journal->owner, boot);
	journal_file_path(path, journal->directory, journal->owner,
	    JOURNAL_NEW);
	(void)unlink(path); /* of a rotation that failed */
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
	if (fd != -1 &&
	    (flock(fd, LOCK_EX | LOCK_NB) == -1 ||
		write(fd, header.data, header.len) != (ssize_t)header.len)) {
		close(fd);
		fd = -1;
	}
	if (fd != -1)
		journal->written = header.len;
	buffer_free(&header);
	return fd;
}

static int
begin_first(struct journal *journal)
{
	char folder[JOURNAL_PATH], path[JOURNAL_PATH], new[JOURNAL_PATH];

	journal_file_folder(folder, journal->directory);
	if (mkdir(journal->directory, 0750) == -1 && errno != EEXIST)
		return -1;
	if (mkdir(folder, 0750) == -1 && errno != EEXIST)
		return -1;
	journal_file_path(path, journal->directory, journal->owner,
	    JOURNAL_CURRENT);
	journal_file_path(new, journal->directory, journal->owner, JOURNAL_NEW);
	journal->fd = create(journal);
	if (journal->fd == -1)
		return -1;
	/* Unlike a rename it leaves alone what is there. */
	if (link(new, path) == -1 || unlink(new) == -1)
		return -1;
	return 0;
}

/* There is a current file at each moment. */
static void
rotate(struct journal *journal)
{
	char path[JOURNAL_PATH], old[JOURNAL_PATH], new[JOURNAL_PATH];
	const size_t written = journal->written;
	int fd = create(journal);

	journal_file_path(path, journal->directory, journal->owner,
	    JOURNAL_CURRENT);
	journal_file_path(old, journal->directory, journal->owner, JOURNAL_OLD);
	journal_file_path(new, journal->directory, journal->owner, JOURNAL_NEW);
	(void)unlink(old); /* the first time there is none */
	if (fd != -1 && link(path, old) == 0 && rename(new, path) == 0) {
		close(journal->fd);
		journal->fd = fd;
		journal->generation++;
		journal->full = FULL;
		return;
	}
	/* It is only longer than it need be; tried again later. */
	journal->written = written;
	journal->full = written + FULL;
	if (fd != -1)
		close(fd);
}

struct journal *
journal_open(const char *directory, const char *owner)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (journal == NULL)
		abort();
	journal->healthy = true;
	journal->fd = -1;
	journal->directory = directory;
	journal->generation = 1;
	journal->full = FULL;
	snprintf(journal->owner, sizeof(journal->owner), "%s", owner);
	if (begin_first(journal) == 0)
		return journal;
	log_error("the journal cannot be written; check STATE_DIRECTORY",
	    "directory", directory, "why", strerror(errno), NULL);
	if (journal->fd != -1)
		close(journal->fd);
	free(journal);
	return NULL;
}

void
journal_close(struct journal *journal)
{
	if (journal == NULL)
		return;
	/* A failed write was logged; what is on disk counts. */
	(void)journal_commit(journal);
	if (journal->unsettled[0] + journal->unsettled[1] == 0)
		journal_file_settle(journal->directory, journal->owner,
		    journal->dots == 0);
	close(journal->fd);
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

unsigned
journal_dot(struct journal *journal, const char *id, int64_t claim_seq,
    const char *const *recipients, size_t len)
{
	struct buffer *out = &journal->waiting;
	size_t i;

	journal->unsettled[journal->generation % 2]++;
	journal->dots++;
	begin(out, "D ", id, claim_seq);
	for (i = 0; i < len; i++) {
		if (i > 0)
			buffer_add(out, ",", 1);
		buffer_add_text(out, recipients[i]);
	}
	buffer_add(out, "\n", 1);
	return journal->generation;
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
		    "owner", journal->owner, "why", strerror(errno), NULL);
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
journal_settled(struct journal *journal, unsigned ticket)
{
	journal->unsettled[ticket % 2]--;
	if (journal->written >= journal->full && journal->waiting.len == 0 &&
	    journal->unsettled[(journal->generation + 1) % 2] == 0)
		rotate(journal);
}

bool
journal_healthy(const struct journal *journal)
{
	return journal->healthy;
}
