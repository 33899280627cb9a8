/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What makes a processor a TDX host's before any SEAMCALL: MSRs, CPUID bits, CR4.VMXE
 * and packages.
 */
#ifndef SEAMSIM_PLATFORM_H
#define SEAMSIM_PLATFORM_H

#include <stdbool.h>

#include "types.h"

struct sim;
struct sim_regs;

/* IA32_MKTME_KEYID_PARTITIONING: KeyID 0, then those of MKTME, then those of TDX. */
#define PLATFORM_NR_MKTME_KEYIDS	15
#define PLATFORM_FIRST_TDX_KEYID	(PLATFORM_NR_MKTME_KEYIDS + 1)
#define PLATFORM_NR_TDX_KEYIDS		48

/* False for an MSR that is the emulator's own. sim->lock held. */
bool platform_rdmsr(const struct sim *sim, u32 msr, u64 *value);

/* The same for the RDMSR instruction: takes sim->lock. */
bool platform_execute_rdmsr(struct sim *sim, u32 msr, u64 *value);

/*
 * Patch what CPUID answered in @regs; @leaf and @subleaf are what it was asked. Returns
 * whether anything changed. Takes sim->lock.
 */
bool platform_patch_cpuid(struct sim *sim, unsigned int vcpu, u32 leaf, u32 subleaf,
			  struct sim_regs *regs);

/* The guest writes CR4: returns the value that TCG may see. Takes sim->lock. */
u64 platform_write_cr4(struct sim *sim, unsigned int vcpu, u64 cr4);

/* The guest reads CR4: returns the value that it wrote. Takes sim->lock. */
u64 platform_read_cr4(struct sim *sim, unsigned int vcpu, u64 cr4);

/* CPUID.1:EAX; sim->lock held. */
u32 platform_cpuid_signature(const struct sim *sim, unsigned int vcpu);

/* sim->lock held. */
unsigned int platform_package(const struct sim *sim, unsigned int vcpu);

#endif
