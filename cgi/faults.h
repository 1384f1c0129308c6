/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a request, all of it at once: a list of (field, message)
 * that becomes the `details` of an error body. It knows no field.
 */
#ifndef POSTRIDER_FAULTS_H
#define POSTRIDER_FAULTS_H

#include <stddef.h>

#include "buffer.h"

#define FAULTS_MAX 50 /* told; the rest is only counted */
#define FAULTS_SUMMARY 3 /* told in the summary */
#define FAULTS_WITHIN_SIZE 16

/* The zero value is an empty list. */
struct faults {
	size_t count;
	struct buffer details; /* JSON objects, separated by commas */
	struct buffer summary; /* the first ones as a sentence */
	/* What they are in, for their fields: "[3]"; "" the request. */
	char within[FAULTS_WITHIN_SIZE];
	const char *whole; /* in the summary, of all of it; NULL: The request */
};

/*
 * `field` is its name in the request ("to[3]"), or "" for the request as a
 * whole; both texts may hold outside text, and are cut where they are too long
 * (127 and 255 bytes); the message's verb comes first: "is required".
 */
void faults_add(struct faults *, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Appends the summary, and how many faults are not in it. */
void faults_message(const struct faults *, struct buffer *out);
void faults_free(struct faults *); /* leaves an empty list */

#endif
