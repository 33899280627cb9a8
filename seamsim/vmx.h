/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMX instructions on a software VMCS: as much of VMX operation as a TDX host's
 * kernel executes without ever entering a plain VM.
 *
 * The caller has decoded the instruction, read its memory operand and writes back
 * the result; nothing here touches guest virtual memory or registers.
 */
#ifndef SEAMSIM_VMX_H
#define SEAMSIM_VMX_H

#include <stdbool.h>

#include "types.h"

struct sim;

/* What VMPTRST stores when there is no current VMCS. */
#define VMCS_NONE	(~0ULL)

enum vmx_op {
	VMX_VMXON,
	VMX_VMXOFF,
	VMX_VMCLEAR,
	VMX_VMPTRLD,
	VMX_VMPTRST,
	VMX_VMREAD,
	VMX_VMWRITE,
	VMX_INVEPT,
	VMX_INVVPID,
	VMX_VMLAUNCH,
	VMX_VMRESUME,
};

struct vmx_insn {
	enum vmx_op op;
	/*
	 * VMXON, VMCLEAR, VMPTRLD: the m64 operand. VMREAD, VMWRITE: the field
	 * encoding. INVEPT, INVVPID: the type.
	 */
	u64 operand;
	/* VMWRITE: in. VMREAD, VMPTRST: out. */
	u64 value;
	/* INVEPT, INVVPID: the m128 operand. */
	u64 desc[2];
};

enum vmx_result {
	VMX_SUCCEED,
	VMX_FAIL_INVALID,	/* CF = 1 */
	VMX_FAIL_VALID,		/* ZF = 1 */
	VMX_UD,			/* not in VMX operation: let #UD happen */
};

/* Per vCPU. Protected by sim->lock. */
struct vmx_vcpu {
	bool on;
	u64 vmxon_pa;
	u64 current_vmcs;
	/* How often SEAMRET cleared a valid current-VMCS pointer. */
	u64 vmcs_lost;
};

/* Takes sim->lock. */
enum vmx_result vmx_execute(struct sim *sim, unsigned int vcpu, struct vmx_insn *insn);

/* The rest: sim->lock held. */
int vmx_init(struct sim *sim);
void vmx_free(struct sim *sim);
bool vmx_is_on(const struct sim *sim, unsigned int vcpu);

/* The erratum: SEAMRET from the P-SEAMLDR clears the current-VMCS pointer. */
void vmx_seamret_clears_vmcs(struct sim *sim, unsigned int vcpu);

#endif
