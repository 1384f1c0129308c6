/* SPDX-License-Identifier: MIT */
/*
 * Where trusted CA certificates are: a PEM file, or a folder as OpenSSL reads
 * it, which sees nothing but names like 5ed36f99.0 in it.
 */
#ifndef POSTRIDER_CA_PATH_H
#define POSTRIDER_CA_PATH_H

#include <stdbool.h>

bool ca_path_is_folder(const char *path);

/* What is wrong with it (a constant text), or NULL. */
const char *ca_path_check(const char *path);

#endif
