// SPDX-License-Identifier: GPL-2.0-only
/*
 * SEAMLDR_PARAMS: does the firmware find each page of the image where it is told?
 * Pages are looked at by their physical addresses, as the firmware does.
 */

#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

#include <kunit/test.h>

#include <asm/page.h>

#include "../seamldr.h"
#include "test_image.h"

struct params_case {
	const char *desc;
	u16 format;
	unsigned int sigstruct_nr_pages;
	unsigned int module_nr_pages;
	u32 params_version;
};

static const struct params_case params_cases[] = {
	{ "v1_smallest", TDX_BLOB_VERSION_1_0, 1, 1, SEAMLDR_PARAMS_VERSION_0 },
	{ "v1_as_published", TDX_BLOB_VERSION_1_0, 1, 146, SEAMLDR_PARAMS_VERSION_0 },
	{ "v1_largest", TDX_BLOB_VERSION_1_0, SEAMLDR_MAX_SIGSTRUCT_PAGES,
	  SEAMLDR_MAX_MODULE_PAGES, SEAMLDR_PARAMS_VERSION_1 },
	{ "v2_smallest", TDX_BLOB_VERSION_2_0, 1, 1, SEAMLDR_PARAMS_VERSION_0 },
	{ "v2_two_sigstruct_pages", TDX_BLOB_VERSION_2_0, 2, 3,
	  SEAMLDR_PARAMS_VERSION_1 },
	{ "v2_largest", TDX_BLOB_VERSION_2_0, SEAMLDR_MAX_SIGSTRUCT_PAGES,
	  SEAMLDR_MAX_MODULE_PAGES, SEAMLDR_PARAMS_VERSION_1 },
};

KUNIT_ARRAY_PARAM_DESC(params, params_cases, desc);

static void parse(struct kunit *test, const struct test_image *image,
		  struct seamldr_blob *blob)
{
	struct seamldr_verdict verdict;

	KUNIT_ASSERT_EQ(test, 0,
			seamldr_blob_parse(image->bytes, image->size, blob, &verdict));
}

static struct seamldr_params *dirty_params(struct kunit *test)
{
	struct seamldr_params *params = kunit_kmalloc(test, sizeof(*params), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, params);
	memset(params, 0xff, sizeof(*params));
	return params;
}

/* @pa: of a page which is the @number-th of @image */
static void expect_page(struct kunit *test, u64 pa, const struct test_image *image,
			unsigned int number)
{
	const u8 *page = image->bytes + number * PAGE_SIZE;

	KUNIT_ASSERT_EQ_MSG(test, PFN_PHYS(vmalloc_to_pfn(page)), pa, "page %u", number);
	KUNIT_EXPECT_EQ_MSG(test, number, seamldr_test_stamp(__va(pa)), "page %u", number);
}

static void params_of_image(struct kunit *test)
{
	const struct params_case *row = test->param_value;
	struct test_image image =
		seamldr_test_image(test, row->format, row->sigstruct_nr_pages,
				   row->module_nr_pages);
	struct seamldr_params *params = dirty_params(test);
	struct seamldr_blob blob;
	unsigned int i, page = 1;

	parse(test, &image, &blob);
	KUNIT_ASSERT_EQ(test, 0, seamldr_fill_params(params, &blob));

	KUNIT_EXPECT_EQ(test, row->params_version, params->version);
	KUNIT_EXPECT_EQ(test, SEAMLDR_SCENARIO_UPDATE, params->scenario);
	KUNIT_EXPECT_EQ(test, row->module_nr_pages, params->num_module_pages);
	KUNIT_EXPECT_NULL(test, memchr_inv(params->reserved, 0, sizeof(params->reserved)));

	for (i = 0; i < row->sigstruct_nr_pages; i++)
		expect_page(test, params->sigstruct_pa[i], &image, page++);
	for (; i < SEAMLDR_MAX_SIGSTRUCT_PAGES; i++)
		KUNIT_EXPECT_EQ_MSG(test, 0, params->sigstruct_pa[i], "entry %u", i);

	for (i = 0; i < row->module_nr_pages; i++)
		expect_page(test, params->mod_pages_pa_list[i], &image, page++);
	for (; i < SEAMLDR_MAX_MODULE_PAGES; i++)
		KUNIT_EXPECT_EQ_MSG(test, 0, params->mod_pages_pa_list[i], "entry %u", i);
}

static void params_of_image_outside_vmalloc(struct kunit *test)
{
	struct test_image image = seamldr_test_image(test, TDX_BLOB_VERSION_2_0, 1, 1);
	struct seamldr_params *params = dirty_params(test);
	struct test_image linear = { .size = image.size };
	struct seamldr_blob blob;

	linear.bytes = kunit_kmalloc(test, linear.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, linear.bytes);
	memcpy(linear.bytes, image.bytes, image.size);
	parse(test, &linear, &blob);

	kunit_warning_suppress(test) {
		KUNIT_EXPECT_EQ(test, -EINVAL, seamldr_fill_params(params, &blob));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, IS_ENABLED(CONFIG_BUG));
	}
}

static void params_of_image_across_pages(struct kunit *test)
{
	struct test_image image = seamldr_test_image(test, TDX_BLOB_VERSION_2_0, 1, 1);
	struct test_image odd = { .size = image.size };
	struct seamldr_params *params = dirty_params(test);
	struct seamldr_blob blob;

	/* Ends with a page, so that it does not begin with one. */
	odd.bytes = seamldr_test_alloc(test, image.size + SMP_CACHE_BYTES);
	memcpy(odd.bytes, image.bytes, image.size);
	parse(test, &odd, &blob);

	kunit_warning_suppress(test) {
		KUNIT_EXPECT_EQ(test, -EINVAL, seamldr_fill_params(params, &blob));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, IS_ENABLED(CONFIG_BUG));
	}
}

static struct kunit_case seamldr_params_test_cases[] = {
	KUNIT_CASE_PARAM(params_of_image, params_gen_params),
	KUNIT_CASE(params_of_image_outside_vmalloc),
	KUNIT_CASE(params_of_image_across_pages),
	{}
};

static struct kunit_suite seamldr_params_test_suite = {
	.name = "seamldr_params",
	.test_cases = seamldr_params_test_cases,
};

kunit_test_suite(seamldr_params_test_suite);
