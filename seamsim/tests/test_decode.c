// SPDX-License-Identifier: GPL-2.0-only
/* Decoding: instructions as an assembler writes them, and how they end. */
#include "support.h"

#include <string.h>

#include "../decode.h"

#define BYTES(...)	{ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ })

struct decode_case {
	const char *text;
	u8 bytes[INSN_MAX_SIZE];
	size_t size;
	struct insn insn;
};

/* Register numbers: rax 0, rcx 1, rdx 2, rbx 3, rsp 4, rbp 5, rsi 6, rdi 7, r8... */
static const struct decode_case cases[] = {
	{ "cpuid", BYTES(0x0f, 0xa2), { .kind = INSN_CPUID } },
	{ "rdmsr", BYTES(0x0f, 0x32), { .kind = INSN_RDMSR } },
	{ "seamcall", BYTES(0x66, 0x0f, 0x01, 0xcf), { .kind = INSN_SEAMCALL } },
	{ "vmxoff", BYTES(0x0f, 0x01, 0xc4), { .kind = INSN_VMXOFF } },
	{ "vmlaunch", BYTES(0x0f, 0x01, 0xc2), { .kind = INSN_VMLAUNCH } },
	{ "vmresume", BYTES(0x0f, 0x01, 0xc3), { .kind = INSN_VMRESUME } },
	{ "mov %rax,%cr4", BYTES(0x0f, 0x22, 0xe0),
	  { .kind = INSN_WRITE_CR4, .reg = 4, .rm = 0 } },
	{ "mov %r9,%cr4", BYTES(0x41, 0x0f, 0x22, 0xe1),
	  { .kind = INSN_WRITE_CR4, .has_rex = true, .reg = 4, .rm = 9 } },
	{ "mov %cr4,%rdx", BYTES(0x0f, 0x20, 0xe2),
	  { .kind = INSN_READ_CR4, .reg = 4, .rm = 2 } },
	{ "vmxon (%rax)", BYTES(0xf3, 0x0f, 0xc7, 0x30),
	  { .kind = INSN_VMXON, .reg = 6, .is_memory = true, .rm = 0, .base = 0, .index = -1 } },
	{ "vmxon 0x8(%rsp)", BYTES(0xf3, 0x0f, 0xc7, 0x74, 0x24, 0x08),
	  { .kind = INSN_VMXON, .reg = 6, .is_memory = true, .rm = 4, .base = 4, .index = -1,
	    .displacement = 8 } },
	{ "vmclear -0x8(%rbp)", BYTES(0x66, 0x0f, 0xc7, 0x75, 0xf8),
	  { .kind = INSN_VMCLEAR, .reg = 6, .is_memory = true, .rm = 5, .base = 5, .index = -1,
	    .displacement = -8 } },
	{ "vmptrld (%r12)", BYTES(0x41, 0x0f, 0xc7, 0x34, 0x24),
	  { .kind = INSN_VMPTRLD, .has_rex = true, .reg = 6, .is_memory = true, .rm = 12,
	    .base = 12, .index = -1 } },
	{ "vmptrst 0x1000(%rip)", BYTES(0x0f, 0xc7, 0x3d, 0x00, 0x10, 0x00, 0x00),
	  { .kind = INSN_VMPTRST, .reg = 7, .is_memory = true, .rip_relative = true, .rm = 5,
	    .base = -1, .index = -1, .displacement = 0x1000 } },
	{ "vmptrst %gs:0x10", BYTES(0x65, 0x0f, 0xc7, 0x3c, 0x25, 0x10, 0x00, 0x00, 0x00),
	  { .kind = INSN_VMPTRST, .reg = 7, .is_memory = true, .rm = 4, .base = -1, .index = -1,
	    .segment = SEGMENT_GS, .displacement = 0x10 } },
	{ "vmptrst 0x20(%rax,%r9,4)", BYTES(0x42, 0x0f, 0xc7, 0x7c, 0x88, 0x20),
	  { .kind = INSN_VMPTRST, .has_rex = true, .reg = 7, .is_memory = true, .rm = 4,
	    .base = 0, .index = 9, .scale = 2, .displacement = 0x20 } },
	{ "vmptrst (%eax)", BYTES(0x67, 0x0f, 0xc7, 0x38),
	  { .kind = INSN_VMPTRST, .reg = 7, .is_memory = true, .rm = 0, .base = 0, .index = -1,
	    .address32 = true } },
	{ "vmread %rax,%rdx", BYTES(0x0f, 0x78, 0xc2),
	  { .kind = INSN_VMREAD, .reg = 0, .rm = 2, .base = -1, .index = -1 } },
	{ "vmwrite %r8,%r9", BYTES(0x45, 0x0f, 0x79, 0xc8),
	  { .kind = INSN_VMWRITE, .has_rex = true, .reg = 9, .rm = 8, .base = -1, .index = -1 } },
	{ "invept (%rsp),%rax", BYTES(0x66, 0x0f, 0x38, 0x80, 0x04, 0x24),
	  { .kind = INSN_INVEPT, .reg = 0, .is_memory = true, .rm = 4, .base = 4, .index = -1 } },
	{ "invvpid (%rsp),%rcx", BYTES(0x66, 0x0f, 0x38, 0x81, 0x0c, 0x24),
	  { .kind = INSN_INVVPID, .reg = 1, .is_memory = true, .rm = 4, .base = 4, .index = -1 } },
	{ "movdir64b (%rsi),%rdi", BYTES(0x66, 0x0f, 0x38, 0xf8, 0x3e),
	  { .kind = INSN_MOVDIR64B, .reg = 7, .is_memory = true, .rm = 6, .base = 6,
	    .index = -1 } },
	{ "jc +5", BYTES(0x72, 0x05), { .kind = INSN_JCC, .condition = 2, .displacement = 5 } },
	{ "jna -2", BYTES(0x76, 0xfe), { .kind = INSN_JCC, .condition = 6, .displacement = -2 } },
	{ "jna, not taken", BYTES(0x2e, 0x76, 0x10),
	  { .kind = INSN_JCC, .condition = 6, .displacement = 0x10 } },
	{ "jc near", BYTES(0x0f, 0x82, 0xf0, 0xff, 0xff, 0xff),
	  { .kind = INSN_JCC, .condition = 2, .displacement = -16 } },
	{ "setna %al", BYTES(0x0f, 0x96, 0xc0),
	  { .kind = INSN_SETCC, .condition = 6, .base = -1, .index = -1 } },
	{ "setc %r8b", BYTES(0x41, 0x0f, 0x92, 0xc0),
	  { .kind = INSN_SETCC, .has_rex = true, .condition = 2, .rm = 8, .base = -1,
	    .index = -1 } },
};

/* What looks alike and is left to QEMU. */
static const struct decode_case others[] = {
	{ "mov %rax,%cr3", BYTES(0x0f, 0x22, 0xd8), { } },
	{ "mov %cr0,%rax", BYTES(0x0f, 0x20, 0xc0), { } },
	{ "mov %rax,%cr12", BYTES(0x44, 0x0f, 0x22, 0xe0), { } },
	{ "rdrand %eax", BYTES(0x0f, 0xc7, 0xf0), { } },
	{ "rdseed %eax", BYTES(0x0f, 0xc7, 0xf8), { } },
	{ "cmpxchg16b (%rsi)", BYTES(0x48, 0x0f, 0xc7, 0x0e), { } },
	{ "xsaves (%rdi)", BYTES(0x0f, 0xc7, 0x2f), { } },
	{ "vmcall", BYTES(0x0f, 0x01, 0xc1), { } },
	{ "tdcall", BYTES(0x66, 0x0f, 0x01, 0xcc), { } },
	{ "xgetbv", BYTES(0x0f, 0x01, 0xd0), { } },
	{ "lgdt (%rax)", BYTES(0x0f, 0x01, 0x10), { } },
	{ "without its prefix", BYTES(0x0f, 0x01, 0xcf), { } },
	{ "extrq", BYTES(0x66, 0x0f, 0x79, 0xc1), { } },
	{ "insertq", BYTES(0xf2, 0x0f, 0x79, 0xc1), { } },
	{ "movbe (%rax),%eax", BYTES(0x0f, 0x38, 0xf0, 0x00), { } },
	{ "nop", BYTES(0x90), { } },
	{ "syscall", BYTES(0x0f, 0x05), { } },
};

static void check_decoded(void **state)
{
	const struct decode_case *c = *state;
	struct insn expected = c->insn, insn;

	expected.size = c->size;
	assert_true(insn_decode(c->bytes, INSN_MAX_SIZE, &insn));
	assert_int_equal(expected.kind, insn.kind);
	assert_int_equal(expected.size, insn.size);
	assert_int_equal(expected.has_rex, insn.has_rex);
	assert_int_equal(expected.condition, insn.condition);
	assert_int_equal(expected.displacement, insn.displacement);
	if (insn.kind == INSN_JCC || insn.kind == INSN_SETCC)
		expected.reg = insn.reg;
	assert_int_equal(expected.reg, insn.reg);
	assert_int_equal(expected.rm, insn.rm);
	assert_int_equal(expected.is_memory, insn.is_memory);
	assert_int_equal(expected.base, insn.base);
	assert_int_equal(expected.index, insn.index);
	assert_int_equal(expected.scale, insn.scale);
	assert_int_equal(expected.segment, insn.segment);
	assert_int_equal(expected.rip_relative, insn.rip_relative);
	assert_int_equal(expected.address32, insn.address32);
}

static void cut_instructions_are_not(void **state)
{
	struct insn insn;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t size = 0; size < cases[i].size; size++)
			assert_false(insn_decode(cases[i].bytes, size, &insn));
	}
}

static void check_left_alone(void **state)
{
	const struct decode_case *c = *state;
	struct insn insn;

	assert_false(insn_decode(c->bytes, INSN_MAX_SIZE, &insn));
}

/* However little QEMU has decoded of it. */
static void candidates_are_never_missed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (cases[i].insn.kind == INSN_JCC || cases[i].insn.kind == INSN_SETCC)
			continue;
		for (size_t size = cases[i].size; size > 2; size--)
			assert_true(insn_is_candidate(cases[i].bytes, size));
	}
}

static void conditions(void **state)
{
	/* For (CF, ZF) = (0,0), (1,0), (0,1). */
	static const struct {
		unsigned int condition;
		bool holds[3];
	} rows[] = {
		{ 0x0, { 0, 0, 0 } },	/* o */
		{ 0x1, { 1, 1, 1 } },	/* no */
		{ 0x2, { 0, 1, 0 } },	/* c */
		{ 0x3, { 1, 0, 1 } },	/* nc */
		{ 0x4, { 0, 0, 1 } },	/* z */
		{ 0x5, { 1, 1, 0 } },	/* nz */
		{ 0x6, { 0, 1, 1 } },	/* na */
		{ 0x7, { 1, 0, 0 } },	/* a */
		{ 0x8, { 0, 0, 0 } },	/* s */
		{ 0x9, { 1, 1, 1 } },	/* ns */
		{ 0xa, { 0, 0, 0 } },	/* p */
		{ 0xb, { 1, 1, 1 } },	/* np */
		{ 0xc, { 0, 0, 0 } },	/* l */
		{ 0xd, { 1, 1, 1 } },	/* ge */
		{ 0xe, { 0, 0, 1 } },	/* le */
		{ 0xf, { 1, 1, 0 } },	/* g */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(rows[i].holds[0],
				 insn_condition_holds(rows[i].condition, false, false));
		assert_int_equal(rows[i].holds[1],
				 insn_condition_holds(rows[i].condition, true, false));
		assert_int_equal(rows[i].holds[2],
				 insn_condition_holds(rows[i].condition, false, true));
	}
}

static const struct CMUnitTest functions[] = {
	cmocka_unit_test(cut_instructions_are_not),
	cmocka_unit_test(candidates_are_never_missed),
	cmocka_unit_test(conditions),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(functions) + ARRAY_SIZE(cases) + ARRAY_SIZE(others)];
	size_t nr = ARRAY_SIZE(functions);

	memset(tests, 0, sizeof(tests));
	memcpy(tests, functions, sizeof(functions));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++, nr++) {
		tests[nr].name = cases[i].text;
		tests[nr].test_func = check_decoded;
		tests[nr].initial_state = (void *)&cases[i];
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++, nr++) {
		tests[nr].name = others[i].text;
		tests[nr].test_func = check_left_alone;
		tests[nr].initial_state = (void *)&others[i];
	}
	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
