/* SPDX-License-Identifier: MIT */
/*
 * docs/openapi.yaml, which describes this API (OpenAPI 3.1), as the build
 * embeds it.
 */
#ifndef POSTRIDER_OPENAPI_H
#define POSTRIDER_OPENAPI_H

#include <stddef.h>

#define OPENAPI_TYPE "application/yaml" /* RFC 9512 */

extern const char openapi[];
extern const size_t openapi_len;

#endif
