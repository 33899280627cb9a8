/* SPDX-License-Identifier: GPL-2.0-only */
/* See fuzz_calls.c. */
#ifndef SEAMSIM_TESTS_FUZZ_CALLS_H
#define SEAMSIM_TESTS_FUZZ_CALLS_H

#include <stddef.h>

#include "../types.h"

/* Runs one input. Fails like a test where the state is impossible. */
void fuzz_calls(const u8 *bytes, size_t size);

#endif
