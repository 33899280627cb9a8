// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMX instructions on a software VMCS: see vmx.h.
 *
 * A processor keeps a VMCS in its region, in a format of its own, and partly in
 * caches. Here fields are kept beside guest memory; a mark in the region tells whether
 * it is still the one that they belong to, or has been cleared and is another's now.
 * A plain VM can be created, configured and destroyed; entering it fails.
 */
#include "vmx.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "seamsim.h"
#include "td.h"

/* "Intel 64 and IA-32 Architectures SDM", volume 3, appendix on field encoding. */
#define VMCS_ENCODING_HIGH		BIT_ULL(0)
#define VMCS_ENCODING_INDEX_MASK	GENMASK_ULL(9, 1)
#define VMCS_ENCODING_INDEX_SHIFT	1
#define VMCS_ENCODING_TYPE_MASK		GENMASK_ULL(11, 10)
#define VMCS_ENCODING_TYPE_READ_ONLY	BIT_ULL(10)
#define VMCS_ENCODING_WIDTH_MASK	GENMASK_ULL(14, 13)
#define VMCS_ENCODING_WIDTH_SHIFT	13
#define VMCS_ENCODING_KIND_SHIFT	10
#define VMCS_ENCODING_RESERVED		(GENMASK_ULL(63, 15) | BIT_ULL(12))

enum vmcs_width {
	VMCS_WIDTH_16,
	VMCS_WIDTH_64,
	VMCS_WIDTH_32,
	VMCS_WIDTH_NATURAL,
};

/* Type and width, with the bit between them that is always clear. */
#define VMCS_KINDS			32
#define VMCS_INDEXES			128
#define VMCS_HALF_SHIFT			32
#define VMCS_HALF_MASK			GENMASK_ULL(31, 0)

#define MSR_IA32_VMX_BASIC		0x480
#define VMCS_REVISION_MASK		GENMASK_ULL(30, 0)
#define VM_INSTRUCTION_ERROR		0x4400

/* Numbers of VM-instruction errors. */
enum vm_instruction_error {
	VMCLEAR_INVALID_ADDRESS		= 2,
	VMCLEAR_VMXON_POINTER		= 3,
	VMENTRY_INVALID_CONTROLS	= 7,
	VMPTRLD_INVALID_ADDRESS		= 9,
	VMPTRLD_VMXON_POINTER		= 10,
	VMPTRLD_REVISION		= 11,
	VMACCESS_UNSUPPORTED		= 12,
	VMWRITE_READ_ONLY		= 13,
	VMXON_IN_VMX_ROOT		= 15,
};

/* The start of a VMCS region. */
struct vmcs_region {
	u32	revision;
	u32	abort;
	u64	mark;
} __packed;

#define VMCS_MARK			0x73636d762d6d6973ULL	/* "sim-vmcs" */

struct vmcs {
	u64 pa;
	u64 field[VMCS_KINDS][VMCS_INDEXES];
};

struct vmx_state {
	/* Of struct vmcs, by address: tsearch(3). */
	void *all;
};

static int compare(const void *a, const void *b)
{
	const struct vmcs *left = a, *right = b;

	return (left->pa > right->pa) - (left->pa < right->pa);
}

static struct vmcs *find(const struct vmx_state *state, u64 pa)
{
	const struct vmcs key = { .pa = pa };
	struct vmcs *const *found = tfind(&key, &state->all, compare);

	return found ? *found : NULL;
}

static struct vmcs *find_or_add(struct vmx_state *state, u64 pa)
{
	struct vmcs *vmcs = find(state, pa);

	if (vmcs)
		return vmcs;
	vmcs = calloc(1, sizeof(*vmcs));
	if (!vmcs)
		return NULL;
	vmcs->pa = pa;
	if (!tsearch(vmcs, &state->all, compare)) {
		free(vmcs);
		return NULL;
	}
	return vmcs;
}

int vmx_init(struct sim *sim)
{
	sim->vmx = calloc(1, sizeof(*sim->vmx));
	if (!sim->vmx)
		return -ENOMEM;
	for (unsigned int i = 0; i < SIM_MAX_VCPUS; i++)
		sim->vcpu[i].vmx.current_vmcs = VMCS_NONE;
	return 0;
}

void vmx_free(struct sim *sim)
{
	while (sim->vmx->all) {
		struct vmcs *vmcs = *(struct vmcs **)sim->vmx->all;

		tdelete(vmcs, &sim->vmx->all, compare);
		free(vmcs);
	}
	free(sim->vmx);
	sim->vmx = NULL;
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

static u64 *field_of(struct vmcs *vmcs, u64 encoding)
{
	u64 index = (encoding & VMCS_ENCODING_INDEX_MASK) >> VMCS_ENCODING_INDEX_SHIFT;

	if (encoding & VMCS_ENCODING_RESERVED || index >= VMCS_INDEXES)
		return NULL;
	return &vmcs->field[encoding >> VMCS_ENCODING_KIND_SHIFT][index];
}

/* VMfail: with a current VMCS the reason is told there, else there is only CF. */
static enum vmx_result fail(struct sim *sim, const struct vmx_vcpu *vmx,
			    enum vm_instruction_error error)
{
	struct vmcs *vmcs = find(sim->vmx, vmx->current_vmcs);

	if (vmx->current_vmcs == VMCS_NONE || !vmcs)
		return VMX_FAIL_INVALID;
	*field_of(vmcs, VM_INSTRUCTION_ERROR) = error;
	return VMX_FAIL_VALID;
}

static bool read_region(struct sim *sim, u64 pa, struct vmcs_region *region)
{
	return !(pa & PAGE_OFFSET_MASK) && sim_read(sim, pa, region, sizeof(*region));
}

static bool has_our_revision(const struct sim *sim, const struct vmcs_region *region)
{
	u64 basic;

	return platform_rdmsr(sim, MSR_IA32_VMX_BASIC, &basic) &&
	       region->revision == (basic & VMCS_REVISION_MASK);
}

static enum vmx_result vmxon(struct sim *sim, unsigned int vcpu, u64 pa)
{
	struct vmx_vcpu *vmx = &sim->vcpu[vcpu].vmx;
	struct vmcs_region region;

	if (!sim->vcpu[vcpu].cr4_vmxe)
		return VMX_UD;
	if (vmx->on)
		return fail(sim, vmx, VMXON_IN_VMX_ROOT);
	if (!read_region(sim, pa, &region) || !has_our_revision(sim, &region))
		return VMX_FAIL_INVALID;
	vmx->on = true;
	vmx->vmxon_pa = pa;
	vmx->current_vmcs = VMCS_NONE;
	return VMX_SUCCEED;
}

static enum vmx_result vmptrld(struct sim *sim, struct vmx_vcpu *vmx, u64 pa)
{
	struct vmcs_region region;
	struct vmcs *vmcs;

	if (!read_region(sim, pa, &region))
		return fail(sim, vmx, VMPTRLD_INVALID_ADDRESS);
	if (pa == vmx->vmxon_pa)
		return fail(sim, vmx, VMPTRLD_VMXON_POINTER);
	if (!has_our_revision(sim, &region))
		return fail(sim, vmx, VMPTRLD_REVISION);
	vmcs = find_or_add(sim->vmx, pa);
	if (!vmcs)
		return fail(sim, vmx, VMPTRLD_INVALID_ADDRESS);
	if (region.mark != VMCS_MARK) {
		memset(vmcs->field, 0, sizeof(vmcs->field));
		region.mark = VMCS_MARK;
		sim_write(sim, pa, &region, sizeof(region));
	}
	vmx->current_vmcs = pa;
	return VMX_SUCCEED;
}

static enum vmx_result vmclear(struct sim *sim, struct vmx_vcpu *vmx, u64 pa)
{
	struct vmcs_region region;

	if (!read_region(sim, pa, &region))
		return fail(sim, vmx, VMCLEAR_INVALID_ADDRESS);
	if (pa == vmx->vmxon_pa)
		return fail(sim, vmx, VMCLEAR_VMXON_POINTER);
	if (vmx->current_vmcs == pa)
		vmx->current_vmcs = VMCS_NONE;
	return VMX_SUCCEED;
}

static u64 width_mask(u64 encoding)
{
	switch ((encoding & VMCS_ENCODING_WIDTH_MASK) >> VMCS_ENCODING_WIDTH_SHIFT) {
	case VMCS_WIDTH_16:
		return GENMASK_ULL(15, 0);
	case VMCS_WIDTH_32:
		return GENMASK_ULL(31, 0);
	default:
		return ~0ULL;
	}
}

static enum vmx_result vmread(struct sim *sim, const struct vmx_vcpu *vmx,
			      struct vmx_insn *insn)
{
	struct vmcs *vmcs = find(sim->vmx, vmx->current_vmcs);
	const u64 *field;

	if (!vmcs)
		return VMX_FAIL_INVALID;
	field = field_of(vmcs, insn->operand);
	if (!field)
		return fail(sim, vmx, VMACCESS_UNSUPPORTED);
	insn->value = insn->operand & VMCS_ENCODING_HIGH ? *field >> VMCS_HALF_SHIFT : *field;
	return VMX_SUCCEED;
}

static enum vmx_result vmwrite(struct sim *sim, const struct vmx_vcpu *vmx,
			       const struct vmx_insn *insn)
{
	struct vmcs *vmcs = find(sim->vmx, vmx->current_vmcs);
	u64 *field;

	if (!vmcs)
		return VMX_FAIL_INVALID;
	field = field_of(vmcs, insn->operand);
	if (!field)
		return fail(sim, vmx, VMACCESS_UNSUPPORTED);
	if ((insn->operand & VMCS_ENCODING_TYPE_MASK) == VMCS_ENCODING_TYPE_READ_ONLY)
		return fail(sim, vmx, VMWRITE_READ_ONLY);
	if (insn->operand & VMCS_ENCODING_HIGH)
		*field = (*field & VMCS_HALF_MASK) | insn->value << VMCS_HALF_SHIFT;
	else
		*field = insn->value & width_mask(insn->operand);
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
		td_vmxoff(sim, vcpu);
		vmx->on = false;
		vmx->current_vmcs = VMCS_NONE;
		return VMX_SUCCEED;
	case VMX_VMPTRLD:
		return vmptrld(sim, vmx, insn->operand);
	case VMX_VMPTRST:
		insn->value = vmx->current_vmcs;
		return VMX_SUCCEED;
	case VMX_VMCLEAR:
		return vmclear(sim, vmx, insn->operand);
	case VMX_VMREAD:
		return vmread(sim, vmx, insn);
	case VMX_VMWRITE:
		return vmwrite(sim, vmx, insn);
	case VMX_INVEPT:
	case VMX_INVVPID:
		return VMX_SUCCEED;
	case VMX_VMLAUNCH:
	case VMX_VMRESUME:
		return fail(sim, vmx, VMENTRY_INVALID_CONTROLS);
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
