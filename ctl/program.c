/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config_table.h"
#include "timestamp.h"

#define ROOTS_PATH "/usr/local/sbin:/usr/sbin:/sbin"
#define SAID_MAX 65536 /* bytes; of more, the rest is not kept */
#define TIME_MAX 180000 /* ms: systemd waits 90 s for a unit, and tells */

extern char **environ;

/* -- where and with what ----------------------------------------------------- */

/* `su` without a dash leaves root's folders out of PATH. */
static void
add_path(struct buffer *path)
{
	const char *given = getenv("PATH");

	if (given != NULL && given[0] != '\0')
		buffer_printf(path, "%s:", given);
	buffer_add_text(path, ROOTS_PATH);
}

static int
find(const char *name, struct buffer *file)
{
	struct buffer path = { 0 };
	char *folder, *rest;
	int result = -1;

	add_path(&path);
	for (folder = strtok_r(path.data, ":", &rest);
	     folder != NULL && result == -1;
	     folder = strtok_r(NULL, ":", &rest)) {
		buffer_clear(file);
		buffer_printf(file, "%s/%s", folder, name);
		result = access(file->data, X_OK);
	}
	buffer_free(&path);
	return result;
}

bool
program_exists(const char *name)
{
	struct buffer file = { 0 };
	const bool exists = find(name, &file) == 0;

	buffer_free(&file);
	return exists;
}

static bool
is_secret(const char *variable)
{
	const size_t len = strcspn(variable, "=");
	size_t i;

	for (i = 0; i < config_settings_len; i++)
		if (config_settings[i].secret &&
		    strlen(config_settings[i].name) == len &&
		    memcmp(config_settings[i].name, variable, len) == 0)
			return true;
	return false;
}

/* Our environment less what is secret; the caller frees the list alone. */
static char **
make_environment(void)
{
	size_t count = 0, i;
	char **list;

	while (environ[count] != NULL)
		count++;
	list = calloc(count + 1, sizeof(*list));
	if (list == NULL)
		abort();
	for (i = count = 0; environ[i] != NULL; i++)
		if (!is_secret(environ[i]))
			list[count++] = environ[i];
	return list;
}

/* -- running it --------------------------------------------------------------- */

struct pipes {
	int in[2], out[2];
};

static int
open_pipes(struct pipes *pipes)
{
	if (pipe2(pipes->in, O_CLOEXEC) == -1)
		return -1;
	if (pipe2(pipes->out, O_CLOEXEC) == 0)
		return 0;
	close(pipes->in[0]);
	close(pipes->in[1]);
	return -1;
}

/* 0, or what posix_spawn(3) says. */
static int
start(pid_t *pid, const char *file, const char *const argv[],
    const struct pipes *pipes)
{
	posix_spawn_file_actions_t actions;
	char **environment = make_environment();
	int error = posix_spawn_file_actions_init(&actions);

	if (error != 0)
		abort(); /* no memory */
	(void)posix_spawn_file_actions_adddup2(&actions, pipes->in[0],
	    STDIN_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, pipes->out[1],
	    STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, pipes->out[1],
	    STDERR_FILENO);
	error = posix_spawn(pid, file, &actions, NULL,
	    (char *const *)(uintptr_t)argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	free(environment);
	return error;
}

/* Less than a pipe holds: it cannot block. */
static void
tell(int fd, const char *input)
{
	if (input != NULL && write(fd, input, strlen(input)) == -1)
		return; /* it did not want to know, and says why */
}

/* Whether something can be read, the end also, until the time is over. */
static bool
wait_for(int fd, int64_t until)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int64_t left;
	int found;

	do {
		left = until - timestamp_monotonic();
		found = poll(&poll_fd, 1, left > 0 ? (int)left : 0);
	} while (found == -1 && errno == EINTR);
	return found != 0;
}

/* Whether it came to its end in time. */
static bool
hear(int fd, struct buffer *said)
{
	const int64_t until = timestamp_monotonic() + TIME_MAX;
	char piece[4096];
	bool in_time;
	ssize_t n = 0;

	do {
		in_time = wait_for(fd, until);
		if (!in_time)
			break;
		n = read(fd, piece, sizeof(piece));
		if (n > 0 && said->len < SAID_MAX)
			buffer_add(said, piece, (size_t)n);
	} while (n > 0 || (n == -1 && errno == EINTR));
	while (said->len > 0 && strchr(" \r\n", said->data[said->len - 1]))
		said->data[--said->len] = '\0';
	return in_time;
}

static int
ended_with(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			abort();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
program_run(const char *const argv[], const char *input, struct buffer *said)
{
	struct buffer file = { 0 };
	struct pipes pipes;
	pid_t pid;
	int error = ENOENT, result = -1;

	if (find(argv[0], &file) == -1 || open_pipes(&pipes) == -1)
		goto out;
	error = start(&pid, file.data, argv, &pipes);
	close(pipes.in[0]);
	close(pipes.out[1]);
	if (error == 0) {
		tell(pipes.in[1], input);
		close(pipes.in[1]);
		if (!hear(pipes.out[0], said)) {
			buffer_printf(said, "%s%s: no end after %d s, stopped",
			    said->len > 0 ? "\n" : "", argv[0],
			    TIME_MAX / 1000);
			(void)kill(pid, SIGKILL);
		}
		result = ended_with(pid);
	} else {
		close(pipes.in[1]);
	}
	close(pipes.out[0]);
out:
	if (result == -1)
		buffer_printf(said, "%s: %s", argv[0], strerror(error));
	buffer_free(&file);
	return result;
}
