/* SPDX-License-Identifier: MIT */
/* unit.publish_queue: order, tags, and deadlines that are in no order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "publish_queue.h"

#define MESSAGES 5

static struct publish messages[MESSAGES];
static struct publish_queue queue;

static int
set_up(void **state)
{
	static const int64_t deadlines[MESSAGES] = { 30, 10, 20, 10, 40 };
	size_t i;

	(void)state;
	memset(messages, 0, sizeof(messages));
	publish_queue_reset(&queue);
	for (i = 0; i < MESSAGES; i++) {
		messages[i].tag = i + 1;
		messages[i].deadline = deadlines[i];
		if (i > 0)
			messages[i - 1].next = &messages[i];
	}
	publish_queue_append(&queue, messages);
	return 0;
}

static void
assert_list(const struct publish *list, const char *tags)
{
	for (; list != NULL; list = list->next, tags++)
		assert_int_equal('0' + (int)list->tag, *tags);
	assert_int_equal(*tags, '\0');
}

static void
test_order(void **state)
{
	(void)state;
	assert_list(queue.first, "12345");
	assert_int_equal(queue.earliest, 10);
	assert_ptr_equal(publish_queue_pop(&queue), &messages[0]);
	assert_null(messages[0].next);
	publish_queue_append(&queue, &messages[0]);
	assert_list(queue.first, "23451");
	publish_queue_append(&queue, NULL);
	assert_list(queue.first, "23451");
}

static void
test_by_tag(void **state)
{
	(void)state;
	assert_ptr_equal(publish_queue_take(&queue, 3), &messages[2]);
	assert_null(publish_queue_take(&queue, 3));
	assert_null(publish_queue_take(&queue, 9));
	assert_ptr_equal(publish_queue_take(&queue, 5), &messages[4]);
	assert_list(queue.first, "124");
	publish_queue_append(&queue, &messages[4]); /* the end is right */
	assert_list(queue.first, "1245");
}

static void
test_overdue(void **state)
{
	(void)state;
	assert_null(publish_queue_take_overdue(&queue, 9));
	assert_list(publish_queue_take_overdue(&queue, 10), "24");
	assert_int_equal(queue.earliest, 20);
	assert_null(publish_queue_take_overdue(&queue, 19));
	assert_list(publish_queue_take_overdue(&queue, 100), "135");
	assert_null(queue.first);
	assert_int_equal(queue.earliest, INT64_MAX);
	messages[1].next = NULL;
	publish_queue_append(&queue, &messages[1]);
	assert_list(queue.first, "2");
}

#define FILLED(TEST) cmocka_unit_test_setup(TEST, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FILLED(test_order),
		FILLED(test_by_tag),
		FILLED(test_overdue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
