// SPDX-License-Identifier: GPL-2.0-only
/* VMX instructions on a software VMCS: see vmx.h. */
#include "vmx.h"

#include "seamsim.h"

int vmx_init(struct sim *sim)
{
	for (unsigned int i = 0; i < SIM_MAX_VCPUS; i++)
		sim->vcpu[i].vmx.current_vmcs = VMCS_NONE;
	return 0;
}

void vmx_free(struct sim *sim)
{
	(void)sim;
}

bool vmx_is_on(const struct sim *sim, unsigned int vcpu)
{
	return sim->vcpu[vcpu].vmx.on;
}

void vmx_seamret_clears_vmcs(struct sim *sim, unsigned int vcpu)
{
	struct vmx_vcpu *vmx = &sim->vcpu[vcpu].vmx;

	if (vmx->current_vmcs == VMCS_NONE)
		return;
	vmx->current_vmcs = VMCS_NONE;
	vmx->vmcs_lost++;
}

static enum vmx_result vmxon(struct sim *sim, unsigned int vcpu, u64 pa)
{
	struct vmx_vcpu *vmx = &sim->vcpu[vcpu].vmx;

	if (!sim->vcpu[vcpu].cr4_vmxe)
		return VMX_UD;
	if (pa & PAGE_OFFSET_MASK)
		return VMX_FAIL_INVALID;
	vmx->on = true;
	vmx->vmxon_pa = pa;
	vmx->current_vmcs = VMCS_NONE;
	return VMX_SUCCEED;
}

static enum vmx_result vmptrld(struct vmx_vcpu *vmx, u64 pa)
{
	if ((pa & PAGE_OFFSET_MASK) || pa == vmx->vmxon_pa)
		return vmx->current_vmcs == VMCS_NONE ? VMX_FAIL_INVALID : VMX_FAIL_VALID;
	vmx->current_vmcs = pa;
	return VMX_SUCCEED;
}

static enum vmx_result vmclear(struct vmx_vcpu *vmx, u64 pa)
{
	if ((pa & PAGE_OFFSET_MASK) || pa == vmx->vmxon_pa)
		return vmx->current_vmcs == VMCS_NONE ? VMX_FAIL_INVALID : VMX_FAIL_VALID;
	if (vmx->current_vmcs == pa)
		vmx->current_vmcs = VMCS_NONE;
	return VMX_SUCCEED;
}

static enum vmx_result execute_locked(struct sim *sim, unsigned int vcpu,
				      struct vmx_insn *insn)
{
	struct vmx_vcpu *vmx = &sim->vcpu[vcpu].vmx;

	if (insn->op == VMX_VMXON)
		return vmxon(sim, vcpu, insn->operand);
	if (!vmx->on)
		return VMX_UD;

	switch (insn->op) {
	case VMX_VMXOFF:
		vmx->on = false;
		vmx->current_vmcs = VMCS_NONE;
		return VMX_SUCCEED;
	case VMX_VMPTRLD:
		return vmptrld(vmx, insn->operand);
	case VMX_VMPTRST:
		insn->value = vmx->current_vmcs;
		return VMX_SUCCEED;
	case VMX_VMCLEAR:
		return vmclear(vmx, insn->operand);
	case VMX_INVEPT:
	case VMX_INVVPID:
		return VMX_SUCCEED;
	default:
		return VMX_UD;
	}
}

enum vmx_result vmx_execute(struct sim *sim, unsigned int vcpu, struct vmx_insn *insn)
{
	enum vmx_result result;

	pthread_mutex_lock(&sim->lock);
	result = execute_locked(sim, vcpu, insn);
	pthread_mutex_unlock(&sim->lock);
	return result;
}
