/* SPDX-License-Identifier: MIT */
/*
 * fuzz.address: what is taken as an address or a mailbox can stand in an
 * envelope, a header and a log, and its canonical form is taken as itself.
 */
#include <string.h>

#include "address.h"
#include "buffer.h"
#include "fuzz.h"
#include "utf8.h"

/* UTF-8 without control characters. */
static void
check_text(const char *text, size_t len)
{
	uint32_t point;
	size_t at, n;

	for (at = 0; at < len; at += n) {
		n = utf8_next(text + at, len - at, &point);
		CHECK(n > 0);
		CHECK(point >= 0x20 && (point < 0x7f || point > 0x9f));
	}
}

static void
check_address(const char *address)
{
	const size_t len = strlen(address);
	const char *domain = address_domain(address);
	struct mailbox box;

	check_text(address, len);
	CHECK(len <= ADDRESS_MAX);
	CHECK(strpbrk(address, " <>()[],;:\\\"%!") == NULL);
	CHECK(domain > address + 1);
	CHECK((size_t)(domain - address - 1) <= ADDRESS_LOCAL_MAX);
	CHECK(memchr(address, '@', len) == domain - 1);
	CHECK(address[0] != '.' && domain[-2] != '.');
	CHECK(strstr(address, "..") == NULL);
	CHECK(address_is_ascii(domain));
	CHECK(domain_is_valid(domain, strlen(domain)));
	CHECK(address_check(address, len) == ADDRESS_OK);
	CHECK(mailbox_parse(&box, address, len) == ADDRESS_OK);
	CHECK(box.name == NULL && strcmp(box.address, address) == 0);
	mailbox_free(&box);
}

/* "Name" <a@b.c> */
static void
check_named(const struct mailbox *box)
{
	struct buffer text = { 0 };
	struct mailbox again;
	const char *p;

	CHECK(box->name[0] != '\0' && strlen(box->name) <= ADDRESS_NAME_MAX);
	check_text(box->name, strlen(box->name));
	buffer_add_text(&text, "\"");
	for (p = box->name; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buffer_add_text(&text, "\\");
		buffer_add(&text, p, 1);
	}
	buffer_printf(&text, "\" <%s>", box->address);
	CHECK(mailbox_parse(&again, text.data, text.len) == ADDRESS_OK);
	CHECK(strcmp(again.name, box->name) == 0);
	CHECK(strcmp(again.address, box->address) == 0);
	mailbox_free(&again);
	buffer_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	enum address_fault plain = address_check(text, size), fault;
	struct mailbox box;

	CHECK(address_fault_texts[plain] != NULL);
	fault = mailbox_parse(&box, text, size);
	CHECK(address_fault_texts[fault] != NULL);
	if (plain == ADDRESS_OK) {
		CHECK(fault == ADDRESS_OK && box.name == NULL);
		check_text(text, size);
	}
	if (fault != ADDRESS_OK) {
		CHECK(box.name == NULL && box.address == NULL);
		return 0;
	}
	check_address(box.address);
	if (box.name != NULL)
		check_named(&box);
	mailbox_free(&box);
	return 0;
}
