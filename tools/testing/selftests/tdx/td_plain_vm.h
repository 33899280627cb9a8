/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A plain VM beside TDs, which is never entered: its vCPU has a VMCS that KVM loads,
 * writes and reads. That is what an erratum of the P-SEAMLDR takes away from under it.
 */
#ifndef TD_PLAIN_VM_H
#define TD_PLAIN_VM_H

#include <stdbool.h>

#include <linux/types.h>

struct plain_vm {
	int kvm;
	int vm;
	int vcpu;
};

/* 0 or a negative errno; plain_vm_destroy() is due in any case. */
int plain_vm_create(struct plain_vm *vm);
void plain_vm_destroy(struct plain_vm *vm);

/* Writes a VMCS field and reads it back, on the CPU that the caller runs on. */
bool plain_vm_keeps(struct plain_vm *vm, __u64 value);

#endif
