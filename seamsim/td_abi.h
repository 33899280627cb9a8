/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the VMM and the TDX module agree on about TDs: statuses, operands, fields.
 *
 * From the "TDX Module ABI Specification" and the "TDX Module Base Architecture
 * Specification", with their names. The leaves' numbers and what the update needs
 * are in abi.h.
 */
#ifndef SEAMSIM_TD_ABI_H
#define SEAMSIM_TD_ABI_H

#include <assert.h>
#include <stddef.h>

#include "abi.h"

#define TDX_OPERAND_ADDR_RANGE_ERROR	0xC000010100000000ULL
#define TDX_NON_RECOVERABLE_TD		0x4000000200000000ULL
#define TDX_PREVIOUS_TLB_EPOCH_BUSY	0x8000020100000000ULL
#define TDX_PAGE_METADATA_INCORRECT	0xC000030000000000ULL
#define TDX_TD_ASSOCIATED_PAGES_EXIST	0xC000040000000000ULL
#define TDX_TDCS_NOT_ALLOCATED		0xC000060600000000ULL
#define TDX_LIFECYCLE_STATE_INCORRECT	0xC000060700000000ULL
#define TDX_OP_STATE_INCORRECT		0xC000060800000000ULL
#define TDX_TDCX_NUM_INCORRECT		0xC000061000000000ULL
#define TDX_X2APIC_ID_NOT_UNIQUE	0xC000062100000000ULL
#define TDX_VCPU_STATE_INCORRECT	0xC000070000000000ULL
#define TDX_VCPU_ASSOCIATED		0x8000070100000000ULL
#define TDX_VCPU_NOT_ASSOCIATED		0x8000070200000000ULL
#define TDX_TDVPX_NUM_INCORRECT		0xC000070300000000ULL
#define TDX_MAX_VCPUS_EXCEEDED		0xC000070500000000ULL
#define TDX_TD_KEYS_NOT_CONFIGURED	0x8000081000000000ULL
#define TDX_WBCACHE_NOT_COMPLETE	0x8000081700000000ULL
#define TDX_HKID_NOT_FREE		0xC000082000000000ULL
#define TDX_NO_HKID_READY_TO_WBCACHE	0x0000082100000000ULL
#define TDX_FLUSHVP_NOT_DONE		0x8000082400000000ULL
#define TDX_EPT_WALK_FAILED		0xC0000B0000000000ULL
#define TDX_GPA_RANGE_NOT_BLOCKED	0xC0000B0600000000ULL
#define TDX_GPA_RANGE_ALREADY_BLOCKED	0x00000B0700000000ULL
#define TDX_TLB_TRACKING_NOT_DONE	0xC0000B0800000000ULL
#define TDX_EPT_ENTRY_STATE_INCORRECT	0xC0000B0D00000000ULL
#define TDX_METADATA_FIELD_NOT_WRITABLE	0xC0000C0100000000ULL
#define TDX_METADATA_FIELD_NOT_READABLE	0xC0000C0200000000ULL

#define TDX_OPERAND_ATTRIBUTES		64
#define TDX_OPERAND_XFAM		65
#define TDX_OPERAND_EXEC_CONTROLS	66
#define TDX_OPERAND_EPTP_CONTROLS	67
#define TDX_OPERAND_MAX_VCPUS		68
#define TDX_OPERAND_TSC_FREQUENCY	70
#define TDX_OPERAND_TDR			128
#define TDX_OPERAND_TDVPR		130
#define TDX_OPERAND_SEPT		146

/* Metadata of a physical page, as TDH.PHYMEM.PAGE.RDMD and .RECLAIM tell them. */
enum tdx_page_type {
	PT_NDA		= 0,
	PT_RSVD		= 1,
	PT_REG		= 3,
	PT_TDR		= 4,
	PT_TDCX		= 5,
	PT_TDVPR	= 6,
	PT_EPT		= 8,
};

#define TDX_PAGE_SIZE_4K	0

/* GPA operands carry the Secure EPT level in their lowest bits. */
#define TDX_GPA_LEVEL_MASK	GENMASK_ULL(2, 0)

/* What RCX and RDX say of the Secure EPT entry that was in the way. */
#define SEPT_INFO_STATE_SHIFT	8

/* Where the page tables begin, by TD_PARAMS.EPTP_CONTROLS. */
#define EPTP_MEMORY_TYPE_MASK	GENMASK_ULL(2, 0)
#define EPTP_WRITE_BACK		6
#define EPTP_WALK_MASK		GENMASK_ULL(5, 3)
#define EPTP_WALK_SHIFT		3
#define EPTP_WALK_4_LEVELS	3
#define EPTP_WALK_5_LEVELS	4

#define TD_ATTRIBUTES_DEBUG		BIT_ULL(0)
#define TD_ATTRIBUTES_SEPT_VE_DISABLE	BIT_ULL(28)
/* What metadata call ATTRIBUTES_FIXED0 is wider: bits this model gives a meaning to. */
#define TD_ATTRIBUTES_KNOWN		(TD_ATTRIBUTES_DEBUG | TD_ATTRIBUTES_SEPT_VE_DISABLE)

#define TD_XFAM_FIXED0			0x600E7ULL
#define TD_XFAM_FIXED1			0x3ULL

#define TD_CONFIG_MAX_GPAW		BIT_ULL(0)
#define TD_CONFIG_NO_RBP_MOD		BIT_ULL(2)
#define TD_CONFIG_KNOWN			(TD_CONFIG_MAX_GPAW | TD_CONFIG_NO_RBP_MOD)

#define TD_SHARED_BIT_GPAW48		47
#define TD_SHARED_BIT_GPAW52		51

/* In units of 25 MHz: 100 MHz to 10 GHz. */
#define TD_TSC_FREQUENCY_MIN		4
#define TD_TSC_FREQUENCY_MAX		400

/* The multiplier has 48 fractional bits: 1.0. */
#define TD_TSC_MULTIPLIER_ONE		BIT_ULL(48)

#define TD_MEASUREMENT_SIZE		SHA384_SIZE
#define TD_PARAMS_SIZE			1024
#define TD_PARAMS_HEAD_SIZE		256

struct td_cpuid_value {
	u32	eax, ebx, ecx, edx;
} __packed;

#define TD_PARAMS_MAX_CPUIDS	\
	((TD_PARAMS_SIZE - TD_PARAMS_HEAD_SIZE) / sizeof(struct td_cpuid_value))

struct td_params {
	u64	attributes;
	u64	xfam;
	u16	max_vcpus;
	u8	reserved0[6];
	u64	eptp_controls;
	u64	config_flags;
	u16	tsc_frequency;
	u8	reserved1[38];
	u8	mrconfigid[TD_MEASUREMENT_SIZE];
	u8	mrowner[TD_MEASUREMENT_SIZE];
	u8	mrownerconfig[TD_MEASUREMENT_SIZE];
	u8	reserved2[32];
	struct td_cpuid_value cpuid_values[TD_PARAMS_MAX_CPUIDS];
} __packed;

static_assert(sizeof(struct td_params) == TD_PARAMS_SIZE);
static_assert(offsetof(struct td_params, eptp_controls) == 24);
static_assert(offsetof(struct td_params, tsc_frequency) == 40);
static_assert(offsetof(struct td_params, mrconfigid) == 80);
static_assert(offsetof(struct td_params, cpuid_values) == TD_PARAMS_HEAD_SIZE);

/*
 * MRTD: SHA-384 over these records, one for each TDH.MEM.PAGE.ADD, and one with the
 * chunk behind it for each TDH.MR.EXTEND.
 */
#define MRTD_RECORD_SIZE	128
#define MRTD_RECORD_NAME_SIZE	16
#define MRTD_PAGE_ADD_NAME	"MEM.PAGE.ADD"
#define MRTD_EXTEND_NAME	"MR.EXTEND"
#define MRTD_CHUNK_SIZE		256

struct mrtd_record {
	char	name[MRTD_RECORD_NAME_SIZE];
	u64	gpa;
	u8	reserved[MRTD_RECORD_SIZE - MRTD_RECORD_NAME_SIZE - sizeof(u64)];
} __packed;

static_assert(sizeof(struct mrtd_record) == MRTD_RECORD_SIZE);

/* Metadata field identifiers: only class and code are looked at, as the module does. */
#define FIELD_NON_ARCH		BIT_ULL(63)
#define FIELD_CLASS_MASK	GENMASK_ULL(61, 56)
#define FIELD_CLASS_SHIFT	56
#define FIELD_CODE_MASK		GENMASK_ULL(23, 0)

enum td_field_class {
	TDCS_CLASS_EXECUTION_CONTROLS	= 17,
	TDCS_CLASS_MEASUREMENT		= 19,
	TDCS_CLASS_CPUID		= 20,
};

enum vp_field_class {
	TDVPS_CLASS_VMCS		= 0,
	TDVPS_CLASS_OTHER_GUEST		= 17,
	TDVPS_CLASS_MANAGEMENT		= 32,
};

enum tdcs_execution_control {
	TDCS_ATTRIBUTES			= 0,
	TDCS_XFAM			= 1,
	TDCS_MAX_VCPUS			= 2,
	TDCS_EPTP			= 4,
	TDCS_TSC_OFFSET			= 10,
	TDCS_TSC_MULTIPLIER		= 11,
};

/* MRTD is the first field of its class. */
#define TDCS_MRTD_ELEMENTS		(TD_MEASUREMENT_SIZE / sizeof(u64))

/* A CPUID leaf in a field code, and which half of the answer. */
#define CPUID_FIELD_LEAF_31		BIT_ULL(16)
#define CPUID_FIELD_LEAF_MASK		GENMASK_ULL(15, 9)
#define CPUID_FIELD_LEAF_SHIFT		9
#define CPUID_FIELD_SUBLEAF_NA		BIT_ULL(8)
#define CPUID_FIELD_ECX_EDX		BIT_ULL(0)
#define CPUID_EXTENDED			0x80000000U
#define CPUID_HIGH_SHIFT		32

#define VMCS_POSTED_INTR_NV		0x0002
#define VMCS_POSTED_INTR_DESC_ADDR	0x2016
#define VMCS_SHARED_EPT_POINTER		0x203C
#define VMCS_PIN_BASED_CONTROLS		0x4000
#define VMCS_SECONDARY_CONTROLS		0x401E
#define VMCS_NOTIFY_WINDOW		0x4024

#define TDVPS_VCPU_STATE_DETAILS	0x100
#define TDVPS_PEND_NMI			11
#define PIN_BASED_POSTED_INTERRUPTS	BIT_ULL(7)
#define VCPU_STATE_DETAILS_INTR_PENDING	BIT_ULL(0)

/* TDH.VP.INIT: RAX bits 23:16. Since version 1 R8 carries the x2APIC ID. */
#define VP_INIT_VERSION_X2APIC_ID	1

/* TDH.VP.ENTER: exit reasons in RAX bits 31:0, with the numbers of VMX. */
enum td_exit_reason {
	EXIT_TRIPLE_FAULT		= 2,
	EXIT_OTHER_SMI			= 6,
	EXIT_EPT_VIOLATION		= 48,
	EXIT_TDCALL			= 77,
};

/* EPT violations: exit qualification in RCX, its extension in RDX, the GPA in R8. */
#define EPT_VIOLATION_READ		BIT_ULL(0)
#define EPT_VIOLATION_WRITE		BIT_ULL(1)
#define EXT_QUALIFICATION_NONE		0
#define EXT_QUALIFICATION_ACCEPT	1
#define EXT_QUALIFICATION_PENDING	6

/* Entries of an EPT. Rights to read and write are in the bits of an exit qualification. */
#define EPT_ALL_RIGHTS			GENMASK_ULL(2, 0)
#define EPT_LARGE_PAGE			BIT_ULL(7)
#define EPT_ADDRESS_MASK		GENMASK_ULL(51, PAGE_SHIFT)
#define EPT_SUPPRESS_VE			BIT_ULL(63)

/* TDG.VP.VMCALL: R10 = 0 for the standard leaves in R11, numbered as VMX exits. */
#define TDVMCALL_HLT			12
#define TDVMCALL_IO			30
#define TDVMCALL_DIRECTION_WRITE	1
#define TDVMCALL_INTERRUPTS_ENABLED	0
#define TDVMCALL_SUCCESS		0
/* RCX: the registers that the guest shares with the VMM, here R10..R15. */
#define TDVMCALL_SHARED_REGISTERS	GENMASK_ULL(15, 10)

/* The posted-interrupt descriptor, in the VMM's memory. */
#define PI_DESC_PIR_WORDS		4

struct pi_desc {
	u64	pir[PI_DESC_PIR_WORDS];
	u8	control;
	u8	reserved[31];
} __packed;

static_assert(sizeof(struct pi_desc) == 64);

#define PI_CONTROL_ON			BIT_ULL(0)

#endif
