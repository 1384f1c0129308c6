/* SPDX-License-Identifier: MIT */
/* When a connection to the relay came about: for the trace of its first mail. */
#ifndef POSTRIDER_CONNECTED_AT_H
#define POSTRIDER_CONNECTED_AT_H

#include <stdint.h>

/* Wall clock, in ns. */
struct connected_at {
	int64_t tcp;
	int64_t tls; /* its handshake was over; 0: there is none */
};

#endif
