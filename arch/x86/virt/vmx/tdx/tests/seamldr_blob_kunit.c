// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parser of TDX module images: what it takes, and what it refuses why.  Each
 * test makes a good image and breaks one thing in it.
 */

#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include <kunit/test.h>

#include "../seamldr_blob.h"
#include "test_image.h"

/* Of the image that is broken: three pages beside the header */
#define GOOD_SIGSTRUCT_PAGES	1
#define GOOD_MODULE_PAGES	2
#define GOOD_MODULE_SIZE	(GOOD_MODULE_PAGES * TDX_BLOB_PAGE_SIZE)
#define GOOD_MODULE_OFFSET	((1 + GOOD_SIGSTRUCT_PAGES) * TDX_BLOB_PAGE_SIZE)
#define GOOD_SIZE		(GOOD_MODULE_OFFSET + GOOD_MODULE_SIZE)

#define SHORTEST_FILE		(3 * TDX_BLOB_PAGE_SIZE)

static const u16 versions[] = { TDX_BLOB_VERSION_1_0, TDX_BLOB_VERSION_2_0 };

static struct test_image good_image(struct kunit *test, u16 version)
{
	return seamldr_test_image(test, version, GOOD_SIGSTRUCT_PAGES,
				  GOOD_MODULE_PAGES);
}

/* What fits into the page counts and what does not, in both formats */
struct shape_case {
	const char *desc;
	unsigned int sigstruct_nr_pages;
	unsigned int module_nr_pages;
	int err;
	enum seamldr_reason reason;
};

static const struct shape_case shape_cases[] = {
	{ "smallest",			1, 1 },
	{ "as_published",		1, 146 },
	{ "two_sigstruct_pages",	2, 1 },
	{ "most_sigstruct_pages",	SEAMLDR_MAX_SIGSTRUCT_PAGES, 1 },
	{ "most_module_pages",		1, SEAMLDR_MAX_MODULE_PAGES },
	{ "largest",	SEAMLDR_MAX_SIGSTRUCT_PAGES, SEAMLDR_MAX_MODULE_PAGES },
	{ "header_only",		0, 0,
	  -EMSGSIZE, SEAMLDR_REASON_FILE_SIZE },
	{ "no_module_in_short_file",	1, 0,
	  -EMSGSIZE, SEAMLDR_REASON_FILE_SIZE },
	{ "no_sigstruct_page",		0, 2,
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "no_module_page",		2, 0,
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "too_many_sigstruct_pages",	SEAMLDR_MAX_SIGSTRUCT_PAGES + 1, 1,
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "too_many_module_pages",	1, SEAMLDR_MAX_MODULE_PAGES + 1,
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "file_too_long",
	  SEAMLDR_MAX_SIGSTRUCT_PAGES, SEAMLDR_MAX_MODULE_PAGES + 1,
	  -EMSGSIZE, SEAMLDR_REASON_FILE_SIZE },
};

KUNIT_ARRAY_PARAM_DESC(shape, shape_cases, desc);

static void expect_view(struct kunit *test, const struct seamldr_blob *blob,
			const struct test_image *image, const struct shape_case *shape)
{
	const u8 *sigstruct = image->bytes + TDX_BLOB_PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, shape->sigstruct_nr_pages, blob->sigstruct_nr_pages);
	KUNIT_EXPECT_EQ(test, shape->module_nr_pages, blob->module_nr_pages);
	KUNIT_EXPECT_PTR_EQ(test, (const void *)sigstruct,
			    (const void *)blob->sigstruct);
	KUNIT_EXPECT_PTR_EQ(test,
			    sigstruct + shape->sigstruct_nr_pages * TDX_BLOB_PAGE_SIZE,
			    blob->module);
}

static void image_of_shape(struct kunit *test)
{
	const struct shape_case *shape = test->param_value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		struct test_image image =
			seamldr_test_image(test, versions[i], shape->sigstruct_nr_pages,
					   shape->module_nr_pages);
		struct seamldr_verdict verdict = {};
		struct seamldr_blob blob;
		int ret;

		ret = seamldr_blob_parse(image.bytes, image.size, &blob, &verdict);
		seamldr_test_expect(test, ret, &verdict, shape->err, shape->reason,
				    shape->desc);
		if (!ret)
			expect_view(test, &blob, &image, shape);
	}
}

/* A good image of @version, with a number changed */
struct header_damage {
	u16 version;
	struct test_damage number;
};

struct header_case {
	const char *desc;
	struct header_damage damage;
	int err;
	enum seamldr_reason reason;
};

#define FIELD(type, field, _value)					\
	{								\
		.offset = offsetof(struct type, field),			\
		.width = sizeof_field(struct type, field),		\
		.value = (_value),					\
	}
#define BYTE(type, field, index, _value)				\
	{								\
		.offset = offsetof(struct type, field) + (index),	\
		.width = 1,						\
		.value = (_value),					\
	}
#define LAST(type, field)	(sizeof_field(struct type, field) - 1)

#define V1(field, value) \
	{ TDX_BLOB_VERSION_1_0, FIELD(tdx_blob_v1, field, value) }
#define V1_BYTE(field, index, value) \
	{ TDX_BLOB_VERSION_1_0, BYTE(tdx_blob_v1, field, index, value) }
#define V2(field, value) \
	{ TDX_BLOB_VERSION_2_0, FIELD(tdx_blob_v2, field, value) }
#define V2_BYTE(field, index, value) \
	{ TDX_BLOB_VERSION_2_0, BYTE(tdx_blob_v2, field, index, value) }

static const struct header_case header_cases[] = {
	/* Good */
	{ "v1_checksum_is_not_looked_at",	V1(start.checksum, 0xffff) },
	{ "v2_checksum_is_not_looked_at",	V2(start.checksum, 0xffff) },
	{ "v1_other_division",
	  V1(offset_of_module, GOOD_MODULE_OFFSET + TDX_BLOB_PAGE_SIZE) },

	/* Format version */
	{ "v1_version_0",		V1(start.version, 0),
	  -EBADMSG, SEAMLDR_REASON_FORMAT_VERSION },
	{ "v1_version_minor",		V1(start.version, TDX_BLOB_VERSION_1_0 + 1),
	  -EBADMSG, SEAMLDR_REASON_FORMAT_VERSION },
	{ "v2_version_minor",		V2(start.version, TDX_BLOB_VERSION_2_0 + 1),
	  -EBADMSG, SEAMLDR_REASON_FORMAT_VERSION },
	{ "v2_version_next",
	  V2(start.version, TDX_BLOB_VERSION_2_0 + TDX_BLOB_VERSION_1_0),
	  -EBADMSG, SEAMLDR_REASON_FORMAT_VERSION },
	{ "v2_version_byte_order",	V2(start.version, 2),
	  -EBADMSG, SEAMLDR_REASON_FORMAT_VERSION },
	{ "v1_says_v2",			V1(start.version, TDX_BLOB_VERSION_2_0),
	  -EBADMSG, SEAMLDR_REASON_MAGIC },
	{ "v2_says_v1",			V2(start.version, TDX_BLOB_VERSION_1_0),
	  -EBADMSG, SEAMLDR_REASON_MAGIC },

	/* Signature */
	{ "v1_first_byte_of_signature",	V1_BYTE(signature, 0, 't'),
	  -EBADMSG, SEAMLDR_REASON_MAGIC },
	{ "v1_last_byte_of_signature",
	  V1_BYTE(signature, LAST(tdx_blob_v1, signature), 'b'),
	  -EBADMSG, SEAMLDR_REASON_MAGIC },
	{ "v2_first_byte_of_signature",	V2_BYTE(signature, 0, 't'),
	  -EBADMSG, SEAMLDR_REASON_MAGIC },
	{ "v2_last_byte_of_signature",
	  V2_BYTE(signature, LAST(tdx_blob_v2, signature), 'b'),
	  -EBADMSG, SEAMLDR_REASON_MAGIC },

	/* Where the module begins */
	{ "v1_module_in_a_page",	V1(offset_of_module, GOOD_MODULE_OFFSET + 1),
	  -EBADMSG, SEAMLDR_REASON_MODULE_OFFSET },
	{ "v1_module_before_page_end",	V1(offset_of_module, GOOD_MODULE_OFFSET - 1),
	  -EBADMSG, SEAMLDR_REASON_MODULE_OFFSET },
	{ "v1_module_at_start",		V1(offset_of_module, 0),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v1_module_behind_header",	V1(offset_of_module, TDX_BLOB_PAGE_SIZE),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v1_module_at_end",		V1(offset_of_module, GOOD_SIZE),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v1_module_behind_end",
	  V1(offset_of_module, GOOD_SIZE + TDX_BLOB_PAGE_SIZE),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v1_offset_7fffffff",		V1(offset_of_module, 0x7fffffff),
	  -EBADMSG, SEAMLDR_REASON_MODULE_OFFSET },
	{ "v1_offset_80000000",		V1(offset_of_module, 0x80000000),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v1_offset_fffff000",		V1(offset_of_module, 0xfffff000),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v1_offset_ffffffff",		V1(offset_of_module, 0xffffffff),
	  -EBADMSG, SEAMLDR_REASON_MODULE_OFFSET },

	/* Length of the file */
	{ "v1_length_0",		V1(length, 0),
	  -EMSGSIZE, SEAMLDR_REASON_LENGTH_FIELD },
	{ "v1_length_one_less",		V1(length, GOOD_SIZE - 1),
	  -EMSGSIZE, SEAMLDR_REASON_LENGTH_FIELD },
	{ "v1_length_one_more",		V1(length, GOOD_SIZE + 1),
	  -EMSGSIZE, SEAMLDR_REASON_LENGTH_FIELD },
	{ "v1_length_7fffffff",		V1(length, 0x7fffffff),
	  -EMSGSIZE, SEAMLDR_REASON_LENGTH_FIELD },
	{ "v1_length_80000000",		V1(length, 0x80000000),
	  -EMSGSIZE, SEAMLDR_REASON_LENGTH_FIELD },
	{ "v1_length_ffffffff",		V1(length, 0xffffffff),
	  -EMSGSIZE, SEAMLDR_REASON_LENGTH_FIELD },

	/* Page counts */
	{ "v2_sigstruct_pages_0",	V2(sigstruct_nr_pages, 0),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v2_sigstruct_pages_2",	V2(sigstruct_nr_pages, GOOD_SIGSTRUCT_PAGES + 1),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v2_sigstruct_pages_7fffffff", V2(sigstruct_nr_pages, 0x7fffffff),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v2_sigstruct_pages_80000000", V2(sigstruct_nr_pages, 0x80000000),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v2_sigstruct_pages_ffffffff", V2(sigstruct_nr_pages, 0xffffffff),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v2_module_pages_0",		V2(module_nr_pages, 0),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v2_module_pages_one_less",	V2(module_nr_pages, GOOD_MODULE_PAGES - 1),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v2_module_pages_one_more",	V2(module_nr_pages, GOOD_MODULE_PAGES + 1),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v2_module_pages_7fffffff",	V2(module_nr_pages, 0x7fffffff),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v2_module_pages_80000000",	V2(module_nr_pages, 0x80000000),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },
	{ "v2_module_pages_ffffffff",	V2(module_nr_pages, 0xffffffff),
	  -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT },

	/* Reserved */
	{ "v1_reserved0",		V1(reserved0, 0x80000000),
	  -EBADMSG, SEAMLDR_REASON_RESERVED },
	{ "v1_first_reserved_byte",	V1_BYTE(reserved1, 0, 1),
	  -EBADMSG, SEAMLDR_REASON_RESERVED },
	{ "v1_last_reserved_byte",
	  V1_BYTE(reserved1, LAST(tdx_blob_v1, reserved1), 1),
	  -EBADMSG, SEAMLDR_REASON_RESERVED },
	{ "v2_first_reserved_byte",	V2_BYTE(reserved, 0, 1),
	  -EBADMSG, SEAMLDR_REASON_RESERVED },
	{ "v2_last_reserved_byte",
	  V2_BYTE(reserved, LAST(tdx_blob_v2, reserved), 1),
	  -EBADMSG, SEAMLDR_REASON_RESERVED },
};

KUNIT_ARRAY_PARAM_DESC(header, header_cases, desc);

static void image_with_header(struct kunit *test)
{
	const struct header_case *row = test->param_value;
	struct test_image image = good_image(test, row->damage.version);
	struct seamldr_verdict verdict = {};
	struct seamldr_blob blob;
	int ret;

	ret = seamldr_blob_parse(image.bytes, image.size, &blob, &verdict);
	KUNIT_ASSERT_EQ(test, 0, ret);

	seamldr_test_damage(&image, &row->damage.number);
	ret = seamldr_blob_parse(image.bytes, image.size, &blob, &verdict);

	seamldr_test_expect(test, ret, &verdict, row->err, row->reason, row->desc);
}

/* Where one bound stands behind another, only the values tell which was broken. */
struct offset_case {
	const char *desc;
	u32 offset;
	u64 found;
	u64 wanted;
};

static const struct offset_case offset_cases[] = {
	{ "module_in_header",		0, 0, GOOD_SIZE },
	{ "module_behind_header",
	  TDX_BLOB_PAGE_SIZE, 0, SEAMLDR_MAX_SIGSTRUCT_PAGES },
	{ "module_at_end",		GOOD_SIZE, 0, SEAMLDR_MAX_MODULE_PAGES },
	{ "module_behind_end",
	  GOOD_SIZE + TDX_BLOB_PAGE_SIZE, GOOD_SIZE + TDX_BLOB_PAGE_SIZE, GOOD_SIZE },
};

KUNIT_ARRAY_PARAM_DESC(offset, offset_cases, desc);

static void verdict_names_values(struct kunit *test)
{
	struct test_image image = good_image(test, TDX_BLOB_VERSION_1_0);
	const struct offset_case *row = test->param_value;
	const struct test_damage damage = FIELD(tdx_blob_v1, offset_of_module, row->offset);
	struct seamldr_verdict verdict = {};
	struct seamldr_blob blob;
	int ret;

	seamldr_test_damage(&image, &damage);
	ret = seamldr_blob_parse(image.bytes, image.size, &blob, &verdict);

	seamldr_test_expect(test, ret, &verdict, -EMSGSIZE, SEAMLDR_REASON_PAGE_COUNT,
			    row->desc);
	KUNIT_EXPECT_EQ(test, row->found, verdict.found);
	KUNIT_EXPECT_EQ(test, row->wanted, verdict.wanted);
}

static bool in_checksum(size_t offset)
{
	return offset >= offsetof(struct tdx_blob_start, checksum) &&
	       offset < sizeof(struct tdx_blob_start);
}

static void image_with_any_header_byte_flipped(struct kunit *test)
{
	unsigned int i;
	size_t offset;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		struct test_image image = good_image(test, versions[i]);

		for (offset = 0; offset < TDX_BLOB_PAGE_SIZE; offset++) {
			struct seamldr_verdict verdict = {};
			struct seamldr_blob blob;
			int ret;

			image.bytes[offset] ^= U8_MAX;
			ret = seamldr_blob_parse(image.bytes, image.size, &blob, &verdict);
			image.bytes[offset] ^= U8_MAX;

			KUNIT_EXPECT_EQ_MSG(test, in_checksum(offset), !ret,
					    "version %#x, byte %zu", versions[i], offset);
			KUNIT_EXPECT_EQ_MSG(test, in_checksum(offset), !verdict.reason,
					    "version %#x, byte %zu", versions[i], offset);
		}
	}
}

static enum seamldr_reason reason_of_cut(u16 version, size_t size)
{
	if (size < SHORTEST_FILE || !IS_ALIGNED(size, TDX_BLOB_PAGE_SIZE))
		return SEAMLDR_REASON_FILE_SIZE;
	return version == TDX_BLOB_VERSION_1_0 ? SEAMLDR_REASON_LENGTH_FIELD :
						 SEAMLDR_REASON_PAGE_COUNT;
}

/* @buffer is GOOD_SIZE bytes; the cut image is put at its end */
static void parse_cut_image(struct kunit *test, u8 *buffer,
			    const struct test_image *image, u16 version, size_t size)
{
	u8 *cut = buffer + GOOD_SIZE - size;
	struct seamldr_verdict verdict = {};
	struct seamldr_blob blob;
	int ret;

	memcpy(cut, image->bytes, size);
	ret = seamldr_blob_parse(cut, size, &blob, &verdict);

	KUNIT_EXPECT_EQ_MSG(test, -EMSGSIZE, ret, "version %#x, %zu bytes", version,
			    size);
	KUNIT_EXPECT_EQ_MSG(test, reason_of_cut(version, size), verdict.reason,
			    "version %#x, %zu bytes", version, size);
}

/* Byte by byte in the header, and round the end of each page */
static void image_cut_short(struct kunit *test)
{
	u8 *buffer = seamldr_test_alloc(test, GOOD_SIZE);
	size_t size, page;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		struct test_image image = good_image(test, versions[i]);

		for (size = 0; size <= TDX_BLOB_PAGE_SIZE; size++)
			parse_cut_image(test, buffer, &image, versions[i], size);
		for (page = 2 * TDX_BLOB_PAGE_SIZE; page <= GOOD_SIZE;
		     page += TDX_BLOB_PAGE_SIZE) {
			parse_cut_image(test, buffer, &image, versions[i], page - 1);
			if (page == GOOD_SIZE)
				break;
			parse_cut_image(test, buffer, &image, versions[i], page);
			parse_cut_image(test, buffer, &image, versions[i], page + 1);
		}
	}
}

static void image_with_trailing_bytes(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		struct test_image image = good_image(test, versions[i]);
		struct seamldr_verdict verdict = {};
		struct seamldr_blob blob;
		u8 *longer;
		int ret;

		longer = seamldr_test_alloc(test, GOOD_SIZE + TDX_BLOB_PAGE_SIZE);
		memcpy(longer, image.bytes, image.size);

		ret = seamldr_blob_parse(longer, GOOD_SIZE + TDX_BLOB_PAGE_SIZE, &blob,
					 &verdict);
		seamldr_test_expect(test, ret, &verdict, -EMSGSIZE,
				    reason_of_cut(versions[i],
						  GOOD_SIZE + TDX_BLOB_PAGE_SIZE),
				    "one page more");

		ret = seamldr_blob_parse(longer, GOOD_SIZE + 1, &blob, &verdict);
		seamldr_test_expect(test, ret, &verdict, -EMSGSIZE,
				    SEAMLDR_REASON_FILE_SIZE, "one byte more");
	}
}

static void image_at_odd_address(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		struct test_image image = good_image(test, versions[i]);
		u8 *odd = seamldr_test_alloc(test, image.size + 1);
		struct seamldr_verdict verdict = {};
		struct seamldr_blob blob;
		int ret;

		memcpy(odd, image.bytes, image.size);
		ret = seamldr_blob_parse(odd, image.size, &blob, &verdict);
		KUNIT_ASSERT_EQ(test, 0, ret);
		KUNIT_EXPECT_PTR_EQ(test, odd + GOOD_MODULE_OFFSET, (u8 *)blob.module);
		KUNIT_EXPECT_EQ(test, 0, seamldr_blob_check_sigstruct(&blob, &verdict));
	}
}

struct sigstruct_case {
	const char *desc;
	struct test_damage damage[2];
	/* Values of the verdict, if it is a refusal */
	u64 found;
	u64 wanted;
	bool refused;
};

#define SIG(field, value)		FIELD(seam_sigstruct, field, value)
#define SIG_BYTE(field, index, value)	BYTE(seam_sigstruct, field, index, value)

/* A row whose verdict has the damaged value itself */
#define WRONG(field, value, _wanted)			\
	.damage = { SIG(field, value) },		\
	.found = (value), .wanted = (_wanted), .refused = true
#define KEY_DWORDS		(SEAM_SIGSTRUCT_KEY_SIZE / sizeof(u32))

#define LAST_GDT_IDT_OFFSET	(GOOD_MODULE_SIZE - TDX_BLOB_PAGE_SIZE)
#define LAST_FAULT_WRAPPER	(GOOD_MODULE_SIZE - SEAM_SIGSTRUCT_FAULT_WRAPPER_SIZE)

#define OFFSETS(gdt_idt, fault_wrapper)			\
	.damage = { SIG(gdt_idt_offset, gdt_idt),	\
		    SIG(fault_wrapper_offset, fault_wrapper) }

static const struct sigstruct_case sigstruct_cases[] = {
	/* Constants */
	{ "header_type",	WRONG(header_type, 5, SEAM_SIGSTRUCT_HEADER_TYPE) },
	{ "header_length",	WRONG(header_length, 0xe0, SEAM_SIGSTRUCT_HEADER_LENGTH) },
	{ "header_version_later",	.damage = { SIG(header_version, 0x10001) } },
	{ "module_type_debug",	.damage = { SIG(module_type, SEAM_MODULE_TYPE_DEBUG) } },
	{ "module_type_bit_0",	WRONG(module_type, BIT(0), 0) },
	{ "module_type_bit_30",	WRONG(module_type, BIT(30), 0) },
	{ "module_vendor",	WRONG(module_vendor, 0x8087, SEAM_SIGSTRUCT_VENDOR_INTEL) },
	{ "any_date",		.damage = { SIG(date, 0xffffffff) } },
	{ "size_in_bytes",	WRONG(size, SEAM_SIGSTRUCT_SIZE,
				      SEAM_SIGSTRUCT_SIZE / sizeof(u32)) },
	{ "key_size",		WRONG(key_size, KEY_DWORDS + 1, KEY_DWORDS) },
	{ "modulus_size",	WRONG(modulus_size, KEY_DWORDS - 1, KEY_DWORDS) },
	{ "exponent_size",	WRONG(exponent_size, 2, 1) },
	{ "exponent_3",		WRONG(exponent, 3, SEAM_SIGSTRUCT_EXPONENT) },

	/* Reserved */
	{ "first_reserved_byte",
	  .damage = { SIG_BYTE(reserved1, 0, 1) },
	  .found = 1, .refused = true },
	{ "last_reserved_byte",
	  .damage = { SIG_BYTE(reserved1, LAST(seam_sigstruct, reserved1), 0x80) },
	  .found = 0x80, .refused = true },
	{ "reserved_byte_978",
	  .damage = { SIG_BYTE(reserved2, 0, 1) },
	  .found = 1, .refused = true },
	{ "reserved_byte_983",
	  .damage = { SIG_BYTE(reserved2, LAST(seam_sigstruct, reserved2), 0x80) },
	  .found = 0x80, .refused = true },
	{ "attribute_bit_0",
	  .damage = { SIG_BYTE(attributes, 0, 1) },
	  .found = 1, .refused = true },
	{ "attribute_bit_63",
	  .damage = { SIG_BYTE(attributes, LAST(seam_sigstruct, attributes), 0x80) },
	  .found = BIT_ULL(63), .refused = true },
	{ "reserved_byte_989",	WRONG(reserved3, 1, 0) },
	{ "version_of_newer_modules",
	  .damage = { SIG_BYTE(reserved4, 0, 8), SIG_BYTE(reserved4, 3, 2) } },

	/* Handoff versions */
	{ "same_hv",
	  .damage = { SIG(module_hv, 7), SIG(min_update_hv, 7) } },
	{ "highest_hv",
	  .damage = { SIG(module_hv, U16_MAX), SIG(min_update_hv, U16_MAX) } },
	{ "min_update_hv_above_module_hv",
	  .damage = { SIG(module_hv, 7), SIG(min_update_hv, 8) },
	  .found = 8, .wanted = 7, .refused = true },

	/* Offsets into the module */
	{ "offsets_at_most",	OFFSETS(LAST_GDT_IDT_OFFSET, LAST_FAULT_WRAPPER) },
	{ "gdt_idt_alone",	OFFSETS(LAST_GDT_IDT_OFFSET, 0),
	  .found = 1, .wanted = 0, .refused = true },
	{ "fault_wrapper_alone", OFFSETS(0, LAST_FAULT_WRAPPER),
	  .found = 0, .wanted = 1, .refused = true },
	{ "gdt_idt_in_a_page",	OFFSETS(LAST_GDT_IDT_OFFSET - 0x800, LAST_FAULT_WRAPPER),
	  .found = 0x800, .wanted = 0, .refused = true },
	{ "gdt_idt_at_end",	OFFSETS(GOOD_MODULE_SIZE, LAST_FAULT_WRAPPER),
	  .found = GOOD_MODULE_SIZE, .wanted = LAST_GDT_IDT_OFFSET, .refused = true },
	{ "gdt_idt_fffff000",	OFFSETS(0xfffff000, LAST_FAULT_WRAPPER),
	  .found = 0xfffff000, .wanted = LAST_GDT_IDT_OFFSET, .refused = true },
	{ "fault_wrapper_over_end",
	  OFFSETS(LAST_GDT_IDT_OFFSET, LAST_FAULT_WRAPPER + 1),
	  .found = LAST_FAULT_WRAPPER + 1, .wanted = LAST_FAULT_WRAPPER,
	  .refused = true },
	{ "fault_wrapper_ffffffff", OFFSETS(LAST_GDT_IDT_OFFSET, 0xffffffff),
	  .found = 0xffffffff, .wanted = LAST_FAULT_WRAPPER, .refused = true },

	/* CPU table */
	{ "cpu_table_empty",	.damage = { SIG(cpuid_table_size, 0) } },
	{ "cpu_table_full",
	  .damage = { SIG(cpuid_table_size, SEAM_SIGSTRUCT_MAX_CPUIDS) } },
	{ "cpu_table_overfull",
	  WRONG(cpuid_table_size, SEAM_SIGSTRUCT_MAX_CPUIDS + 1,
		SEAM_SIGSTRUCT_MAX_CPUIDS) },
	{ "cpu_table_7fffffff",
	  WRONG(cpuid_table_size, 0x7fffffff, SEAM_SIGSTRUCT_MAX_CPUIDS) },
	{ "cpu_table_80000000",
	  WRONG(cpuid_table_size, 0x80000000, SEAM_SIGSTRUCT_MAX_CPUIDS) },
	{ "cpu_table_ffffffff",
	  WRONG(cpuid_table_size, 0xffffffff, SEAM_SIGSTRUCT_MAX_CPUIDS) },
};

KUNIT_ARRAY_PARAM_DESC(sigstruct, sigstruct_cases, desc);

static void damage_sigstruct(struct test_image *image, const struct test_damage *damage)
{
	struct test_damage moved = *damage;

	moved.offset += TDX_BLOB_PAGE_SIZE;
	seamldr_test_damage(image, &moved);
}

static void image_with_sigstruct(struct kunit *test)
{
	const struct sigstruct_case *row = test->param_value;
	struct test_image image = good_image(test, TDX_BLOB_VERSION_1_0);
	struct seamldr_verdict verdict = {};
	struct seamldr_blob blob;
	int ret;

	ret = seamldr_blob_parse(image.bytes, image.size, &blob, &verdict);
	KUNIT_ASSERT_EQ(test, 0, ret);
	KUNIT_ASSERT_EQ(test, 0, seamldr_blob_check_sigstruct(&blob, &verdict));

	damage_sigstruct(&image, &row->damage[0]);
	damage_sigstruct(&image, &row->damage[1]);
	ret = seamldr_blob_check_sigstruct(&blob, &verdict);

	seamldr_test_expect(test, ret, &verdict, row->refused ? -EBADMSG : 0,
			    row->refused ? SEAMLDR_REASON_SIGSTRUCT :
					   SEAMLDR_REASON_NONE,
			    row->desc);
	KUNIT_EXPECT_EQ(test, row->found, verdict.found);
	KUNIT_EXPECT_EQ(test, row->wanted, verdict.wanted);
}

/* A good image but for its sigstruct, all bytes of which are @byte */
static struct seam_sigstruct *sigstruct_filled_by(struct kunit *test, u8 byte,
						  struct seamldr_blob *blob)
{
	struct test_image image = good_image(test, TDX_BLOB_VERSION_2_0);
	struct seamldr_verdict verdict = {};
	int ret;

	ret = seamldr_blob_parse(image.bytes, image.size, blob, &verdict);
	KUNIT_ASSERT_EQ(test, 0, ret);
	return memset(image.bytes + TDX_BLOB_PAGE_SIZE, byte, sizeof(struct seam_sigstruct));
}

/* What a later version means by its fields is not known here. */
static void sigstruct_of_later_version_is_not_looked_at(struct kunit *test)
{
	struct seamldr_blob blob;
	struct seam_sigstruct *s = sigstruct_filled_by(test, 0xff, &blob);
	struct seamldr_verdict verdict = {};

	KUNIT_EXPECT_EQ(test, 0, seamldr_blob_check_sigstruct(&blob, &verdict));
	s->header_version = SEAM_SIGSTRUCT_HEADER_VERSION;
	KUNIT_EXPECT_EQ(test, -EBADMSG, seamldr_blob_check_sigstruct(&blob, &verdict));
}

/* As of a file with a hole in it */
static void sigstruct_of_zeros_is_refused(struct kunit *test)
{
	struct seamldr_blob blob;
	struct seam_sigstruct *s = sigstruct_filled_by(test, 0, &blob);
	struct seamldr_verdict verdict = {};

	KUNIT_EXPECT_EQ(test, -EBADMSG, seamldr_blob_check_sigstruct(&blob, &verdict));
	KUNIT_EXPECT_EQ(test, SEAMLDR_REASON_SIGSTRUCT, verdict.reason);
	KUNIT_EXPECT_EQ(test, 0, verdict.found);

	s->header_version = SEAM_SIGSTRUCT_HEADER_VERSION - 1;
	KUNIT_EXPECT_EQ(test, -EBADMSG, seamldr_blob_check_sigstruct(&blob, &verdict));
	KUNIT_EXPECT_EQ(test, SEAM_SIGSTRUCT_HEADER_VERSION - 1, verdict.found);
}

/* A version that is not known, but may be a known one with a byte damaged */
static void layout_is_known_by_version_or_by_sizes(struct kunit *test)
{
	struct test_image image = good_image(test, TDX_BLOB_VERSION_2_0);
	struct seam_sigstruct *s = (void *)(image.bytes + TDX_BLOB_PAGE_SIZE);

	KUNIT_EXPECT_TRUE(test, seam_sigstruct_is_known(s));
	KUNIT_EXPECT_TRUE(test, seam_sigstruct_has_known_layout(s));

	s->header_version++;
	KUNIT_EXPECT_FALSE(test, seam_sigstruct_is_known(s));
	KUNIT_EXPECT_TRUE(test, seam_sigstruct_has_known_layout(s));

	s->size++;
	KUNIT_EXPECT_FALSE(test, seam_sigstruct_has_known_layout(s));

	s->size--;
	s->header_length++;
	KUNIT_EXPECT_FALSE(test, seam_sigstruct_has_known_layout(s));
}

static struct kunit_case seamldr_blob_test_cases[] = {
	KUNIT_CASE_PARAM(image_of_shape, shape_gen_params),
	KUNIT_CASE_PARAM(image_with_header, header_gen_params),
	KUNIT_CASE_PARAM(verdict_names_values, offset_gen_params),
	KUNIT_CASE(image_with_any_header_byte_flipped),
	KUNIT_CASE(image_cut_short),
	KUNIT_CASE(image_with_trailing_bytes),
	KUNIT_CASE(image_at_odd_address),
	KUNIT_CASE_PARAM(image_with_sigstruct, sigstruct_gen_params),
	KUNIT_CASE(sigstruct_of_later_version_is_not_looked_at),
	KUNIT_CASE(sigstruct_of_zeros_is_refused),
	KUNIT_CASE(layout_is_known_by_version_or_by_sizes),
	{}
};

static struct kunit_suite seamldr_blob_test_suite = {
	.name = "seamldr_blob",
	.test_cases = seamldr_blob_test_cases,
};

kunit_test_suite(seamldr_blob_test_suite);
