/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file that carries a TDX module: struct tdx_blob in its two on-disk
 * formats, taken apart and put together.  Nothing here interprets the
 * sigstruct (sigstruct.h does) or computes a hash (crypto.h does).
 *
 * Version 0x100 is described by blob_structure.txt of Intel's public TDX module
 * binaries; version 0x200 counts pages where 0x100 counts bytes.
 */
#ifndef TDXMOD_IMAGE_H
#define TDXMOD_IMAGE_H

#include <assert.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sigstruct.h"

#define TDX_PAGE_SIZE		4096U
#define TDX_BLOB_HEADER_SIZE	TDX_PAGE_SIZE
#define TDX_BLOB_MAGIC		"TDX-BLOB"
#define TDX_BLOB_MAGIC_SIZE	(sizeof(TDX_BLOB_MAGIC) - 1)

/* SEAMLDR_PARAMS has room for no more. */
#define TDX_MODULE_PAGES_MAX	496U
#define TDX_SIGSTRUCT_PAGES_MAX	4U

#define TDX_BLOB_SIZE_MIN	(TDX_BLOB_HEADER_SIZE + 2 * TDX_PAGE_SIZE)
#define TDX_BLOB_SIZE_MAX						\
	(TDX_BLOB_HEADER_SIZE +						\
	 (TDX_SIGSTRUCT_PAGES_MAX + TDX_MODULE_PAGES_MAX) * TDX_PAGE_SIZE)

/* Generated pages begin with it, so that nobody takes them for a module. */
#define IMAGE_TEST_MARK		"TDXMOD TEST IMAGE, NOT A TDX MODULE\n"

enum tdx_blob_version {
	TDX_BLOB_VERSION_1 = 0x100,
	TDX_BLOB_VERSION_2 = 0x200,
};

struct tdx_blob_v1 {
	__le16 version;
	__le16 checksum;
	__le32 offset_of_module;
	__u8 signature[TDX_BLOB_MAGIC_SIZE];
	__le32 length;
	__le32 reserved0;
	__le64 reserved1[509];
} __attribute__((packed));

static_assert(offsetof(struct tdx_blob_v1, checksum) == 2, "tdx_blob 0x100");
static_assert(offsetof(struct tdx_blob_v1, offset_of_module) == 4, "tdx_blob 0x100");
static_assert(offsetof(struct tdx_blob_v1, signature) == 8, "tdx_blob 0x100");
static_assert(offsetof(struct tdx_blob_v1, length) == 16, "tdx_blob 0x100");
static_assert(offsetof(struct tdx_blob_v1, reserved0) == 20, "tdx_blob 0x100");
static_assert(offsetof(struct tdx_blob_v1, reserved1) == 24, "tdx_blob 0x100");
static_assert(sizeof(struct tdx_blob_v1) == TDX_BLOB_HEADER_SIZE, "tdx_blob 0x100");

struct tdx_blob_v2 {
	__le16 version;
	__le16 checksum;
	__u8 signature[TDX_BLOB_MAGIC_SIZE];
	__le32 sigstruct_nr_pages;
	__le32 module_nr_pages;
	__u8 reserved[4076];
} __attribute__((packed));

static_assert(offsetof(struct tdx_blob_v2, checksum) == 2, "tdx_blob 0x200");
static_assert(offsetof(struct tdx_blob_v2, signature) == 4, "tdx_blob 0x200");
static_assert(offsetof(struct tdx_blob_v2, sigstruct_nr_pages) == 12, "tdx_blob 0x200");
static_assert(offsetof(struct tdx_blob_v2, module_nr_pages) == 16, "tdx_blob 0x200");
static_assert(offsetof(struct tdx_blob_v2, reserved) == 20, "tdx_blob 0x200");
static_assert(sizeof(struct tdx_blob_v2) == TDX_BLOB_HEADER_SIZE, "tdx_blob 0x200");

/* Each way in which a file can fail to be an image has its own reason. */
enum image_fault {
	IMAGE_FINE,
	IMAGE_TOO_SHORT,
	IMAGE_TOO_LONG,
	IMAGE_NOT_WHOLE_PAGES,
	IMAGE_UNKNOWN_VERSION,
	IMAGE_NO_MAGIC,
	IMAGE_RESERVED_NOT_ZERO,
	IMAGE_MODULE_OFFSET_UNALIGNED,
	IMAGE_SIGSTRUCT_PAGES,
	IMAGE_MODULE_PAGES,
	IMAGE_SIZE_DIFFERS,
};

enum image_checksum {
	IMAGE_CHECKSUM_GOOD,
	IMAGE_CHECKSUM_NOT_FILLED,
	IMAGE_CHECKSUM_WRONG,
};

/**
 * struct image - Checked view of an image in memory
 * @version:		on-disk format
 * @blob:		the whole file
 * @size:		its length in bytes
 * @sigstruct:		first of the sigstruct pages
 * @sigstruct_nr_pages:	1..TDX_SIGSTRUCT_PAGES_MAX
 * @module:		first of the module pages
 * @module_nr_pages:	1..TDX_MODULE_PAGES_MAX
 */
struct image {
	enum tdx_blob_version version;
	const void *blob;
	size_t size;
	const struct seam_sigstruct *sigstruct;
	unsigned int sigstruct_nr_pages;
	const void *module;
	unsigned int module_nr_pages;
};

size_t image_module_size(const struct image *image);
const char *image_fault_text(enum image_fault fault);
enum image_fault image_parse(const void *blob, size_t size, struct image *image);
uint16_t image_checksum_field(const struct image *image);
enum image_checksum image_checksum(const struct image *image);

/**
 * struct image_parts - What an image is made of
 * @version:		on-disk format wanted
 * @sigstruct:		sigstruct, padded with zeroes to whole pages
 * @sigstruct_size:	in bytes, at most TDX_SIGSTRUCT_PAGES_MAX pages
 * @sigstruct_nr_pages:	pages to give it, enough for @sigstruct_size
 * @module:		module pages
 * @module_nr_pages:	1..TDX_MODULE_PAGES_MAX
 */
struct image_parts {
	enum tdx_blob_version version;
	const void *sigstruct;
	size_t sigstruct_size;
	unsigned int sigstruct_nr_pages;
	const void *module;
	unsigned int module_nr_pages;
};

bool image_is_test(const struct image *image);
void image_parts_of(const struct image *image, struct image_parts *parts);
void *image_build(const struct image_parts *parts, size_t *size);
void image_fill_checksum(void *blob, size_t size);

#endif
