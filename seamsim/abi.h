/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host and the firmware agree on: leaf numbers, completion statuses and
 * memory layouts of the P-SEAMLDR and of the TDX module.
 *
 * From the "SEAM Loader (SEAMLDR) Interface Specification" and the "TDX Module ABI
 * Specification", with their names. Declared here a second time, independently of
 * the kernel, so that a misreading on one side is caught by the other.
 */
#ifndef SEAMSIM_ABI_H
#define SEAMSIM_ABI_H

#include <assert.h>
#include <stddef.h>

#include "types.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	      "structures are read in place, as the guest wrote them");

/* SEAMCALL: RAX on entry. */
#define SEAMCALL_P_SEAMLDR		BIT_ULL(63)
#define SEAMCALL_LEAF_MASK		GENMASK_ULL(15, 0)
#define SEAMCALL_VERSION_SHIFT		16
#define SEAMCALL_VERSION_MASK		GENMASK_ULL(23, 16)

enum seamldr_leaf {
	SEAMLDR_INFO			= 0,
	SEAMLDR_INSTALL			= 1,
	SEAMLDR_SHUTDOWN		= 2,
	SEAMLDR_SEAMINFO		= 3,
	SEAMLDR_CLEANUP			= 4,
};

enum tdh_leaf {
	TDH_VP_ENTER			= 0,
	TDH_MNG_ADDCX			= 1,
	TDH_MEM_PAGE_ADD		= 2,
	TDH_MEM_SEPT_ADD		= 3,
	TDH_VP_ADDCX			= 4,
	TDH_MEM_PAGE_AUG		= 6,
	TDH_MEM_RANGE_BLOCK		= 7,
	TDH_MNG_KEY_CONFIG		= 8,
	TDH_MNG_CREATE			= 9,
	TDH_VP_CREATE			= 10,
	TDH_MNG_RD			= 11,
	TDH_MR_EXTEND			= 16,
	TDH_MR_FINALIZE			= 17,
	TDH_VP_FLUSH			= 18,
	TDH_MNG_VPFLUSHDONE		= 19,
	TDH_MNG_KEY_FREEID		= 20,
	TDH_MNG_INIT			= 21,
	TDH_VP_INIT			= 22,
	TDH_PHYMEM_PAGE_RDMD		= 24,
	TDH_VP_RD			= 26,
	TDH_PHYMEM_PAGE_RECLAIM		= 28,
	TDH_MEM_PAGE_REMOVE		= 29,
	TDH_SYS_KEY_CONFIG		= 31,
	TDH_SYS_INIT			= 33,
	TDH_SYS_RD			= 34,
	TDH_SYS_LP_INIT			= 35,
	TDH_SYS_TDMR_INIT		= 36,
	TDH_MEM_TRACK			= 38,
	TDH_PHYMEM_CACHE_WB		= 40,
	TDH_PHYMEM_PAGE_WBINVD		= 41,
	TDH_VP_WR			= 43,
	TDH_SYS_CONFIG			= 45,
	TDH_SYS_SHUTDOWN		= 52,
	TDH_SYS_UPDATE			= 53,
	TDH_SYS_DISABLE			= 69,
};

/* P-SEAMLDR completion statuses. */
#define SEAMLDR_SUCCESS			0x0000000000000000ULL
#define SEAMLDR_EBADPARAM		0x8000000000000000ULL
#define SEAMLDR_EBADCALL		0x8000000000000003ULL
#define SEAMLDR_EBADHANDOFF		0x8000000000000004ULL
#define SEAMLDR_ECLEANUPREQ		0x8000000000000005ULL
#define SEAMLDR_EUNSUPPORTED		0x8000000000000006ULL
#define SEAMLDR_ENOMEM			0x8000000000010002ULL
#define SEAMLDR_EUNSPECERR		0x8000000000010003ULL
#define SEAMLDR_EUNSUPCPU		0x8000000000010004ULL
#define SEAMLDR_EBADSIG			0x8000000000020000ULL
#define SEAMLDR_EBADHASH		0x8000000000020001ULL
#define SEAMLDR_EINTERRUPT		0x8000000000030000ULL
#define SEAMLDR_ENOENTROPY		0x8000000000030001ULL

/* RDX of a SEAMLDR.INSTALL that failed. */
#define SEAMLDR_RECOVERABLE		0
#define SEAMLDR_UNRECOVERABLE		1

/* TDX module completion statuses; the low half may carry details. */
#define TDX_SUCCESS			0x0000000000000000ULL
#define TDX_STATUS_MASK			GENMASK_ULL(63, 32)
#define TDX_OPERAND_INVALID		0xC000010000000000ULL
#define TDX_OPERAND_BUSY		0x8000020000000000ULL
#define TDX_SYS_BUSY			0x8000020200000000ULL
#define TDX_RND_NO_ENTROPY		0x8000020300000000ULL
#define TDX_SYS_INIT_NOT_PENDING	0xC000050000000000ULL
#define TDX_SYS_LP_INIT_NOT_DONE	0xC000050200000000ULL
#define TDX_SYS_LP_INIT_DONE		0xC000050300000000ULL
#define TDX_SYS_NOT_READY		0xC000050500000000ULL
#define TDX_SYS_SHUTDOWN		0xC000050600000000ULL
#define TDX_SYS_KEY_CONFIG_NOT_PENDING	0xC000050700000000ULL
#define TDX_SYS_STATE_INCORRECT		0xC000050800000000ULL
#define TDX_SYS_INVALID_HANDOFF		0xC000050900000000ULL
#define TDX_SYS_INCOMPATIBLE_SIGSTRUCT	0xC000050A00000000ULL
#define TDX_SYS_LP_INIT_NOT_PENDING	0xC000050B00000000ULL
#define TDX_SYS_CONFIG_NOT_PENDING	0xC000050C00000000ULL
#define TDX_UPDATE_COMPAT_SENSITIVE	0x8000051200000000ULL
#define TDX_KEY_CONFIGURED		0x0000081500000000ULL
#define TDX_METADATA_FIELD_ID_INCORRECT	0xC0000C0000000000ULL

/* Operand identifiers that TDX_OPERAND_INVALID and TDX_OPERAND_BUSY carry. */
#define TDX_OPERAND_RAX			0
#define TDX_OPERAND_RCX			1
#define TDX_OPERAND_RDX			2
#define TDX_OPERAND_R8			8
#define TDX_OPERAND_R9			9

/* TDH.SYS.SHUTDOWN: RCX. */
#define SHUTDOWN_HANDOFF_VERSION_MASK	GENMASK_ULL(15, 0)
#define SHUTDOWN_AVOID_COMPAT_SENSITIVE	BIT_ULL(16)

/* TDX_UPDATE_COMPAT_SENSITIVE: what is going on, and in how many TDs. */
#define COMPAT_SENSITIVE_BUILD		0
#define COMPAT_SENSITIVE_COUNT_SHIFT	16

/* TDX_FEATURES0. */
#define TDX_FEATURES0_TD_PRESERVING	BIT_ULL(1)
#define TDX_FEATURES0_NO_RBP_MOD	BIT_ULL(18)
#define TDX_FEATURES0_TOPOLOGY_ENUM	BIT_ULL(20)
#define TDX_FEATURES0_UPDATE_COMPAT	BIT_ULL(47)

#define SEAMLDR_INFO_VERSION		0
#define SEAMLDR_INFO_ALIGN		256
#define SEAMLDR_INFO_DEBUG		BIT_ULL(31)
#define SEAM_VENDOR_INTEL		0x8086

#define SHA384_SIZE			48
#define TEE_TCB_SVN_SIZE		16

struct seam_info {
	u64	valid;
	u8	tee_tcb_svn[TEE_TCB_SVN_SIZE];
	u8	mrseam[SHA384_SIZE];
	u8	mrsigner[SHA384_SIZE];
	u64	attributes;
} __packed;

static_assert(sizeof(struct seam_info) == 128);

struct seamldr_info {
	u32	version;
	u32	attributes;
	u32	vendor_id;
	u32	build_date;
	u16	build_num;
	u16	minor;
	u16	major;
	u16	update;
	u32	acm_x2apicid;
	u32	num_remaining_updates;
	struct seam_info seam_info;
	u8	seam_ready;
	u8	seam_debug;
	u8	p_seam_ready;
	u8	reserved0[5];
	u64	features0;
	u8	reserved1[80];
} __packed;

static_assert(sizeof(struct seamldr_info) == 256);
static_assert(offsetof(struct seamldr_info, num_remaining_updates) == 28);
static_assert(offsetof(struct seamldr_info, seam_info) == 32);
static_assert(offsetof(struct seamldr_info, seam_ready) == 160);
static_assert(offsetof(struct seamldr_info, features0) == 168);

#define SEAMLDR_PARAMS_VERSION		0
#define SEAMLDR_SCENARIO_LOAD		0
#define SEAMLDR_SCENARIO_UPDATE		1
#define SEAMLDR_MAX_SIGSTRUCT_PAGES	4
#define SEAMLDR_MAX_MODULE_PAGES	496
#define SEAMLDR_PARAMS_HEAD_SIZE	120

struct seamldr_params {
	u32	version;
	u32	scenario;
	u64	sigstruct_pa[SEAMLDR_MAX_SIGSTRUCT_PAGES];
	u8	reserved[SEAMLDR_PARAMS_HEAD_SIZE - 2 * sizeof(u32) -
			 SEAMLDR_MAX_SIGSTRUCT_PAGES * sizeof(u64)];
	u64	num_module_pages;
	u64	mod_pages_pa_list[SEAMLDR_MAX_MODULE_PAGES];
};

static_assert(sizeof(struct seamldr_params) == PAGE_SIZE);
static_assert(offsetof(struct seamldr_params, num_module_pages) == 120);
static_assert(offsetof(struct seamldr_params, mod_pages_pa_list) == 128);

#define SIGSTRUCT_HEADER_TYPE		6
#define SIGSTRUCT_HEADER_LENGTH		0xE1
#define SIGSTRUCT_HEADER_VERSION	0x10000
#define SIGSTRUCT_DEBUG_SIGNED		BIT_ULL(31)
#define SIGSTRUCT_SIZE_DWORDS		0x200
#define SIGSTRUCT_KEY_DWORDS		0x60
#define SIGSTRUCT_EXPONENT_DWORDS	1
#define SIGSTRUCT_EXPONENT		0x10001
#define SIGSTRUCT_KEY_SIZE		384
#define SIGSTRUCT_MAX_CPUIDS		255

/* CPUID.1:EAX with the stepping taken out, as the CPU table is compared. */
#define CPUID_STEPPING_MASK		GENMASK_ULL(3, 0)

struct seam_sigstruct {
	u32	header_type;
	u32	header_length;
	u32	header_version;
	u32	module_type;
	u32	module_vendor;
	u32	date;
	u32	size;
	u32	key_size;
	u32	modulus_size;
	u32	exponent_size;
	u8	reserved0[88];
	u8	modulus[SIGSTRUCT_KEY_SIZE];
	u32	exponent;
	u8	signature[SIGSTRUCT_KEY_SIZE];
	u8	seamhash[SHA384_SIZE];
	u16	seamsvn;
	u64	attributes;
	u32	rip_offset;
	u8	num_stack_pages;
	u8	num_tls_pages;
	u16	num_keyhole_pages;
	u16	num_global_data_pages;
	u16	max_tdmrs;
	u16	max_rsvd_per_tdmr;
	u16	pamt_entry_size_4k;
	u16	pamt_entry_size_2m;
	u16	pamt_entry_size_1g;
	u8	reserved1[6];
	u16	module_hv;
	u16	min_update_hv;
	u8	no_downgrade;
	u8	reserved2;
	u16	num_handoff_pages;
	u32	gdt_idt_offset;
	u32	fault_wrapper_offset;
	u16	update_version;
	u8	minor_version;
	u8	major_version;
	u16	build_num;
	u8	reserved3[18];
	u32	cpuid_table_size;
	u32	cpuid_table[SIGSTRUCT_MAX_CPUIDS];
} __packed;

static_assert(sizeof(struct seam_sigstruct) == 2048);
static_assert(offsetof(struct seam_sigstruct, modulus) == 128);
static_assert(offsetof(struct seam_sigstruct, signature) == 516);
static_assert(offsetof(struct seam_sigstruct, seamhash) == 900);
static_assert(offsetof(struct seam_sigstruct, rip_offset) == 958);
static_assert(offsetof(struct seam_sigstruct, max_tdmrs) == 968);
static_assert(offsetof(struct seam_sigstruct, module_hv) == 984);
static_assert(offsetof(struct seam_sigstruct, num_handoff_pages) == 990);
static_assert(offsetof(struct seam_sigstruct, gdt_idt_offset) == 992);
static_assert(offsetof(struct seam_sigstruct, update_version) == 1000);
static_assert(offsetof(struct seam_sigstruct, cpuid_table_size) == 1024);

/* What the fault wrapper needs behind its offset, and the GDT and IDT behind theirs. */
#define SIGSTRUCT_FAULT_WRAPPER_SIZE	512
#define SIGSTRUCT_GDT_IDT_SIZE		PAGE_SIZE

/* The version as it is written for people: major.minor.update. */
#define SVN_MAJOR(svn)			((svn) >> 8)
#define SVN_MINOR(svn)			((svn) & 0xff)

#endif
