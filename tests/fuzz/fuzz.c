/* SPDX-License-Identifier: MIT */
/* The end of a target that was answered by no, and dumps. */
#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HASH_BASIS UINT64_C(0xcbf29ce484222325) /* FNV-1a, 64 bits */
#define HASH_PRIME UINT64_C(0x100000001b3)

_Noreturn void
check_failed(const char *question, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, question);
	abort();
}

static uint64_t
hash(const uint8_t *bytes, size_t len)
{
	uint64_t value = HASH_BASIS;
	size_t i;

	for (i = 0; i < len; i++)
		value = (value ^ bytes[i]) * HASH_PRIME;
	return value;
}

void
dump_write(const struct dump *dump, const char *suffix, const char *bytes,
    size_t len)
{
	const char *folder = getenv("FUZZ_DUMP");
	char path[4096];
	FILE *file;

	if (folder == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s/%016" PRIx64 "%s", folder,
	    hash(dump->input, dump->size), suffix);
	file = fopen(path, "wb");
	CHECK(file != NULL);
	CHECK(len == 0 || fwrite(bytes, len, 1, file) == 1);
	CHECK(fclose(file) == 0);
}
