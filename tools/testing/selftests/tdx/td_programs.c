// SPDX-License-Identifier: GPL-2.0
/* TDs that more than one test makes: see td_programs.h. */
#include "td_programs.h"

#define MSR_X2APIC_SPIV		0x80f
#define SPIV_APIC_ENABLED	0x1ff

const struct td_vmcall_block td_enable_apic = {
	.r11 = TDVMCALL_WRMSR, .r12 = MSR_X2APIC_SPIV, .r13 = SPIV_APIC_ENABLED,
};

struct td *td_new_with_blocks(unsigned int nr_vcpus,
			      const struct td_insn *program, size_t size,
			      const struct td_vmcall_block *blocks, size_t blocks_size)
{
	struct td *td = td_new(nr_vcpus);

	if (!td)
		return NULL;
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		td_program(td, i, program, size);
		if (blocks)
			td_program_at(td, i, TD_BLOCKS_OFFSET, blocks, blocks_size);
	}
	if (td_init(td) || td_add_vcpus(td) || td_add_image(td) || td_finalize(td)) {
		td_destroy(td);
		return NULL;
	}
	return td;
}

struct td *td_new_with(unsigned int nr_vcpus, const struct td_insn *program, size_t size)
{
	return td_new_with_blocks(nr_vcpus, program, size, NULL, 0);
}

struct td *td_new_touching(__u32 value)
{
	const struct td_insn program[] = {
		{ .op = TD_OP_ACCEPT, .a = TD_HEAP(0) },
		{ .op = TD_OP_STORE, .a = TD_HEAP(0), .b = value },
		{ .op = TD_OP_OUT, .a = TD_HEAP(0), .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
	};

	return td_new_with(1, program, sizeof(program));
}

struct td *td_new_counting_nmis(void)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_COUNT, .a = TD_DATA(0), .b = TD_PORT_COUNT },
		{ .op = TD_OP_NMIS, .a = TD_DATA(0) + sizeof(__u64) },
		{ .op = TD_OP_OUT, .a = TD_DATA(0) + sizeof(__u64), .b = TD_PORT_VALUE },
		{ .op = TD_OP_JUMP, .a = 0 },
	};

	return td_new_with(1, program, sizeof(program));
}

struct td *td_new_halting(void)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_VMCALL, .a = TD_BLOCK(0, 0) },
		{ .op = TD_OP_OUT, .a = TD_DATA(0), .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
		{ .op = TD_OP_INTERRUPTS, .a = TD_DATA(0) },
		{ .op = TD_OP_JUMP, .a = 1 },
	};

	return td_new_with_blocks(1, program, sizeof(program),
				  &td_enable_apic, sizeof(td_enable_apic));
}
