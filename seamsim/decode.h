/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decoding of the few instructions that are emulated, and of what may follow them to
 * test their flags. Bytes in, description out: no guest state is touched.
 *
 * QEMU cannot be asked: it does not know most of these instructions, and gives a wrong
 * length for those that it does not know.
 */
#ifndef SEAMSIM_DECODE_H
#define SEAMSIM_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "types.h"

#define INSN_MAX_SIZE	15

enum insn_kind {
	INSN_NONE,
	INSN_CPUID,
	INSN_RDMSR,
	INSN_READ_CR4,
	INSN_WRITE_CR4,
	INSN_SEAMCALL,
	INSN_VMXON,
	INSN_VMXOFF,
	INSN_VMCLEAR,
	INSN_VMPTRLD,
	INSN_VMPTRST,
	INSN_VMREAD,
	INSN_VMWRITE,
	INSN_INVEPT,
	INSN_INVVPID,
	INSN_VMLAUNCH,
	INSN_VMRESUME,
	INSN_MOVDIR64B,
	INSN_JCC,
	INSN_SETCC,
};

enum insn_segment {
	SEGMENT_FLAT,
	SEGMENT_FS,
	SEGMENT_GS,
};

#define NO_REGISTER	(-1)

struct insn {
	enum insn_kind kind;
	unsigned int size;
	bool has_rex;

	/* Of ModRM: number of the register operand, extended by REX.R. */
	unsigned int reg;

	/* The r/m operand: a register, or memory. */
	bool is_memory;
	unsigned int rm;
	enum insn_segment segment;
	bool address32;
	bool rip_relative;
	int base;
	int index;
	unsigned int scale;

	/* Displacement of the memory operand, or of the jump. */
	s64 displacement;

	/* INSN_JCC, INSN_SETCC: the low four bits of the opcode. */
	unsigned int condition;
};

/* In 64-bit mode. False when @bytes is none of the kinds, or ends too early. */
bool insn_decode(const u8 *bytes, size_t size, struct insn *insn);

/* Worth decoding at all: a cheap answer that is never wrongly false. */
bool insn_is_candidate(const u8 *bytes, size_t size);

/* Does the condition hold, when a VMX instruction left these two flags and cleared the rest? */
bool insn_condition_holds(unsigned int condition, bool carry, bool zero);

#endif
