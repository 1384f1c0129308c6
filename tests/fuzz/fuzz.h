/* SPDX-License-Identifier: MIT */
/*
 * What a fuzz target is made of. tests/fuzz/fuzz_<noun>.c is one target: a
 * function that takes any bytes and ends the program when an oracle says no.
 * In the preset `fuzz` libFuzzer calls it; elsewhere replay.c does, with the
 * inputs that corpus/<noun>/ holds.
 */
#ifndef POSTRIDER_FUZZ_H
#define POSTRIDER_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's name for it. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program (abort) unless the oracle's question is answered by yes. */
#define CHECK(question) \
	((question) ? (void)0 : check_failed(#question, __FILE__, __LINE__))

_Noreturn void check_failed(const char *question, const char *file, int line);

/*
 * For oracles outside: when FUZZ_DUMP names a folder, the bytes go into its
 * file <hash of the input><suffix>. Else nothing happens.
 */
struct dump {
	const uint8_t *input;
	size_t size;
};
void dump_write(const struct dump *, const char *suffix, const char *bytes,
    size_t len);

#endif
