// SPDX-License-Identifier: GPL-2.0-only
/* The entry that libFuzzer calls: see fuzz_calls.c. */
#include "fuzz_calls.h"

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	fuzz_calls(bytes, size);
	return 0;
}
