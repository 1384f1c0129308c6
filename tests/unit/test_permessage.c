/* SPDX-License-Identifier: MIT */
/* unit.permessage: both ways, without memory of earlier messages, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "permessage.h"

static struct permessage *permessage;

static int
make(void **state)
{
	(void)state;
	permessage = permessage_new();
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	permessage_free(permessage);
	return 0;
}

static void
test_both_ways(void **state)
{
	struct buffer text = { 0 }, packed = { 0 }, again = { 0 };
	size_t len;

	(void)state;
	for (len = 0; len < 70000; len = 3 * len + 1) {
		while (text.len < len)
			buffer_printf(&text, "%zu,", text.len * 7919);
		text.len = len;
		buffer_clear(&packed);
		buffer_clear(&again);
		permessage_deflate(permessage, len > 0 ? text.data : "", len,
		    &packed);
		assert_int_equal(permessage_inflate(permessage, packed.data,
				     packed.len, &again, len),
		    PERMESSAGE_OK);
		assert_int_equal(again.len, len);
		if (len > 0)
			assert_memory_equal(again.data, text.data, len);
	}
	buffer_free(&text);
	buffer_free(&packed);
	buffer_free(&again);
}

static void
test_no_memory_of_the_last_message(void **state)
{
	static const char text[] = "the same the same the same";
	struct buffer first = { 0 }, second = { 0 };

	(void)state;
	permessage_deflate(permessage, text, sizeof(text), &first);
	permessage_deflate(permessage, text, sizeof(text), &second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
	buffer_free(&first);
	buffer_free(&second);
}

/* RFC 7692 7.2.3: "Hello" in several ways. */
static void
test_the_standard_s_examples(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} hello[] = {
		{ "\xf2\x48\xcd\xc9\xc9\x07\x00", 7 },
		{ "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11 },
		{ "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8 },
		{ "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13 },
	};
	struct buffer text = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hello) / sizeof(hello[0]); i++) {
		buffer_clear(&text);
		assert_int_equal(permessage_inflate(permessage, hello[i].bytes,
				     hello[i].len, &text, 5),
		    PERMESSAGE_OK);
		assert_string_equal(text.data, "Hello");
	}
	buffer_free(&text);
}

static void
test_too_large_and_wrong(void **state)
{
	static char zeros[1 << 20];
	struct buffer packed = { 0 }, text = { 0 };

	(void)state;
	permessage_deflate(permessage, zeros, sizeof(zeros), &packed);
	assert_int_equal(permessage_inflate(permessage, packed.data, packed.len,
			     &text, 1000),
	    PERMESSAGE_TOO_LARGE);
	assert_true(text.size < 64 * 1024);
	buffer_clear(&text);
	assert_int_equal(permessage_inflate(permessage, "\xff\xff", 2, &text,
			     1000),
	    PERMESSAGE_WRONG);
	buffer_clear(&text); /* and the next one is read again */
	assert_int_equal(permessage_inflate(permessage,
			     "\xf2\x48\xcd\xc9\xc9\x07\x00", 7, &text, 5),
	    PERMESSAGE_OK);
	buffer_free(&packed);
	buffer_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_no_memory_of_the_last_message),
		cmocka_unit_test(test_the_standard_s_examples),
		cmocka_unit_test(test_too_large_and_wrong),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
