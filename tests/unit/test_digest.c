/* SPDX-License-Identifier: MIT */
#include "digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* FIPS 180-4's example "abc", and the empty message. */
static void
test_known_digests(void **state)
{
	struct digest *digest = digest_new();
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	digest_add(digest, "ab", 2);
	digest_add(digest, "c", 1);
	digest_end(digest, hex);
	assert_string_equal(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_end(digest, hex);
	assert_string_equal(hex,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_free(digest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
