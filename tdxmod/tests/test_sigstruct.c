// SPDX-License-Identifier: GPL-2.0-only
/*
 * sigstruct.c and crypto.c: a signed sigstruct, then one field or one bit
 * changed at a time.
 */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"
#include "image.h"
#include "sigstruct.h"

#define MODULE_SIZE	(2 * TDX_PAGE_SIZE)

static EVP_PKEY *key;

static int make_key(void **state)
{
	(void)state;
	key = crypto_key_new();
	return 0;
}

static int free_key(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	return 0;
}

static void make(struct seam_sigstruct *sigstruct)
{
	*sigstruct = (struct seam_sigstruct) {
		.header_type = htole32(6),
		.header_length = htole32(0xE1),
		.header_version = htole32(0x10000),
		.module_vendor = htole32(0x8086),
		.size = htole32(0x200),
		.key_size = htole32(0x60),
		.modulus_size = htole32(0x60),
		.exponent_size = htole32(1),
		.seamsvn = htole16(0x0105),
		.cpuid_table_size = htole32(2),
		.cpuid_table = { htole32(0x806F8), htole32(0xC06F0) },
	};
	crypto_set_key(sigstruct, key);
	assert_true(crypto_sign(sigstruct, key));
}

static bool accepted(const struct seam_sigstruct *sigstruct)
{
	struct findings findings = { 0 };
	bool accepted;

	sigstruct_check(sigstruct, MODULE_SIZE, &findings);
	accepted = !findings_failed(&findings);
	findings_free(&findings);
	return accepted;
}

static void good_sigstruct_is_accepted(void **state)
{
	struct seam_sigstruct sigstruct;

	(void)state;
	make(&sigstruct);
	assert_true(accepted(&sigstruct));
	assert_true(crypto_verify(&sigstruct));
}

struct field_case {
	const char *assignment;
	bool accepted;
};

static const struct field_case field_cases[] = {
	{ "header_type=5", false },
	{ "header_length=0xe0", false },
	{ "header_version=0x10001", true },
	{ "header_version=0xffff", false },
	{ "header_version=0", false },
	{ "module_type=1", false },
	{ "module_type=0x80000000", true },
	{ "module_vendor=0x8087", false },
	{ "size=0x201", false },
	{ "key_size=0x61", false },
	{ "modulus_size=0x5f", false },
	{ "exponent_size=2", false },
	{ "exponent=3", false },
	{ "seamsvn=0x0005", false },
	{ "seamsvn=0xffff", true },
	{ "attributes=1", false },
	{ "attributes=0x8000000000000000", false },
	{ "reserved1=000000000001", false },
	{ "reserved2=01", false },
	/* What is reserved today behind the version may carry something tomorrow. */
	{ "reserved3=010000000000000000000000000000000000", true },
	{ "min_update_hv=1", false },
	{ "module_hv=1", true },
	{ "no_downgrade=1", true },
	{ "num_handoff_pages=0xffff", true },
	{ "gdt_idt_offset=0x1000", false },
	{ "fault_wrapper_offset=0x100", false },
	{ "cpuid_table_size=0", false },
	{ "cpuid_table_size=255", true },
	{ "cpuid_table_size=256", false },
	{ "cpuid_table_size=0xffffffff", false },
	{ "major_version=2", true },
};

static void each_field_is_checked(void **state)
{
	struct seam_sigstruct sigstruct;
	const char *wrong;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(field_cases) / sizeof(field_cases[0]); i++) {
		make(&sigstruct);
		wrong = sigstruct_set(&sigstruct, field_cases[i].assignment);
		if (wrong)
			fail_msg("%s: %s", field_cases[i].assignment, wrong);
		if (accepted(&sigstruct) != field_cases[i].accepted)
			fail_msg("%s", field_cases[i].assignment);
	}
}

struct offset_case {
	uint32_t gdt_idt;
	uint32_t fault_wrapper;
	bool accepted;
};

static const struct offset_case offset_cases[] = {
	{ 0, 0, true },
	{ MODULE_SIZE - 4096, MODULE_SIZE - 512, true },
	{ MODULE_SIZE, MODULE_SIZE - 512, false },
	{ MODULE_SIZE - 4096, MODULE_SIZE - 511, false },
	{ MODULE_SIZE - 4095, MODULE_SIZE - 512, false },
	{ 2048, 512, false },
	{ 0xFFFFF000, 512, false },
	{ 4096, 0xFFFFFFFF, false },
};

static void offsets_stay_in_the_module(void **state)
{
	struct seam_sigstruct sigstruct;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(offset_cases) / sizeof(offset_cases[0]); i++) {
		make(&sigstruct);
		sigstruct.gdt_idt_offset = htole32(offset_cases[i].gdt_idt);
		sigstruct.fault_wrapper_offset = htole32(offset_cases[i].fault_wrapper);
		if (accepted(&sigstruct) != offset_cases[i].accepted)
			fail_msg("row %zu", i);
	}
}

static void wrong_assignments_change_nothing(void **state)
{
	static const char *const assignments[] = {
		"header_type", "no_such_field=1", "header=1", "header_type=", "header_type=x",
		"header_type=1x", "header_type=-1", "header_type=0x100000000", "no_downgrade=256",
		"seamhash=00", "reserved2=0", "reserved2=0g", "reserved2=000",
		"rip_offset=99999999999999999999",
	};
	struct seam_sigstruct sigstruct, before;
	size_t i;

	(void)state;
	make(&sigstruct);
	before = sigstruct;
	for (i = 0; i < sizeof(assignments) / sizeof(assignments[0]); i++) {
		if (!sigstruct_set(&sigstruct, assignments[i]))
			fail_msg("%s", assignments[i]);
		assert_memory_equal(&sigstruct, &before, sizeof(before));
	}
}

static void fields_cover_all_but_the_cpu_table(void **state)
{
	const struct sigstruct_field *field;
	size_t next = 0;

	(void)state;
	for (field = sigstruct_fields; field->name; field++) {
		assert_int_equal(field->offset, next);
		next += field->size;
	}
	assert_int_equal(next, offsetof(struct seam_sigstruct, cpuid_table));
}

static void cpu_table_ignores_the_stepping(void **state)
{
	struct seam_sigstruct sigstruct;

	(void)state;
	make(&sigstruct);
	assert_true(sigstruct_has_cpu(&sigstruct, 0x806F8));
	assert_true(sigstruct_has_cpu(&sigstruct, 0x806F0));
	assert_true(sigstruct_has_cpu(&sigstruct, 0xC06FF));
	assert_false(sigstruct_has_cpu(&sigstruct, 0xA06F0));
	assert_false(sigstruct_has_cpu(&sigstruct, 0x806E8));
	/* Behind the table's end there are zeroes. */
	assert_false(sigstruct_has_cpu(&sigstruct, 0));
	sigstruct.cpuid_table_size = UINT32_MAX;
	assert_int_equal(sigstruct_nr_cpus(&sigstruct), SIGSTRUCT_CPUS_MAX);
}

static bool is_covered(size_t offset)
{
	return offset < 128 || offset >= 900;
}

static void signature_covers_what_the_specification_says(void **state)
{
	struct seam_sigstruct sigstruct;
	size_t offset;

	(void)state;
	make(&sigstruct);
	for (offset = 0; offset < sizeof(sigstruct); offset += offset < 1100 ? 1 : 31) {
		/* A changed key cannot be expected to fail in any particular way. */
		if (offset == 128)
			offset = 516;
		((uint8_t *)&sigstruct)[offset] ^= 0x10;
		if (crypto_verify(&sigstruct))
			fail_msg("byte %zu, %s", offset,
				 is_covered(offset) ? "covered" : "of the signature");
		((uint8_t *)&sigstruct)[offset] ^= 0x10;
	}
	assert_true(crypto_verify(&sigstruct));
}

static void impossible_keys_do_not_verify(void **state)
{
	struct seam_sigstruct sigstruct;

	(void)state;
	make(&sigstruct);
	memset(sigstruct.modulus, 0, sizeof(sigstruct.modulus));
	assert_false(crypto_verify(&sigstruct));
	make(&sigstruct);
	memset(sigstruct.modulus, 0xff, sizeof(sigstruct.modulus));
	assert_false(crypto_verify(&sigstruct));
	make(&sigstruct);
	sigstruct.exponent = 0;
	assert_false(crypto_verify(&sigstruct));
}

/* The hash of 384 zero bytes, from another implementation. */
static void signer_is_the_hash_of_the_modulus(void **state)
{
	static const char expected[] =
		"0715f5fe16dbfc9aa83aac8dd567804b7c05d21f4ba4f7ad"
		"99b4f565cd2540aa1081964568b55d5ac70d33e3c2adf0b4";
	struct seam_sigstruct sigstruct = { 0 };
	uint8_t hash[SIGSTRUCT_HASH_SIZE];
	char text[HASH_TEXT_SIZE];

	(void)state;
	crypto_signer(&sigstruct, hash);
	crypto_hash_text(hash, text);
	assert_string_equal(text, expected);
	assert_false(crypto_signer_is_intel(hash));
}

static void random_bytes_depend_on_the_seed_only(void **state)
{
	uint8_t one[64], same[64], other[64];

	(void)state;
	crypto_fill_random("one", one, sizeof(one));
	crypto_fill_random("one", same, sizeof(same));
	crypto_fill_random("other", other, sizeof(other));
	assert_memory_equal(one, same, sizeof(one));
	assert_memory_not_equal(one, other, sizeof(one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_sigstruct_is_accepted),
		cmocka_unit_test(each_field_is_checked),
		cmocka_unit_test(offsets_stay_in_the_module),
		cmocka_unit_test(wrong_assignments_change_nothing),
		cmocka_unit_test(fields_cover_all_but_the_cpu_table),
		cmocka_unit_test(cpu_table_ignores_the_stepping),
		cmocka_unit_test(signature_covers_what_the_specification_says),
		cmocka_unit_test(impossible_keys_do_not_verify),
		cmocka_unit_test(signer_is_the_hash_of_the_modulus),
		cmocka_unit_test(random_bytes_depend_on_the_seed_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_key, free_key);
}
