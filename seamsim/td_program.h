/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's machine language: what runs in a TD instead of x86 instructions.
 *
 * A vCPU starts at the GPA that TDH.VP.INIT gave it in RCX. Programs lie in the TD's
 * private memory, are measured with it, and every operand is a GPA (8 bytes, 8-byte
 * aligned) unless it says otherwise. Each access walks the Secure EPT, or, with the shared
 * bit set, the EPT that the VMM gave the vCPU for shared memory.
 */
#ifndef SEAMSIM_TD_PROGRAM_H
#define SEAMSIM_TD_PROGRAM_H

#include <assert.h>

#include "types.h"

enum td_op {
	/* What a zeroed page holds is not a program: triple fault. */
	TD_OP_INVALID	= 0,
	/* *a += 1, then write its low 4 bytes to I/O port b. */
	TD_OP_COUNT	= 1,
	/* *a = b */
	TD_OP_STORE	= 2,
	/* *b = *a */
	TD_OP_COPY	= 3,
	/* Go on with the instruction of index a. */
	TD_OP_JUMP	= 4,
	/* Write the low 4 bytes of *a to I/O port b. */
	TD_OP_OUT	= 5,
	/* TDG.VP.VMCALL with the registers of struct td_vmcall_block at a. */
	TD_OP_VMCALL	= 6,
	/* TDG.MEM.PAGE.ACCEPT of the page at a. */
	TD_OP_ACCEPT	= 7,
	/* HLT until there is an interrupt that no TD_OP_HLT has waited for yet. */
	TD_OP_HLT	= 8,
	/* *a = interrupts taken so far */
	TD_OP_INTERRUPTS = 9,
	/* MRTD by TDG.MR.REPORT, written to I/O port b in 12 pieces of 4 bytes. */
	TD_OP_MRTD	= 10,
	/* Use up the time slice. */
	TD_OP_YIELD	= 11,
	/* *a = NMIs taken so far */
	TD_OP_NMIS	= 12,
};

struct td_insn {
	u64	op;
	u64	a;
	u64	b;
	u64	reserved;
} __packed;

static_assert(sizeof(struct td_insn) == 32);

/* R10 is only an answer: the guest sends 0, for a standard leaf. */
struct td_vmcall_block {
	u64	r10;
	u64	r11;
	u64	r12;
	u64	r13;
	u64	r14;
	u64	r15;
} __packed;

static_assert(sizeof(struct td_vmcall_block) == 48);

#endif
