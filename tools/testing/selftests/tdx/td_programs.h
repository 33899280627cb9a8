/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TDs that more than one test makes, and what their guests say to the host. Each is
 * built and finalized, but does not run; NULL if it could not be built.
 */
#ifndef TD_PROGRAMS_H
#define TD_PROGRAMS_H

#include <stddef.h>

#include "td_vmm.h"

#define PAGE_SIZE		4096UL

/* Where a program keeps its TDVMCALL registers: the upper half of its page. */
#define TD_BLOCKS_OFFSET	2048
#define TD_BLOCK(vcpu, n)	(TD_PROGRAM(vcpu) + TD_BLOCKS_OFFSET + \
				 (n) * sizeof(struct td_vmcall_block))
#define TD_BLOCK_R11(vcpu, n)	(TD_BLOCK(vcpu, n) + offsetof(struct td_vmcall_block, r11))

/* TDG.VP.VMCALL leaves, "Guest-Hypervisor Communication Interface" specification. */
#define TDVMCALL_CPUID		10
#define TDVMCALL_RDMSR		31
#define TDVMCALL_WRMSR		32
#define TDVMCALL_MMIO		48
#define TDVMCALL_MAP_GPA	0x10001
#define TDVMCALL_WRITE		1
#define TDVMCALL_READ		0

/* KVM delivers interrupts only to an APIC that the guest has enabled. */
extern const struct td_vmcall_block td_enable_apic;

/* Each vCPU runs @program, with @blocks behind it. Sizes in bytes. */
struct td *td_new_with_blocks(unsigned int nr_vcpus,
			      const struct td_insn *program, size_t size,
			      const struct td_vmcall_block *blocks, size_t blocks_size);
struct td *td_new_with(unsigned int nr_vcpus, const struct td_insn *program, size_t size);

/* Accepts TD_HEAP(0), stores @value there, writes it to TD_PORT_VALUE and halts. */
struct td *td_new_touching(__u32 value);
/* Counts, and after each count writes the NMIs taken so far to TD_PORT_VALUE. */
struct td *td_new_counting_nmis(void);
/* Writes the interrupts taken so far to TD_PORT_VALUE and halts, again and again. */
struct td *td_new_halting(void);

#endif
