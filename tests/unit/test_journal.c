/* SPDX-License-Identifier: MIT */
/* The outcome journal: what one process writes, the next one reads. */
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
	char path[512];
	char **owners = journal_owners(directory);
	size_t i;

	(void)state;
	for (i = 0; owners[i] != NULL; i++) {
		snprintf(path, sizeof(path), "%s/journal/%s.journal", directory,
		    owners[i]);
		unlink(path);
		free(owners[i]);
	}
	free(owners);
	snprintf(path, sizeof(path), "%s/journal", directory);
	rmdir(path);
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
	assert_int_equal(journal_read(&record, directory, "host-1"),
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
	assert_int_equal(journal_read(&record, directory, "host-1"),
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
	assert_int_equal(journal_read(&record, directory, "host-2"),
	    JOURNAL_LOCKED);
	assert_null(journal_open(directory, "host-2"));
	journal_dot(journal, "j", 1, one, 1);
	journal_close(journal); /* unsettled: the file stays for the next */
	assert_int_equal(journal_read(&record, directory, "host-2"),
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

	(void)state;
	journal_dot(journal, "j", 1, one, 1);
	assert_int_equal(journal_commit(journal), 0);
	journal_settled(journal);
	journal_close(journal);
	assert_int_equal(journal_read(&record, directory, "host-3"),
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
	assert_int_equal(journal_read(&record, directory, "host-4"),
	    JOURNAL_READ);
	assert_false(record.same_boot);
	assert_int_equal(record.entries_len, 1);
	assert_string_equal(record.entries[0].outcome, "");
	journal_release(&record, true);
}

/* It is cut back once all is settled, so it does not grow without end. */
static void
test_bounded(void **state)
{
	struct journal *journal = journal_open(directory, "host-5");
	const struct journal_outcome sent = { "sent", 250, "250 ok" };
	const char *const one[] = { "somebody@example.org" };
	struct stat st;
	char path[512];
	int i;

	(void)state;
	snprintf(path, sizeof(path), "%s/journal/host-5.journal", directory);
	for (i = 0; i < 40000; i++) {
		journal_dot(journal, "0193-some-job-id", i, one, 1);
		journal_reply(journal, "0193-some-job-id", i, &sent);
		assert_int_equal(journal_commit(journal), 0);
		journal_settled(journal);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 0 && st.st_size < 1100000);
	journal_close(journal);
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
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
