/* SPDX-License-Identifier: MIT */
/* Whether a mailbox that GMime read is the one that was written. */
#ifndef POSTRIDER_GMIME_MAILBOX_H
#define POSTRIDER_GMIME_MAILBOX_H

#include <string.h>

#include <gmime/gmime.h>

#include "fuzz.h"

/*
 * `name` may be NULL. GMime takes blanks at a name's ends away, has NULL or ""
 * for none, and has its own idea of what an `xn--` domain stands for.
 */
static inline void
check_mailbox(InternetAddress *read, const char *name, const char *address)
{
	InternetAddressMailbox *mailbox;
	char *stripped = g_strstrip(g_strdup(name != NULL ? name : ""));
	const char *found = internet_address_get_name(read);

	CHECK(strcmp(found != NULL ? found : "", stripped) == 0);
	g_free(stripped);
	CHECK(INTERNET_ADDRESS_IS_MAILBOX(read));
	mailbox = INTERNET_ADDRESS_MAILBOX(read);
	if (strcasestr(address, "xn--") == NULL)
		CHECK(strcmp(internet_address_mailbox_get_addr(mailbox),
			  address) == 0);
}

#endif
