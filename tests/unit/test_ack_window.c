/* SPDX-License-Identifier: MIT */
/* Acks said in as few frames as is right, never for what is still in hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ack_window.h"

struct frames {
	char text[256]; /* "3* 7" : multiple up to 3, then 7 */
	int fail;
};

static int
write_frame(void *arg, uint64_t tag, bool multiple)
{
	struct frames *frames = arg;
	size_t used = strlen(frames->text);

	if (frames->fail)
		return -1;
	snprintf(frames->text + used, sizeof(frames->text) - used, "%s%d%s",
	    used > 0 ? " " : "", (int)tag, multiple ? "*" : "");
	return 0;
}

static void
expect(struct ack_window *w, const char *text)
{
	struct frames frames = { "", 0 };

	assert_int_equal(ack_window_flush(w, 0, write_frame, &frames), 0);
	assert_string_equal(frames.text, text);
}

static void
deliver(struct ack_window *w, uint64_t from, uint64_t to)
{
	for (; from <= to; from++)
		ack_window_delivered(w, from);
}

static void
test_in_order(void **state)
{
	struct ack_window w = { 0 };

	(void)state;
	deliver(&w, 1, 5);
	ack_window_want(&w, 1);
	ack_window_want(&w, 2);
	expect(&w, "2*");
	expect(&w, "");
	ack_window_want(&w, 3);
	expect(&w, "3*");
	ack_window_clear(&w);
}

static void
test_gap(void **state)
{
	struct ack_window w = { 0 };

	(void)state;
	deliver(&w, 1, 5);
	ack_window_want(&w, 2);
	ack_window_want(&w, 5);
	expect(&w, "2 5"); /* 1 is in hand: nothing may be said for it */
	ack_window_want(&w, 1);
	ack_window_want(&w, 3);
	expect(&w, "3*"); /* 2 was said before */
	ack_window_want(&w, 4);
	expect(&w, "4*");
	ack_window_clear(&w);
}

static void
test_last_of_a_run_is_still_outstanding_at_the_broker(void **state)
{
	struct ack_window w = { 0 };

	(void)state;
	deliver(&w, 1, 3);
	ack_window_want(&w, 2);
	expect(&w, "2");
	ack_window_want(&w, 1);
	expect(&w, "1*"); /* not 2*: the broker does not know 2 any more */
	ack_window_clear(&w);
}

static void
test_rejected(void **state)
{
	struct ack_window w = { 0 };

	(void)state;
	deliver(&w, 1, 3);
	assert_true(ack_window_drop(&w, 1));
	assert_false(ack_window_drop(&w, 1));
	ack_window_want(&w, 1); /* ignored */
	ack_window_want(&w, 2);
	expect(&w, "2*");
	assert_false(ack_window_drop(&w, 9));
	ack_window_clear(&w);
}

static void
test_twice_is_once(void **state)
{
	struct ack_window w = { 0 };

	(void)state;
	deliver(&w, 1, 2);
	ack_window_want(&w, 2);
	ack_window_want(&w, 2);
	expect(&w, "2");
	ack_window_want(&w, 2);
	expect(&w, "");
	ack_window_clear(&w);
}

/* Each tag is said exactly once, in random order, over a ring that wraps. */
static void
test_random_order(void **state)
{
	struct ack_window w = { 0 };
	struct frames frames;
	unsigned seed = 7;
	uint64_t tag = 0, hand[40], swap;
	size_t n = 0, i, turn;

	(void)state;
	for (turn = 0; turn < 2000; turn++) {
		while (n < 40) {
			hand[n] = ++tag;
			ack_window_delivered(&w, hand[n++]);
		}
		for (i = 0; i < 7; i++) {
			seed = seed * 1103515245 + 12345;
			swap = hand[(seed >> 8) % n];
			hand[(seed >> 8) % n] = hand[n - 1];
			ack_window_want(&w, swap);
			n--;
		}
		memset(&frames, 0, sizeof(frames));
		assert_int_equal(ack_window_flush(&w, 0, write_frame, &frames),
		    0);
		assert_true(frames.text[0] != '\0');
	}
	for (i = 0; i < n; i++)
		ack_window_want(&w, hand[i]);
	memset(&frames, 0, sizeof(frames));
	assert_int_equal(ack_window_flush(&w, 0, write_frame, &frames), 0);
	assert_int_equal(w.len, 0);
	assert_true(w.size <= 4096);
	ack_window_clear(&w);
}

static void
expect_keeping(struct ack_window *w, size_t keep, const char *text)
{
	struct frames frames = { "", 0 };

	assert_int_equal(ack_window_flush(w, keep, write_frame, &frames), 0);
	assert_string_equal(frames.text, text);
}

/* What is out of order waits, for a while, to be said with what it waits for.
 */
static void
test_kept(void **state)
{
	struct ack_window w = { 0 };

	(void)state;
	deliver(&w, 1, 9);
	ack_window_want(&w, 3);
	ack_window_want(&w, 2);
	expect_keeping(&w, 2, "");
	ack_window_want(&w, 2); /* it is asked for already */
	expect_keeping(&w, 2, "");
	ack_window_want(&w, 1);
	ack_window_want(&w, 5);
	expect_keeping(&w, 2, "3*");
	assert_int_equal(w.wanted_len, 1);
	ack_window_want(&w, 7);
	ack_window_want(&w, 8);
	expect_keeping(&w, 2, "5 7 8"); /* too many to wait */
	ack_window_want(&w, 4);
	ack_window_want(&w, 9);
	expect_keeping(&w, 2, "4*");
	expect_keeping(&w, 0, "9");
	ack_window_want(&w, 6);
	expect_keeping(&w, 2, "6*");
	assert_int_equal(w.len, 0);
	ack_window_clear(&w);
}

static void
test_write_fails(void **state)
{
	struct ack_window w = { 0 };
	struct frames frames = { "", 1 };

	(void)state;
	deliver(&w, 1, 2);
	ack_window_want(&w, 1);
	assert_int_equal(ack_window_flush(&w, 0, write_frame, &frames), -1);
	ack_window_clear(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(
		    test_last_of_a_run_is_still_outstanding_at_the_broker),
		cmocka_unit_test(test_rejected),
		cmocka_unit_test(test_twice_is_once),
		cmocka_unit_test(test_random_order),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
