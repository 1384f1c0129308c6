/* SPDX-License-Identifier: MIT */
/*
 * Addresses that fail on purpose, for trying things out (TEST_ADDRESSES=on):
 * error-1@email.com on the first try, error@email.com on every try and for
 * good at the third. Nothing is sent for such a try. Pure.
 */
#ifndef POSTRIDER_TEST_ADDRESS_H
#define POSTRIDER_TEST_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job.h"
#include "relay.h"

/* False: the mail is to be sent as any other. */
bool test_address_outcome(const struct job *, int64_t attempt,
    enum outcome *outcome, char *text, size_t size);

#endif
