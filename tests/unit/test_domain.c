/* SPDX-License-Identifier: MIT */
/* unit.domain: what people write becomes what the DNS has, or is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"

static const struct {
	const char *text;
	const char *domain; /* NULL: refused */
	enum address_fault fault;
} rows[] = {
	{ "example.org", "example.org", ADDRESS_OK },
	{ "EXAMPLE.Org", "example.org", ADDRESS_OK },
	{ "localhost", "localhost", ADDRESS_OK },
	/* U-labels, with their letter case and other forms (UTS 46) */
	{ "b\xc3\xbc"
	  "cher.example",
	    "xn--bcher-kva.example", ADDRESS_OK },
	{ "B\xc3\x9c"
	  "CHER.example",
	    "xn--bcher-kva.example", ADDRESS_OK },
	{ "bu\xcc\x88"
	  "cher.example",
	    "xn--bcher-kva.example", ADDRESS_OK },
	{ "fa\xc3\x9f.de", "xn--fa-hia.de", ADDRESS_OK }, /* not fass.de */
	{ "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.com",
	    "xn--e1afmkfd.com", ADDRESS_OK }, /* a script a label */
	{ "\xe4\xbe\x8b\xe3\x81\x88.jp", "xn--r8jz45g.jp",
	    ADDRESS_OK }, /* Han, Hiragana */
	{ "\xe4\xbe\x8b\xe3\x80\x82jp", "xn--fsq.jp", ADDRESS_OK },
	{ "\xef\xbd\x85xample.org", "example.org", ADDRESS_OK },
	{ "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d.com", "xn--9dbne9b.com",
	    ADDRESS_OK },
	/* scripts written together */
	{ "abc\xe6\xbc\xa2\xe3\x81\x82\xe3\x82\xa2.jp", "",
	    ADDRESS_OK }, /* Latin, Han, Hiragana, Katakana */
	{ "abc\xed\x95\x9c\xe6\xbc\xa2.kr", "", ADDRESS_OK },
	{ "\xe6\xbc\xa2\xe3\x84\x85.tw", "", ADDRESS_OK },
	/* and those that are not */
	{ "p\xd0\xb0ypal.com", NULL, ADDRESS_MIXED_SCRIPTS },
	{ "xn--pypal-4ve.com", NULL, ADDRESS_MIXED_SCRIPTS }, /* the same */
	{ "XN--PYPAL-4VE.com", NULL, ADDRESS_MIXED_SCRIPTS },
	{ "www.p\xd0\xb0ypal.com", NULL, ADDRESS_MIXED_SCRIPTS },
	{ "g\xce\xbf\xce\xbfgle.com", NULL, ADDRESS_MIXED_SCRIPTS },
	{ "\xd0\xb0\xce\xb1.com", NULL, ADDRESS_MIXED_SCRIPTS },
	{ "\xe3\x81\x82\xed\x95\x9c.com", NULL, ADDRESS_MIXED_SCRIPTS },
	{ "\xe3\x81\x82\xe3\x84\x85.com", NULL, ADDRESS_MIXED_SCRIPTS },
	/* what UTS 46 would drop, or turn into something else */
	{ "pay\xe2\x80\x8bpal.com", NULL, ADDRESS_INVISIBLE },
	{ "pay\xc2\xadpal.com", NULL, ADDRESS_INVISIBLE },
	{ "pay\xef\xbb\xbfpal.com", NULL, ADDRESS_INVISIBLE },
	{ "pay\xe2\x80\x8dpal.com", NULL, ADDRESS_INVISIBLE },
	{ "\xe2\x80\xaemoc.x", NULL, ADDRESS_INVISIBLE },
	{ "x\xef\xb8\x8f.com", NULL, ADDRESS_INVISIBLE },
	{ "x\xc2\xa0y.com", NULL, ADDRESS_INVISIBLE },
	{ "x\xe2\x84\x80y.com", NULL, ADDRESS_BAD_DOMAIN }, /* a/c */
	{ "x\xef\xbc\xa0y.com", NULL, ADDRESS_BAD_DOMAIN }, /* full-width @ */
	{ "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1", NULL,
	    ADDRESS_BAD_DOMAIN }, /* full-width 127 */
	/* IDNA2008 has no emoji; as an A-label it is what the DNS has */
	{ "\xf0\x9f\x92\xa9.la", NULL, ADDRESS_BAD_DOMAIN },
	{ "xn--ls8h.la", "xn--ls8h.la", ADDRESS_OK },
	{ "xn--zzzzzzzzzzzzzzzzzz.com", NULL, ADDRESS_BAD_DOMAIN },
	{ "\xcc\x88x.com", NULL, ADDRESS_BAD_DOMAIN }, /* begins with a mark */
	{ "\xd7\xa9x.com", NULL, ADDRESS_BAD_DOMAIN }, /* RFC 5893 */
	{ "-\xc3\xbc.com", NULL, ADDRESS_BAD_DOMAIN },
	{ "\xc3\xbc..com", NULL, ADDRESS_BAD_DOMAIN },
	{ "\xc3\xbc.com.", NULL, ADDRESS_BAD_DOMAIN },
	{ "\xc3\xbc_.com", NULL, ADDRESS_BAD_DOMAIN },
	{ "", NULL, ADDRESS_BAD_DOMAIN },
	{ "a b.c", NULL, ADDRESS_BAD_DOMAIN },
};

static void
test_rows(void **state)
{
	char domain[DOMAIN_MAX + 1];
	enum address_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fault = domain_normalize(rows[i].text, strlen(rows[i].text),
		    domain);
		if (fault != rows[i].fault)
			fail_msg("'%s' %s", rows[i].text,
			    address_fault_texts[fault]);
		if (fault != ADDRESS_OK)
			continue;
		if (rows[i].domain[0] != '\0')
			assert_string_equal(domain, rows[i].domain);
		assert_true(domain_is_valid(domain, strlen(domain)));
	}
	assert_int_equal(domain_normalize("\xc3\xbc\0.c", 5, domain),
	    ADDRESS_BAD_DOMAIN);
}

/* `labels` times "ü.", as A-labels 8 bytes each, and "c" behind them. */
static enum address_fault
normalize_labels(size_t labels)
{
	char text[3 * 600 + 2], domain[DOMAIN_MAX + 1];
	size_t i;

	for (i = 0; i < labels; i++)
		memcpy(text + 3 * i, "\xc3\xbc.", 3);
	text[3 * i] = 'c';
	return domain_normalize(text, 3 * i + 1, domain);
}

static void
test_length(void **state)
{
	(void)state;
	assert_int_equal(normalize_labels(31), ADDRESS_OK); /* 249 */
	assert_int_equal(normalize_labels(32), ADDRESS_BAD_DOMAIN);
	assert_int_equal(normalize_labels(600), ADDRESS_BAD_DOMAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
