/* SPDX-License-Identifier: MIT */
/* The outcome journal: what one process writes, the next one reads. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal.h"

static char directory[64];

static int
set_up(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "/tmp/postrider-journal-XXXXXX");
	return mkdtemp(directory) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	char folder[512], path[1024];
	struct dirent *entry;
	DIR *dir;

	(void)state;
	snprintf(folder, sizeof(folder), "%s/journal", directory);
	dir = opendir(folder);
	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	closedir(dir);
	rmdir(folder);
	return rmdir(directory);
}

/* A process that writes and is gone without a goodbye, as after kill -9. */
static void
in_a_process_that_dies(const char *owner, void (*write)(struct journal *))
{
	struct journal *journal;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		journal = journal_open(directory, owner);
		if (journal == NULL)
			_exit(1);
		write(journal);
		_exit(journal_commit(journal) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
write_three(struct journal *journal)
{
	const char *const both[] = { "a@b.c", "d@e.f" };
	const struct journal_outcome sent = { "sent", 250,
		"250 2.0.0\nOk\x07" };

	journal_dot(journal, "j1", 3, both, 2);
	journal_dot(journal, "j2", 9, both, 1);
	journal_reply(journal, "j1", 3, &sent);
	journal_dot(journal, "j1", 7, both, 1);
}

static void
test_read_by_the_next(void **state)
{
	struct journal_record record;
	const struct journal_entry *e;

	(void)state;
	in_a_process_that_dies("host-1", write_three);
	assert_int_equal(journal_read(&record, directory, "host-1",
			     JOURNAL_LEFT),
	    JOURNAL_READ);
	assert_true(record.same_boot);
	assert_int_equal(record.entries_len, 3);
	e = journal_find(&record, "j1", 3);
	assert_string_equal(e->outcome, "sent");
	assert_int_equal(e->code, 250);
	assert_string_equal(e->reply, "250 2.0.0 Ok ");
	assert_string_equal(e->recipients, "a@b.c,d@e.f");
	e = journal_find(&record, "j2", 9);
	assert_string_equal(e->outcome, "");
	assert_string_equal(journal_find(&record, "j1", 7)->outcome, "");
	assert_null(journal_find(&record, "j1", 8));
	assert_null(journal_find(&record, "j3", 3));
	journal_release(&record, true);
	assert_int_equal(journal_read(&record, directory, "host-1",
			     JOURNAL_LEFT),
	    JOURNAL_ABSENT);
}

static void
test_locked_while_it_lives(void **state)
{
	struct journal *journal = journal_open(directory, "host-2");
	struct journal_record record;
	const char *const one[] = { "a@b.c" };

	(void)state;
	assert_non_null(journal);
	assert_int_equal(journal_read(&record, directory, "host-2",
			     JOURNAL_LEFT),
	    JOURNAL_LOCKED);
	assert_null(journal_open(directory, "host-2"));
	journal_dot(journal, "j", 1, one, 1);
	journal_close(journal); /* unsettled: the file stays for the next */
	assert_int_equal(journal_read(&record, directory, "host-2",
			     JOURNAL_LEFT),
	    JOURNAL_READ);
	assert_int_equal(record.entries_len, 1);
	journal_release(&record, true);
}

static void
test_settled_leaves_nothing(void **state)
{
	struct journal *journal = journal_open(directory, "host-3");
	struct journal_record record;
	const char *const one[] = { "a@b.c" };
	unsigned ticket;

	(void)state;
	ticket = journal_dot(journal, "j", 1, one, 1);
	assert_int_equal(journal_commit(journal), 0);
	journal_settled(journal, ticket);
	journal_close(journal);
	assert_int_equal(journal_read(&record, directory, "host-3",
			     JOURNAL_LEFT),
	    JOURNAL_ABSENT);
}

static void
test_torn_and_foreign_lines(void **state)
{
	static const char text[] =
	    "J 1 host-4 another-boot\n"
	    "D j1 5 a@b.c\n"
	    "nonsense\n"
	    "R j1 x\n"
	    "R unknown 5 sent 250 ok\n"
	    "D \n"
	    "R j1 5 sent 250 o"; /* torn: its end never came */
	struct journal_record record;
	char path[512];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/journal", directory);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/journal/host-4.journal", directory);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(journal_read(&record, directory, "host-4",
			     JOURNAL_LEFT),
	    JOURNAL_READ);
	assert_false(record.same_boot);
	assert_int_equal(record.entries_len, 1);
	assert_string_equal(record.entries[0].outcome, "");
	journal_release(&record, true);
}

static off_t
size_of(const char *name)
{
	struct stat st;
	char path[512];

	snprintf(path, sizeof(path), "%s/journal/%s", directory, name);
	return stat(path, &st) == 0 ? st.st_size : -1;
}

/*
 * Two files at most, each as long as it need be, while there is always
 * something unsettled: under load it never is quiet.
 */
static void
test_bounded(void **state)
{
	struct journal *journal = journal_open(directory, "host-5");
	const struct journal_outcome sent = { "sent", 250, "250 ok" };
	const char *const one[] = { "somebody@example.org" };
	struct journal_record record;
	unsigned ticket, last;
	int i;

	(void)state;
	last = journal_dot(journal, "0193-some-job-id", -1, one, 1);
	for (i = 0; i < 40000; i++) {
		ticket = journal_dot(journal, "0193-some-job-id", i, one, 1);
		journal_reply(journal, "0193-some-job-id", i, &sent);
		assert_int_equal(journal_commit(journal), 0);
		journal_settled(journal, last);
		last = ticket;
	}
	assert_in_range(size_of("host-5.journal"), 1, 1100000);
	assert_in_range(size_of("host-5.old"), 1, 1100000);
	assert_int_equal(size_of("host-5.new"), -1);
	assert_int_equal(journal_read(&record, directory, "host-5",
			     JOURNAL_LEFT),
	    JOURNAL_LOCKED);
	journal_close(journal); /* the last one is unsettled */
	assert_int_equal(journal_read(&record, directory, "host-5",
			     JOURNAL_LEFT),
	    JOURNAL_READ);
	assert_true(record.entries_len > 5000);
	assert_string_equal(journal_find(&record, "0193-some-job-id", 39999)
				->outcome,
	    "sent");
	journal_release(&record, true);
}

/* What a D in the full file became stands in the next one. */
static void
test_an_old_one_is_read_with_the_new(void **state)
{
	struct journal *journal = journal_open(directory, "host-6");
	const struct journal_outcome sent = { "sent", 250, "250 ok" };
	const char *const one[] = { "somebody@example.org" };
	struct journal_record record;
	unsigned silent, ticket;
	int i;

	(void)state;
	silent = journal_dot(journal, "silent", 7, one, 1);
	for (i = 0; i < 40000; i++) {
		ticket = journal_dot(journal, "0193-some-job-id", i, one, 1);
		assert_int_equal(journal_commit(journal), 0);
		journal_settled(journal, ticket);
	}
	journal_reply(journal, "silent", 7, &sent);
	assert_int_equal(journal_commit(journal), 0);
	assert_int_equal(journal_read(&record, directory, "host-6",
			     JOURNAL_HELD),
	    JOURNAL_READ); /* as of a process that is stopped */
	assert_string_equal(journal_find(&record, "silent", 7)->outcome,
	    "sent");
	journal_release(&record, true);
	journal_settled(journal, silent);
	journal_close(journal);
}

/* Settled, it is proof for a store that goes back in time. */
static void
test_kept_for_a_while(void **state)
{
	struct journal_record record;

	(void)state;
	in_a_process_that_dies("host-7", write_three);
	assert_int_equal(journal_read(&record, directory, "host-7",
			     JOURNAL_LEFT),
	    JOURNAL_READ);
	journal_release(&record, true);
	assert_int_equal(journal_read(&record, directory, "host-7",
			     JOURNAL_KEPT),
	    JOURNAL_READ);
	assert_int_equal(record.entries_len, 3);
	journal_release(&record, true);
	journal_expire(directory); /* it is young */
	assert_int_not_equal(size_of("host-7.done"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_by_the_next),
		cmocka_unit_test(test_locked_while_it_lives),
		cmocka_unit_test(test_settled_leaves_nothing),
		cmocka_unit_test(test_torn_and_foreign_lines),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_an_old_one_is_read_with_the_new),
		cmocka_unit_test(test_kept_for_a_while),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
