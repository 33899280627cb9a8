// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDX module images: bytes in, checked view out.  Nothing here allocates,
 * prints or calls firmware.
 */

#include <linux/align.h>
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

#include <kunit/visibility.h>

#include "seamldr_blob.h"

#define TDX_BLOB_MIN_SIZE	(3 * TDX_BLOB_PAGE_SIZE)
#define TDX_BLOB_MAX_SIZE						\
	((1 + SEAMLDR_MAX_SIGSTRUCT_PAGES + SEAMLDR_MAX_MODULE_PAGES) *	\
	 TDX_BLOB_PAGE_SIZE)

/*
 * Bounded on both sides before anything is computed from what the file says,
 * so that nothing below can overflow.
 */
static int check_size(size_t size, struct seamldr_verdict *verdict)
{
	if (size < TDX_BLOB_MIN_SIZE)
		return seamldr_refuse(verdict, SEAMLDR_REASON_FILE_SIZE, size,
				      TDX_BLOB_MIN_SIZE, "shortest file, bytes");
	if (size > TDX_BLOB_MAX_SIZE)
		return seamldr_refuse(verdict, SEAMLDR_REASON_FILE_SIZE, size,
				      TDX_BLOB_MAX_SIZE, "longest file, bytes");
	if (!IS_ALIGNED(size, TDX_BLOB_PAGE_SIZE))
		return seamldr_refuse(verdict, SEAMLDR_REASON_FILE_SIZE, size,
				      TDX_BLOB_PAGE_SIZE, "file in pages, bytes");
	return 0;
}

static int check_page_counts(u32 sigstruct_nr_pages, u32 module_nr_pages,
			     size_t size, struct seamldr_verdict *verdict)
{
	u32 pages = size / TDX_BLOB_PAGE_SIZE;

	if (!sigstruct_nr_pages || sigstruct_nr_pages > SEAMLDR_MAX_SIGSTRUCT_PAGES)
		return seamldr_refuse(verdict, SEAMLDR_REASON_PAGE_COUNT,
				      sigstruct_nr_pages,
				      SEAMLDR_MAX_SIGSTRUCT_PAGES,
				      "sigstruct pages, from one");
	if (!module_nr_pages || module_nr_pages > SEAMLDR_MAX_MODULE_PAGES)
		return seamldr_refuse(verdict, SEAMLDR_REASON_PAGE_COUNT,
				      module_nr_pages, SEAMLDR_MAX_MODULE_PAGES,
				      "module pages, from one");
	if (1 + sigstruct_nr_pages + module_nr_pages != pages)
		return seamldr_refuse(verdict, SEAMLDR_REASON_PAGE_COUNT,
				      1 + sigstruct_nr_pages + module_nr_pages,
				      pages, "sum of pages");
	return 0;
}

static int check_signature(const u8 *signature, struct seamldr_verdict *verdict)
{
	u64 found, wanted;

	memcpy(&found, signature, sizeof(found));
	memcpy(&wanted, TDX_BLOB_SIGNATURE, sizeof(wanted));
	if (found != wanted)
		return seamldr_refuse(verdict, SEAMLDR_REASON_MAGIC, found, wanted,
				      "file signature");
	return 0;
}

static int check_zero(const u8 *bytes, size_t len, enum seamldr_reason reason,
		      const char *text, struct seamldr_verdict *verdict)
{
	const u8 *bad = memchr_inv(bytes, 0, len);

	return bad ? seamldr_refuse(verdict, reason, *bad, 0, text) : 0;
}

static int parse_v1(const u8 *image, size_t size, struct seamldr_blob *blob,
		    struct seamldr_verdict *verdict)
{
	const struct tdx_blob_v1 *header = (const void *)image;
	u32 module_pages, offset = header->offset_of_module;
	int ret;

	ret = check_signature(header->signature, verdict);
	if (ret)
		return ret;

	if (!IS_ALIGNED(offset, TDX_BLOB_PAGE_SIZE))
		return seamldr_refuse(verdict, SEAMLDR_REASON_MODULE_OFFSET, offset,
				      TDX_BLOB_PAGE_SIZE, "offset_of_module");
	if (header->length != size)
		return seamldr_refuse(verdict, SEAMLDR_REASON_LENGTH_FIELD,
				      header->length, size, "length, bytes");
	if (offset < sizeof(*header) || offset > size)
		return seamldr_refuse(verdict, SEAMLDR_REASON_PAGE_COUNT, offset,
				      size, "offset_of_module in the file");

	module_pages = (size - offset) / TDX_BLOB_PAGE_SIZE;
	blob->sigstruct_nr_pages = (offset - sizeof(*header)) / TDX_BLOB_PAGE_SIZE;
	blob->module_nr_pages = module_pages;
	ret = check_page_counts(blob->sigstruct_nr_pages, module_pages, size, verdict);
	if (ret)
		return ret;

	return check_zero(image + offsetof(struct tdx_blob_v1, reserved0),
			  sizeof(header->reserved0) + sizeof(header->reserved1),
			  SEAMLDR_REASON_RESERVED, "header", verdict);
}

static int parse_v2(const u8 *image, size_t size, struct seamldr_blob *blob,
		    struct seamldr_verdict *verdict)
{
	const struct tdx_blob_v2 *header = (const void *)image;
	int ret;

	ret = check_signature(header->signature, verdict);
	if (ret)
		return ret;

	blob->sigstruct_nr_pages = header->sigstruct_nr_pages;
	blob->module_nr_pages = header->module_nr_pages;
	ret = check_page_counts(blob->sigstruct_nr_pages, blob->module_nr_pages,
				size, verdict);
	if (ret)
		return ret;

	return check_zero(header->reserved, sizeof(header->reserved),
			  SEAMLDR_REASON_RESERVED, "header", verdict);
}

/**
 * seamldr_blob_parse() - Find the parts of a TDX module image
 * @image: the image; need not be aligned
 * @size: its size in bytes
 * @blob: what was found; only valid on success
 * @verdict: written on failure only
 *
 * Takes both formats in use. Everything the caller relies on afterwards is
 * checked: the size of the parts, and that they fill the file. What is in the
 * sigstruct is for seamldr_blob_check_sigstruct(). Source: TDX module binaries
 * repository, "blob_structure.txt".
 *
 * Context: Any context.
 * Return:
 * * %0 - @blob is valid
 * * %-EMSGSIZE - too short, too long, or not as long as the header says
 * * %-EBADMSG - not a TDX module image, or in a format not known
 */
int seamldr_blob_parse(const u8 *image, size_t size, struct seamldr_blob *blob,
		       struct seamldr_verdict *verdict)
{
	const struct tdx_blob_start *start = (const void *)image;
	int ret;

	ret = check_size(size, verdict);
	if (ret)
		return ret;

	switch (start->version) {
	case TDX_BLOB_VERSION_1_0:
		ret = parse_v1(image, size, blob, verdict);
		break;
	case TDX_BLOB_VERSION_2_0:
		ret = parse_v2(image, size, blob, verdict);
		break;
	default:
		ret = seamldr_refuse(verdict, SEAMLDR_REASON_FORMAT_VERSION,
				     start->version, TDX_BLOB_VERSION_2_0,
				     "newest format known");
	}
	if (ret)
		return ret;

	blob->sigstruct = (const void *)(image + TDX_BLOB_PAGE_SIZE);
	blob->module = image + (1 + blob->sigstruct_nr_pages) * TDX_BLOB_PAGE_SIZE;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_blob_parse);

static int check_field(u64 found, u64 wanted, const char *text,
		       struct seamldr_verdict *verdict)
{
	if (found == wanted)
		return 0;
	return seamldr_refuse(verdict, SEAMLDR_REASON_SIGSTRUCT, found, wanted, text);
}

static int check_limit(u64 found, u64 most, const char *text,
		       struct seamldr_verdict *verdict)
{
	if (found <= most)
		return 0;
	return seamldr_refuse(verdict, SEAMLDR_REASON_SIGSTRUCT, found, most, text);
}

static int check_constants(const struct seam_sigstruct *s,
			   struct seamldr_verdict *v)
{
	const u32 key_dwords = SEAM_SIGSTRUCT_KEY_SIZE / sizeof(u32);
	int ret;

	ret = check_field(s->header_type, SEAM_SIGSTRUCT_HEADER_TYPE, "header_type", v);
	ret = ret ?: check_field(s->header_length, SEAM_SIGSTRUCT_HEADER_LENGTH,
				 "header_length", v);
	ret = ret ?: check_field(s->module_type & ~SEAM_MODULE_TYPE_DEBUG, 0,
				 "module_type", v);
	ret = ret ?: check_field(s->module_vendor, SEAM_SIGSTRUCT_VENDOR_INTEL,
				 "module_vendor", v);
	ret = ret ?: check_field(s->size, sizeof(*s) / sizeof(u32), "size", v);
	ret = ret ?: check_field(s->key_size, key_dwords, "key_size", v);
	ret = ret ?: check_field(s->modulus_size, key_dwords, "modulus_size", v);
	ret = ret ?: check_field(s->exponent_size, 1, "exponent_size", v);
	ret = ret ?: check_field(s->exponent, SEAM_SIGSTRUCT_EXPONENT, "exponent", v);
	ret = ret ?: check_field(s->attributes, 0, "attributes", v);
	ret = ret ?: check_zero(s->reserved1, sizeof(s->reserved1),
				SEAMLDR_REASON_SIGSTRUCT, "reserved bytes from 40", v);
	ret = ret ?: check_zero(s->reserved2, sizeof(s->reserved2),
				SEAMLDR_REASON_SIGSTRUCT, "reserved bytes from 978", v);
	ret = ret ?: check_field(s->reserved3, 0, "reserved byte 989", v);
	return ret;
}

/* Both offsets are given or neither is. */
static int check_offsets(const struct seam_sigstruct *s, size_t module_size,
			 struct seamldr_verdict *v)
{
	int ret;

	ret = check_field(!!s->gdt_idt_offset, !!s->fault_wrapper_offset,
			  "gdt_idt_offset without fault_wrapper_offset", v);
	ret = ret ?: check_limit(s->gdt_idt_offset, module_size - TDX_BLOB_PAGE_SIZE,
				 "gdt_idt_offset", v);
	ret = ret ?: check_field(s->gdt_idt_offset % TDX_BLOB_PAGE_SIZE, 0,
				 "gdt_idt_offset in a page", v);
	ret = ret ?: check_limit(s->fault_wrapper_offset,
				 module_size - SEAM_SIGSTRUCT_FAULT_WRAPPER_SIZE,
				 "fault_wrapper_offset", v);
	return ret;
}

/**
 * seamldr_blob_check_sigstruct() - Check a sigstruct by itself
 * @blob: a view made by seamldr_blob_parse()
 * @verdict: written on failure only
 *
 * The P-SEAMLDR makes the same checks, but only after the running module was
 * shut down. A sigstruct of a version not known here is left to it.
 * Source: SEAM Loader (SEAMLDR) Interface Specification, "SEAM_SIGSTRUCT".
 *
 * Context: Any context.
 * Return:
 * * %0 - nothing wrong, or of a later version
 * * %-EBADMSG - a field contradicts the specification or the module
 */
int seamldr_blob_check_sigstruct(const struct seamldr_blob *blob,
				 struct seamldr_verdict *verdict)
{
	const struct seam_sigstruct *s = blob->sigstruct;
	int ret;

	/* There was none before the first.  A hole in the file reads as 0. */
	if (s->header_version < SEAM_SIGSTRUCT_HEADER_VERSION)
		return check_field(s->header_version, SEAM_SIGSTRUCT_HEADER_VERSION,
				   "header_version", verdict);
	if (!seam_sigstruct_is_known(s))
		return 0;

	ret = check_constants(s, verdict);
	ret = ret ?: check_limit(s->min_update_hv, s->module_hv, "min_update_hv", verdict);
	ret = ret ?: check_offsets(s, blob->module_nr_pages * TDX_BLOB_PAGE_SIZE, verdict);
	ret = ret ?: check_limit(s->cpuid_table_size, SEAM_SIGSTRUCT_MAX_CPUIDS,
				 "cpuid_table_size", verdict);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_blob_check_sigstruct);
