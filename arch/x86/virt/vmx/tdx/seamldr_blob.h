/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct tdx_blob, the file format of TDX module images: a header of one page,
 * whole pages of sigstruct, whole pages of module.
 * TDX module binaries repository, "blob_structure.txt".
 */
#ifndef _X86_VIRT_SEAMLDR_BLOB_H
#define _X86_VIRT_SEAMLDR_BLOB_H

#include <linux/build_bug.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include <asm/seamldr.h>

#define TDX_BLOB_PAGE_SIZE		SZ_4K
#define TDX_BLOB_SIGNATURE		"TDX-BLOB"
#define TDX_BLOB_SIGNATURE_SIZE		8

/* major.minor, one byte each */
#define TDX_BLOB_VERSION_1_0		0x100
#define TDX_BLOB_VERSION_2_0		0x200

/* What SEAMLDR_PARAMS has room for */
#define SEAMLDR_MAX_SIGSTRUCT_PAGES	4
#define SEAMLDR_MAX_MODULE_PAGES	496

/*
 * What the two formats have in common.  The checksum makes the sum of all u16
 * of the file 0; not every producer fills it in, so it is not looked at.
 */
struct tdx_blob_start {
	u16	version;
	u16	checksum;
} __packed;

struct tdx_blob_v1 {
	struct tdx_blob_start start;
	/* From the start of the file, in bytes; the sigstruct ends there. */
	u32	offset_of_module;
	u8	signature[TDX_BLOB_SIGNATURE_SIZE];
	/* Of the whole file, in bytes */
	u32	length;
	u32	reserved0;
	u8	reserved1[TDX_BLOB_PAGE_SIZE - sizeof(struct tdx_blob_start) -
			  TDX_BLOB_SIGNATURE_SIZE - 3 * sizeof(u32)];
} __packed;
static_assert(sizeof(struct tdx_blob_v1) == TDX_BLOB_PAGE_SIZE);

struct tdx_blob_v2 {
	struct tdx_blob_start start;
	u8	signature[TDX_BLOB_SIGNATURE_SIZE];
	u32	sigstruct_nr_pages;
	u32	module_nr_pages;
	u8	reserved[TDX_BLOB_PAGE_SIZE - sizeof(struct tdx_blob_start) -
			 TDX_BLOB_SIGNATURE_SIZE - 2 * sizeof(u32)];
} __packed;
static_assert(sizeof(struct tdx_blob_v2) == TDX_BLOB_PAGE_SIZE);

int seamldr_blob_parse(const u8 *image, size_t size, struct seamldr_blob *blob,
		       struct seamldr_verdict *verdict);
int seamldr_blob_check_sigstruct(const struct seamldr_blob *blob,
				 struct seamldr_verdict *verdict);

#endif /* _X86_VIRT_SEAMLDR_BLOB_H */
