/* SPDX-License-Identifier: MIT */
/*
 * Where a record is kept: sqlite:///path/of/file, or postgres://... as libpq
 * reads it. Pure: it brings no database's library with it.
 */
#ifndef POSTRIDER_RECORD_URL_H
#define POSTRIDER_RECORD_URL_H

enum record_dialect {
	RECORD_SQLITE,
	RECORD_POSTGRES,
	RECORD_DIALECT__MAX /* a URL of neither */
};

enum record_dialect record_url_dialect(const char *url);
/* NULL, or what is wrong with it: a constant text. */
const char *record_url_check(const char *url);
const char *record_url_path(const char *url); /* of an sqlite:// URL */

#endif
