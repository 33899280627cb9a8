// SPDX-License-Identifier: GPL-2.0-only
/* Random programs for fuzz_calls.c, the same in each run. */
#include "support.h"

#include "fuzz_calls.h"

#define NR_PROGRAMS	300
#define MAX_SIZE	600
#define FIRST_SEED	20261123

/* Of POSIX's example of rand(): what matters is that it never changes. */
static u8 random_byte(u32 *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

static void impossible_states_are_not_reached(void **state)
{
	u8 program[MAX_SIZE];

	(void)state;
	for (u32 i = 0; i < NR_PROGRAMS; i++) {
		u32 seed = FIRST_SEED + i;

		for (size_t j = 0; j < sizeof(program); j++)
			program[j] = random_byte(&seed);
		fuzz_calls(program, sizeof(program));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(impossible_states_are_not_reached),
	};

	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
