/* SPDX-License-Identifier: MIT */
/* A limit's number as part of a constant text, so that both stay the same. */
#ifndef POSTRIDER_LITERAL_H
#define POSTRIDER_LITERAL_H

/* `number` is a macro for a plain one: LITERAL(ADDRESS_MAX) is "254". */
#define LITERAL(number) LITERAL_(number)
#define LITERAL_(number) #number

#endif
