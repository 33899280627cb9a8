// SPDX-License-Identifier: GPL-2.0-only
/*
 * Metadata of TDs and vCPUs: TDH.MNG.RD, TDH.VP.RD and TDH.VP.WR, as far as a VMM
 * asks.
 */
#include <string.h>

#include "td_model.h"

/* CPUID leaves that a TD sees: the two maxima and what hangs on them. */
#define CPUID_BASIC_MAX		1
#define CPUID_EXTENDED_MAX	(CPUID_EXTENDED + 8)
#define CPUID_VENDOR_EBX	0x756e6547	/* "Genu" */
#define CPUID_VENDOR_EDX	0x49656e69	/* "ineI" */
#define CPUID_VENDOR_ECX	0x6c65746e	/* "ntel" */

static unsigned int class_of(u64 field)
{
	return (field & FIELD_CLASS_MASK) >> FIELD_CLASS_SHIFT;
}

static bool read_execution_control(const struct td *td, u64 code, u64 *value)
{
	switch (code) {
	case TDCS_ATTRIBUTES:
		*value = td->params.attributes;
		return true;
	case TDCS_XFAM:
		*value = td->params.xfam;
		return true;
	case TDCS_MAX_VCPUS:
		*value = td->params.max_vcpus;
		return true;
	case TDCS_EPTP:
		*value = td->params.eptp_controls;
		return true;
	/* The TD's clock is the host's. */
	case TDCS_TSC_OFFSET:
		*value = 0;
		return true;
	case TDCS_TSC_MULTIPLIER:
		*value = TD_TSC_MULTIPLIER_ONE;
		return true;
	default:
		return false;
	}
}

static bool read_measurement(const struct td *td, u64 code, u64 *value)
{
	if (code >= TDCS_MRTD_ELEMENTS)
		return false;
	memcpy(value, td->mrtd + code * sizeof(*value), sizeof(*value));
	return true;
}

static bool cpuid_of_td(const struct sim *sim, const struct td *td, u32 leaf,
			struct td_cpuid_value *value)
{
	switch (leaf) {
	case 0:
		*value = (struct td_cpuid_value) {
			.eax = CPUID_BASIC_MAX, .ebx = CPUID_VENDOR_EBX,
			.ecx = CPUID_VENDOR_ECX, .edx = CPUID_VENDOR_EDX,
		};
		return true;
	case CPUID_BASIC_MAX:
		*value = (struct td_cpuid_value) { .eax = sim->config.cpuid[0] };
		return true;
	case CPUID_EXTENDED:
		*value = (struct td_cpuid_value) { .eax = CPUID_EXTENDED_MAX };
		return true;
	case CPUID_EXTENDED_MAX:
		*value = td->params.cpuid_values[0];
		return true;
	default:
		return false;
	}
}

static bool read_cpuid(const struct sim *sim, const struct td *td, u64 code, u64 *value)
{
	struct td_cpuid_value cpuid;
	u32 leaf;

	leaf = (code & CPUID_FIELD_LEAF_MASK) >> CPUID_FIELD_LEAF_SHIFT;
	if (code & CPUID_FIELD_LEAF_31)
		leaf |= CPUID_EXTENDED;
	if (!(code & CPUID_FIELD_SUBLEAF_NA) || !cpuid_of_td(sim, td, leaf, &cpuid))
		return false;
	if (code & CPUID_FIELD_ECX_EDX)
		*value = cpuid.ecx | (u64)cpuid.edx << CPUID_HIGH_SHIFT;
	else
		*value = cpuid.eax | (u64)cpuid.ebx << CPUID_HIGH_SHIFT;
	return true;
}

static bool read_td_field(const struct sim *sim, const struct td *td, u64 field, u64 *value)
{
	u64 code = field & FIELD_CODE_MASK;

	switch (class_of(field)) {
	case TDCS_CLASS_EXECUTION_CONTROLS:
		return read_execution_control(td, code, value);
	case TDCS_CLASS_MEASUREMENT:
		return read_measurement(td, code, value);
	case TDCS_CLASS_CPUID:
		return read_cpuid(sim, td, code, value);
	default:
		return false;
	}
}

u64 td_mng_rd(struct td_call *call)
{
	call->regs->r8 = 0;
	if (!read_td_field(call->sim, call->td, call->regs->rdx, &call->regs->r8))
		return td_status(TDX_METADATA_FIELD_ID_INCORRECT, TDX_OPERAND_RDX);
	return TDX_SUCCESS;
}

/* Where a VMCS field that the VMM may touch is kept. */
static u64 *vmcs_field(struct td_vcpu *vcpu, u64 code)
{
	switch (code) {
	case VMCS_POSTED_INTR_NV:
		return &vcpu->posted_intr_nv;
	case VMCS_POSTED_INTR_DESC_ADDR:
		return &vcpu->posted_intr_desc;
	case VMCS_SHARED_EPT_POINTER:
		return &vcpu->shared_eptp;
	case VMCS_PIN_BASED_CONTROLS:
		return &vcpu->pin_based_controls;
	case VMCS_SECONDARY_CONTROLS:
		return &vcpu->secondary_controls;
	case VMCS_NOTIFY_WINDOW:
		return &vcpu->notify_window;
	default:
		return NULL;
	}
}

static bool interrupt_is_pending(const struct guest *guest)
{
	for (unsigned int i = 0; i < PI_DESC_PIR_WORDS; i++)
		if (guest->irr[i])
			return true;
	return false;
}

static bool read_vp_field(struct td_vcpu *vcpu, u64 field, u64 *value)
{
	u64 code = field & FIELD_CODE_MASK;
	const u64 *vmcs;

	switch (class_of(field)) {
	case TDVPS_CLASS_VMCS:
		vmcs = vmcs_field(vcpu, code);
		if (vmcs)
			*value = *vmcs;
		return vmcs;
	case TDVPS_CLASS_OTHER_GUEST:
		if (!(field & FIELD_NON_ARCH) || code != TDVPS_VCPU_STATE_DETAILS)
			return false;
		*value = interrupt_is_pending(&vcpu->guest) ? VCPU_STATE_DETAILS_INTR_PENDING : 0;
		return true;
	case TDVPS_CLASS_MANAGEMENT:
		*value = vcpu->guest.nmi_pending;
		return code == TDVPS_PEND_NMI;
	default:
		return false;
	}
}

u64 td_vp_rd(struct td_call *call)
{
	u64 status = td_vcpu_associate(call);

	call->regs->r8 = 0;
	if (status)
		return status;
	if (!read_vp_field(call->vcpu, call->regs->rdx, &call->regs->r8))
		return td_status(TDX_METADATA_FIELD_NOT_READABLE, TDX_OPERAND_RDX);
	return TDX_SUCCESS;
}

static bool write_vp_field(struct td_vcpu *vcpu, u64 field, u64 value, u64 mask)
{
	u64 code = field & FIELD_CODE_MASK;
	u64 *vmcs;

	switch (class_of(field)) {
	case TDVPS_CLASS_VMCS:
		vmcs = vmcs_field(vcpu, code);
		if (vmcs)
			*vmcs = (*vmcs & ~mask) | (value & mask);
		return vmcs;
	case TDVPS_CLASS_MANAGEMENT:
		if (code != TDVPS_PEND_NMI)
			return false;
		vcpu->guest.nmi_pending = value & mask;
		return true;
	default:
		return false;
	}
}

u64 td_vp_wr(struct td_call *call)
{
	u64 status = td_vcpu_associate(call);
	struct sim_regs *regs = call->regs;
	u64 field = regs->rdx, before = 0;

	if (status)
		return status;
	read_vp_field(call->vcpu, field, &before);
	if (td_refuses(call->sim, CHECK_TD_FIELD_WRITABLE,
		       !write_vp_field(call->vcpu, field, regs->r8, regs->r9)))
		return td_status(TDX_METADATA_FIELD_NOT_WRITABLE, TDX_OPERAND_RDX);
	regs->r8 = before;
	return TDX_SUCCESS;
}
