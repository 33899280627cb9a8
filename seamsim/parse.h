/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers, versions and hashes as options write them: all of the text or nothing. */
#ifndef SEAMSIM_PARSE_H
#define SEAMSIM_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "types.h"

struct sim_version;

/* Decimal, or hexadecimal with 0x. */
bool parse_u64(const char *text, u64 max, u64 *value);

/* Hexadecimal, with or without 0x. */
bool parse_hex64(const char *text, u64 *value);

/* 0, 1, off, on. */
bool parse_bool(const char *text, bool *value);

/* "1.5.06" */
bool parse_version(const char *text, struct sim_version *version);

/* Exactly @size bytes as hexadecimal digits. */
bool parse_bytes(const char *text, u8 *bytes, size_t size);

#endif
