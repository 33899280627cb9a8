// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDX module images for tests, and what is said of a refusal.
 */

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

#include <kunit/test.h>

#include "test_image.h"

KUNIT_DEFINE_ACTION_WRAPPER(vfree_action, vfree, const void *);

/**
 * seamldr_test_alloc() - Allocate memory that ends where nothing is mapped
 * @test: the test, which the memory goes away with
 * @size: in bytes; the memory begins at a page if this is a number of pages
 *
 * One byte read behind it is a fault: behind each vmalloc area is an empty page.
 *
 * Return: The memory, zeroed. The test ends if there is none.
 */
u8 *seamldr_test_alloc(struct kunit *test, size_t size)
{
	u8 *pages = vzalloc(PAGE_ALIGN(size));

	KUNIT_ASSERT_NOT_NULL(test, pages);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vfree_action, pages));
	return pages + PAGE_ALIGN(size) - size;
}

static void fill_v1(struct tdx_blob_v1 *header, unsigned int sigstruct_nr_pages,
		    size_t size)
{
	header->start.version = TDX_BLOB_VERSION_1_0;
	header->offset_of_module = (1 + sigstruct_nr_pages) * TDX_BLOB_PAGE_SIZE;
	memcpy(header->signature, TDX_BLOB_SIGNATURE, TDX_BLOB_SIGNATURE_SIZE);
	header->length = size;
}

static void fill_v2(struct tdx_blob_v2 *header, unsigned int sigstruct_nr_pages,
		    unsigned int module_nr_pages)
{
	header->start.version = TDX_BLOB_VERSION_2_0;
	memcpy(header->signature, TDX_BLOB_SIGNATURE, TDX_BLOB_SIGNATURE_SIZE);
	header->sigstruct_nr_pages = sigstruct_nr_pages;
	header->module_nr_pages = module_nr_pages;
}

static void fill_sigstruct(struct seam_sigstruct *s)
{
	s->header_type = SEAM_SIGSTRUCT_HEADER_TYPE;
	s->header_length = SEAM_SIGSTRUCT_HEADER_LENGTH;
	s->header_version = SEAM_SIGSTRUCT_HEADER_VERSION;
	s->module_vendor = SEAM_SIGSTRUCT_VENDOR_INTEL;
	s->size = SEAM_SIGSTRUCT_SIZE / sizeof(u32);
	s->key_size = SEAM_SIGSTRUCT_KEY_SIZE / sizeof(u32);
	s->modulus_size = SEAM_SIGSTRUCT_KEY_SIZE / sizeof(u32);
	s->exponent_size = 1;
	s->exponent = SEAM_SIGSTRUCT_EXPONENT;
	s->cpuid_table_size = 1;
}

/* The last bytes of a page, which are unused even in that of the sigstruct */
static u64 *stamp_of(const void *page)
{
	return (u64 *)((u8 *)page + TDX_BLOB_PAGE_SIZE) - 1;
}

/**
 * seamldr_test_stamp() - Tell which page of an image this is
 * @page: the page
 *
 * Return: Its number, the header's being 0.
 */
u64 seamldr_test_stamp(const void *page)
{
	return *stamp_of(page);
}

/**
 * seamldr_test_image() - Make an image
 * @test: the test, which the image goes away with
 * @version: %TDX_BLOB_VERSION_1_0 or %TDX_BLOB_VERSION_2_0
 * @sigstruct_nr_pages: how many; not limited
 * @module_nr_pages: how many; not limited
 *
 * Return: The image.
 */
struct test_image seamldr_test_image(struct kunit *test, u16 version,
				     unsigned int sigstruct_nr_pages,
				     unsigned int module_nr_pages)
{
	unsigned int i, pages = 1 + sigstruct_nr_pages + module_nr_pages;
	struct test_image image = { .size = pages * TDX_BLOB_PAGE_SIZE };

	image.bytes = seamldr_test_alloc(test, image.size);
	for (i = 1; i < pages; i++)
		*stamp_of(image.bytes + i * TDX_BLOB_PAGE_SIZE) = i;

	if (version == TDX_BLOB_VERSION_1_0)
		fill_v1((void *)image.bytes, sigstruct_nr_pages, image.size);
	else
		fill_v2((void *)image.bytes, sigstruct_nr_pages, module_nr_pages);
	if (sigstruct_nr_pages)
		fill_sigstruct((void *)(image.bytes + TDX_BLOB_PAGE_SIZE));
	return image;
}

/**
 * seamldr_test_damage() - Put a number into an image
 * @image: the image
 * @damage: which and where
 */
void seamldr_test_damage(struct test_image *image, const struct test_damage *damage)
{
	memcpy(image->bytes + damage->offset, &damage->value, damage->width);
}

/**
 * seamldr_test_expect() - Compare a refusal, or that there was none
 * @test: the test
 * @ret: what was returned
 * @verdict: all zero before
 * @err: the errno wanted, 0 if nothing should be refused
 * @reason: the reason wanted
 * @what: for messages
 */
void seamldr_test_expect(struct kunit *test, int ret,
			 const struct seamldr_verdict *verdict, int err,
			 enum seamldr_reason reason, const char *what)
{
	KUNIT_EXPECT_EQ_MSG(test, err, ret, "%s", what);
	KUNIT_EXPECT_STREQ_MSG(test, seamldr_reason_token(reason),
			       seamldr_reason_token(verdict->reason), "%s", what);
	if (!err)
		return;
	KUNIT_EXPECT_EQ_MSG(test, -1, verdict->cpu, "%s", what);
	KUNIT_EXPECT_NOT_NULL_MSG(test, verdict->text, "%s", what);
	KUNIT_EXPECT_NOT_NULL_MSG(test, verdict->now, "%s", what);
}

MODULE_DESCRIPTION("KUnit tests for TDX module updates");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
