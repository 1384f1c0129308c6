/* SPDX-License-Identifier: MIT */
/*
 * replay FILE-OR-FOLDER...: main() of a fuzz target where there is no
 * libFuzzer. Gives it each file, as libFuzzer does when it is given files:
 * in memory of exactly its size, so that the sanitizer sees every step beyond.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "buffer.h"
#include "fuzz.h"

static size_t inputs;

static void
replay_file(const char *path, size_t size)
{
	uint8_t *bytes = malloc(size > 0 ? size : 1);
	FILE *file = fopen(path, "rb");

	CHECK(bytes != NULL && file != NULL);
	CHECK(fread(bytes, 1, size, file) == size);
	(void)fclose(file); /* it was only read */
	(void)LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	inputs++;
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
replay_path(const char *path)
{
	struct dirent **entries;
	struct buffer name = { 0 };
	struct stat status;
	int i, n;

	CHECK(stat(path, &status) == 0);
	if (S_ISREG(status.st_mode)) {
		fprintf(stderr, "%s\n", path); /* the last one is to blame */
		replay_file(path, (size_t)status.st_size);
		return;
	}
	n = scandir(path, &entries, is_visible, alphasort);
	CHECK(n >= 0);
	for (i = 0; i < n; i++) {
		buffer_clear(&name);
		buffer_printf(&name, "%s/%s", path, entries[i]->d_name);
		free(entries[i]);
		replay_path(name.data);
	}
	free(entries);
	buffer_free(&name);
}

int
main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		replay_path(argv[i]);
	printf("%zu inputs\n", inputs);
	return inputs > 0 ? 0 : 1;
}
