// SPDX-License-Identifier: GPL-2.0-only
/*
 * cpu.c: signatures taken apart, named and listed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpu.h"

struct signature_case {
	uint32_t signature;
	unsigned int family;
	unsigned int model;
	unsigned int stepping;
	const char *product;
};

static const struct signature_case signature_cases[] = {
	{ 0x000806F8,  6, 0x8F, 8, "Sapphire Rapids" },
	{ 0x000C06F2,  6, 0xCF, 2, "Emerald Rapids" },
	{ 0x000A06D1,  6, 0xAD, 1, "Granite Rapids" },
	{ 0x000A06E1,  6, 0xAE, 1, "Granite Rapids-D" },
	{ 0x000A06F3,  6, 0xAF, 3, "Sierra Forest" },
	{ 0x000906EA,  6, 0x9E, 10, NULL },
	{ 0x00400F10, 19, 0x01, 0, "Diamond Rapids" },
	/* Extended parts count with some families only. */
	{ 0xFFFFF5FF,  5, 0x0F, 15, NULL },
};

static void signatures_are_taken_apart(void **state)
{
	const struct signature_case *row;
	const char *product;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(signature_cases) / sizeof(signature_cases[0]); i++) {
		row = &signature_cases[i];
		product = cpu_product(row->signature);
		assert_int_equal(cpu_family(row->signature), row->family);
		assert_int_equal(cpu_model(row->signature), row->model);
		assert_int_equal(cpu_stepping(row->signature), row->stepping);
		assert_string_equal(product ?: "", row->product ?: "");
	}
}

static void lists_hold_each_signature_once(void **state)
{
	struct cpu_list cpus = { 0 };

	(void)state;
	assert_true(cpu_list_parse(&cpus, "0x806f8,0xc06f2,0x806f8"));
	assert_int_equal(cpus.count, 2);
	assert_int_equal(cpus.signatures[1], 0xC06F2);
	cpu_list_free(&cpus);
}

static void wrong_lists_are_refused(void **state)
{
	static const char *const bad[] = { "", ",", "x", "1,", "1,,2", "-1", "0x100000000" };
	struct cpu_list cpus = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (cpu_list_parse(&cpus, bad[i]))
			fail_msg("'%s'", bad[i]);
		cpu_list_free(&cpus);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_taken_apart),
		cmocka_unit_test(lists_hold_each_signature_once),
		cmocka_unit_test(wrong_lists_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
