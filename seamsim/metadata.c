// SPDX-License-Identifier: GPL-2.0-only
/* Global metadata: see metadata.h. Field ids: "TDX Module ABI Specification". */
#include "metadata.h"

#include "seamsim.h"

#define MD_MINOR_VERSION		0x0800000100000003ULL
#define MD_MAJOR_VERSION		0x0800000100000004ULL
#define MD_UPDATE_VERSION		0x0800000100000005ULL
#define MD_TDX_FEATURES0		0x0A00000300000008ULL
#define MD_NO_DOWNGRADE			0x8900000000000002ULL
#define MD_MODULE_HV			0x8900000100000000ULL
#define MD_MIN_UPDATE_HV		0x8900000100000001ULL
#define MD_NUM_HANDOFF_PAGES		0x8900000100000003ULL
#define MD_MAX_TDMRS			0x9100000100000008ULL
#define MD_MAX_RESERVED_PER_TDMR	0x9100000100000009ULL
#define MD_PAMT_4K_ENTRY_SIZE		0x9100000100000010ULL
#define MD_PAMT_2M_ENTRY_SIZE		0x9100000100000011ULL
#define MD_PAMT_1G_ENTRY_SIZE		0x9100000100000012ULL
#define MD_TDR_BASE_SIZE		0x9800000100000000ULL
#define MD_TDCS_BASE_SIZE		0x9800000100000100ULL
#define MD_TDVPS_BASE_SIZE		0x9800000100000200ULL
#define MD_ATTRIBUTES_FIXED0		0x1900000300000000ULL
#define MD_ATTRIBUTES_FIXED1		0x1900000300000001ULL
#define MD_XFAM_FIXED0			0x1900000300000002ULL
#define MD_XFAM_FIXED1			0x1900000300000003ULL
#define MD_NUM_CPUID_CONFIG		0x9900000100000004ULL
#define MD_MAX_VCPUS_PER_TD		0x9900000100000008ULL
#define MD_CPUID_CONFIG_LEAF0		0x9900000300000400ULL
#define MD_CPUID_CONFIG_VALUE0_EAX_EBX	0x9900000300000500ULL
#define MD_CPUID_CONFIG_VALUE0_ECX_EDX	0x9900000300000501ULL

#define MAX_RESERVED_PER_TDMR		16
#define PAMT_ENTRY_SIZE			16

/*
 * One directly configurable CPUID leaf, 0x80000008 without sub-leaves, of which EAX
 * bits 15:0 are the VMM's: the guest's address widths. KVM insists on it.
 */
#define CPUID_CONFIG_LEAF0		0xFFFFFFFF80000008ULL
#define CPUID_CONFIG_EAX_MASK		0xFFFFULL

bool metadata_read(const struct sim *sim, u64 field, u64 *value)
{
	const struct module *module = &sim->module;
	const struct module_identity *id = &module->id;

	switch (field) {
	case MD_MINOR_VERSION:
		*value = id->version.minor;
		return true;
	case MD_MAJOR_VERSION:
		*value = id->version.major;
		return true;
	case MD_UPDATE_VERSION:
		*value = id->version.update;
		return true;
	case MD_TDX_FEATURES0:
		*value = module->features0;
		return true;
	case MD_NO_DOWNGRADE:
		*value = id->no_downgrade;
		return true;
	case MD_MODULE_HV:
		*value = id->module_hv;
		return true;
	case MD_MIN_UPDATE_HV:
		*value = id->min_update_hv;
		return true;
	case MD_NUM_HANDOFF_PAGES:
		*value = id->num_handoff_pages;
		return true;
	case MD_MAX_TDMRS:
		*value = SIM_MAX_TDMRS;
		return true;
	case MD_MAX_RESERVED_PER_TDMR:
		*value = MAX_RESERVED_PER_TDMR;
		return true;
	case MD_PAMT_4K_ENTRY_SIZE:
	case MD_PAMT_2M_ENTRY_SIZE:
	case MD_PAMT_1G_ENTRY_SIZE:
		*value = PAMT_ENTRY_SIZE;
		return true;
	case MD_TDR_BASE_SIZE:
		*value = TDR_SIZE;
		return true;
	case MD_TDCS_BASE_SIZE:
		*value = TDCS_SIZE;
		return true;
	case MD_TDVPS_BASE_SIZE:
		*value = TDVPS_SIZE;
		return true;
	case MD_ATTRIBUTES_FIXED0:
		*value = ATTRIBUTES_FIXED0;
		return true;
	case MD_ATTRIBUTES_FIXED1:
		*value = ATTRIBUTES_FIXED1;
		return true;
	case MD_XFAM_FIXED0:
		*value = XFAM_FIXED0;
		return true;
	case MD_XFAM_FIXED1:
		*value = XFAM_FIXED1;
		return true;
	case MD_NUM_CPUID_CONFIG:
		*value = 1;
		return true;
	case MD_MAX_VCPUS_PER_TD:
		*value = MAX_VCPUS_PER_TD;
		return true;
	case MD_CPUID_CONFIG_LEAF0:
		*value = CPUID_CONFIG_LEAF0;
		return true;
	case MD_CPUID_CONFIG_VALUE0_EAX_EBX:
		*value = CPUID_CONFIG_EAX_MASK;
		return true;
	case MD_CPUID_CONFIG_VALUE0_ECX_EDX:
		*value = 0;
		return true;
	default:
		return false;
	}
}
