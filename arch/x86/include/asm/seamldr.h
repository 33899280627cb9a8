/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the rest of the kernel may ask of the P-SEAMLDR: who it is, whether a
 * TDX module image would be taken, and to put that image in place of the
 * running TDX module.
 *
 * How the P-SEAMLDR is called stays in arch/x86/virt/vmx/tdx/.
 */
#ifndef _ASM_X86_SEAMLDR_H
#define _ASM_X86_SEAMLDR_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#define SEAMLDR_INFO_SIZE		256
#define SEAM_MEASUREMENT_SIZE		48
#define SEAM_TCB_SVN_SIZE		16

/*
 * SEAM_INFO: the identity of the TDX module that is loaded.
 * SEAM Loader (SEAMLDR) Interface Specification, "SEAMLDR.INFO".
 */
struct seam_info {
	u64	valid;
	/* Bytes 0 and 1 are SEAM_SIGSTRUCT.SEAMSVN of the module. */
	u8	tee_tcb_svn[SEAM_TCB_SVN_SIZE];
	u8	mrseam[SEAM_MEASUREMENT_SIZE];
	u8	mrsigner[SEAM_MEASUREMENT_SIZE];
	u64	attributes;
} __packed;
static_assert(sizeof(struct seam_info) == 128);

/*
 * SEAMLDR_INFO, written by SEAMLDR.INFO.  Must be aligned to its size.
 * SEAM Loader (SEAMLDR) Interface Specification, "SEAMLDR.INFO".
 */
struct seamldr_info {
	u32	version;
	u32	attributes;
	u32	vendor_id;
	u32	build_date;
	u16	build_num;
	u16	minor_version;
	u16	major_version;
	u16	update_version;
	u32	acm_x2apicid;
	u32	num_remaining_updates;
	struct seam_info seam_info;
	u8	seam_ready;
	u8	seam_debug;
	u8	p_seam_ready;
	u8	reserved1[5];
	u64	features0;
	u8	reserved2[SEAMLDR_INFO_SIZE - 6 * sizeof(u32) - 4 * sizeof(u16) -
			  sizeof(struct seam_info) - 8 * sizeof(u8) - sizeof(u64)];
} __packed;
static_assert(offsetof(struct seamldr_info, seam_info) == 32);
static_assert(offsetof(struct seamldr_info, features0) == 168);
static_assert(sizeof(struct seamldr_info) == SEAMLDR_INFO_SIZE);

/*
 * SEAM_SIGSTRUCT, the signed description of a TDX module.  It fills the first
 * half of a page, the rest of which is neither signed nor used.
 * SEAM Loader (SEAMLDR) Interface Specification, "SEAM_SIGSTRUCT".
 *
 * The counts of stack, TLS, keyhole, global data and handoff pages are one less
 * than the number of pages.
 */
#define SEAM_SIGSTRUCT_HEADER_TYPE	6
#define SEAM_SIGSTRUCT_HEADER_LENGTH	0xE1
#define SEAM_SIGSTRUCT_HEADER_VERSION	0x10000
#define SEAM_SIGSTRUCT_VENDOR_INTEL	0x8086
#define SEAM_SIGSTRUCT_SIZE		2048
#define SEAM_SIGSTRUCT_EXPONENT		0x10001
#define SEAM_SIGSTRUCT_KEY_SIZE		384
#define SEAM_SIGSTRUCT_MAX_CPUIDS	255
#define SEAM_SIGSTRUCT_FAULT_WRAPPER_SIZE 512

/* SEAM_SIGSTRUCT.MODULE_TYPE */
#define SEAM_MODULE_TYPE_DEBUG		BIT(31)

/* SEAM_SIGSTRUCT.SEAMSVN */
#define SEAMSVN_MINOR			GENMASK(7, 0)
#define SEAMSVN_MAJOR			GENMASK(15, 8)

/* SEAM_SIGSTRUCT.CPUID_TABLE: CPUID.1:EAX without the stepping */
#define SEAM_CPUID_STEPPING		GENMASK(3, 0)

struct seam_sigstruct {
	/* Signed, part one: bytes 0 to 127 */
	u32	header_type;
	u32	header_length;
	u32	header_version;
	u32	module_type;
	u32	module_vendor;
	u32	date;
	/* The next four count dwords. */
	u32	size;
	u32	key_size;
	u32	modulus_size;
	u32	exponent_size;
	u8	reserved1[128 - 10 * sizeof(u32)];

	/* The key and the signature, little endian, are not signed. */
	u8	modulus[SEAM_SIGSTRUCT_KEY_SIZE];
	u32	exponent;
	u8	signature[SEAM_SIGSTRUCT_KEY_SIZE];

	/* Signed, part two: from here to the end */
	u8	seamhash[SEAM_MEASUREMENT_SIZE];
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
	u8	reserved2[6];
	u16	module_hv;
	u16	min_update_hv;
	u8	no_downgrade;
	u8	reserved3;
	u16	num_handoff_pages;
	u32	gdt_idt_offset;
	u32	fault_wrapper_offset;
	/* Newer modules carry their version here. */
	u8	reserved4[24];
	u32	cpuid_table_size;
	u32	cpuid_table[SEAM_SIGSTRUCT_MAX_CPUIDS];
} __packed;
static_assert(offsetof(struct seam_sigstruct, modulus) == 128);
static_assert(offsetof(struct seam_sigstruct, signature) == 516);
static_assert(offsetof(struct seam_sigstruct, seamhash) == 900);
static_assert(offsetof(struct seam_sigstruct, module_hv) == 984);
static_assert(offsetof(struct seam_sigstruct, gdt_idt_offset) == 992);
static_assert(offsetof(struct seam_sigstruct, cpuid_table_size) == 1024);
static_assert(sizeof(struct seam_sigstruct) == SEAM_SIGSTRUCT_SIZE);

/*
 * Whether all fields mean what the specification of this version says.  A later
 * version is left to a P-SEAMLDR that knows it.
 */
static inline bool seam_sigstruct_is_known(const struct seam_sigstruct *s)
{
	return s->header_version == SEAM_SIGSTRUCT_HEADER_VERSION;
}

/*
 * Whether key, signature and hash are where this version has them, even if the
 * version is not known.  It is not, for one, when a byte of it is damaged.
 */
static inline bool seam_sigstruct_has_known_layout(const struct seam_sigstruct *s)
{
	return seam_sigstruct_is_known(s) ||
	       (s->header_length == SEAM_SIGSTRUCT_HEADER_LENGTH &&
		s->size == SEAM_SIGSTRUCT_SIZE / sizeof(u32));
}

/*
 * Why an image is refused or an update did not succeed, by what it is about.
 * Each has a token in seamldr_reason.c.
 */
enum seamldr_reason {
	SEAMLDR_REASON_NONE,

	/* The file: struct tdx_blob */
	SEAMLDR_REASON_FILE_SIZE,
	SEAMLDR_REASON_FORMAT_VERSION,
	SEAMLDR_REASON_MAGIC,
	SEAMLDR_REASON_MODULE_OFFSET,
	SEAMLDR_REASON_LENGTH_FIELD,
	SEAMLDR_REASON_PAGE_COUNT,
	SEAMLDR_REASON_RESERVED,

	/* SEAM_SIGSTRUCT by itself */
	SEAMLDR_REASON_SIGSTRUCT_PAGES,
	SEAMLDR_REASON_SIGSTRUCT,
	SEAMLDR_REASON_HASH,
	SEAMLDR_REASON_SIGNATURE,
	SEAMLDR_REASON_CRYPTO,

	/* The image on this platform, beside this module */
	SEAMLDR_REASON_DEBUG_SIGNED,
	SEAMLDR_REASON_CPU_TABLE,
	SEAMLDR_REASON_SVN,
	SEAMLDR_REASON_HANDOFF_VERSION,
	SEAMLDR_REASON_NO_UPDATES_LEFT,

	/* The moment */
	SEAMLDR_REASON_NO_SEAMLDR,
	SEAMLDR_REASON_MODULE_STATE,
	SEAMLDR_REASON_CPU_OFFLINE,
	SEAMLDR_REASON_TD_BUILD,
	SEAMLDR_REASON_NO_MEMORY,

	/* The firmware, while the CPUs are stopped */
	SEAMLDR_REASON_MODULE_BUSY,
	SEAMLDR_REASON_SHUTDOWN,
	SEAMLDR_REASON_IMAGE_REJECTED,
	SEAMLDR_REASON_SEAMLDR_RESOURCES,
	SEAMLDR_REASON_INSTALL,
	SEAMLDR_REASON_SYS_INIT,
	SEAMLDR_REASON_LP_INIT,
	SEAMLDR_REASON_SYS_UPDATE,

	SEAMLDR_NR_REASONS
};

/**
 * struct seamldr_verdict - Why something was refused or failed
 * @reason: what it was; %SEAMLDR_REASON_NONE when nothing was wrong
 * @found: the value that was found
 * @wanted: the value, or the limit, that it was held against
 * @text: what the values are
 * @cpu: where it happened, or -1 if that does not matter
 * @now: what became of the module
 */
struct seamldr_verdict {
	enum seamldr_reason reason;
	u64 found;
	u64 wanted;
	const char *text;
	int cpu;
	const char *now;
};

/**
 * struct seamldr_blob - A checked view of struct tdx_blob
 * @sigstruct: the sigstruct, the first of @sigstruct_nr_pages pages
 * @module: the module, @module_nr_pages pages
 * @sigstruct_nr_pages: 1 to 4
 * @module_nr_pages: 1 to 496
 *
 * Both pointers point into the image, and are aligned to a page if that is.
 */
struct seamldr_blob {
	const struct seam_sigstruct *sigstruct;
	const u8 *module;
	unsigned int sigstruct_nr_pages;
	unsigned int module_nr_pages;
};

const char *seamldr_reason_token(enum seamldr_reason reason);
int seamldr_refuse(struct seamldr_verdict *verdict, enum seamldr_reason reason,
		   u64 found, u64 wanted, const char *text);

int seamldr_get_info(struct seamldr_info *info);
int seamldr_preflight(const u8 *image, size_t size, struct seamldr_blob *blob,
		      struct seamldr_verdict *verdict);
int seamldr_update(const u8 *image, size_t size, struct seamldr_verdict *verdict);

#endif /* _ASM_X86_SEAMLDR_H */
