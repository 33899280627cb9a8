/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers and memory of the guest, through QEMU, in the types of the models.
 *
 * All functions are for the thread that runs the vCPU.
 */
#ifndef SEAMSIM_GUEST_H
#define SEAMSIM_GUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "seamsim.h"

enum guest_special {
	GUEST_CS,
	GUEST_CR4,
	GUEST_EFLAGS,
	GUEST_FS_BASE,
	GUEST_GS_BASE,
	NR_GUEST_SPECIAL,
};

/* Once per vCPU, before the rest. Returns the name of a register that QEMU has not, or NULL. */
const char *guest_vcpu_init(unsigned int vcpu);

void guest_read_regs(unsigned int vcpu, struct sim_regs *regs);

/* Writes those that differ. */
void guest_write_regs(unsigned int vcpu, const struct sim_regs *before,
		      const struct sim_regs *after);

u64 guest_read_special(unsigned int vcpu, enum guest_special which);
void guest_write_special(unsigned int vcpu, enum guest_special which, u64 value);

bool guest_read_virtual(u64 va, void *to, size_t size);
bool guest_write_virtual(u64 va, const void *from, size_t size);

/* For struct sim_memory; the context is not used. */
bool guest_read_physical(void *context, u64 pa, void *to, size_t size);
bool guest_write_physical(void *context, u64 pa, const void *from, size_t size);

#endif
