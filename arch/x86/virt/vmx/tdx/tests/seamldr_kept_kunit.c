// SPDX-License-Identifier: GPL-2.0-only
/*
 * The image that is kept for rollback: a copy, described by the addresses of its
 * own pages.
 */

#include <linux/mm.h>
#include <linux/string.h>
#include <linux/types.h>

#include <kunit/test.h>

#include <asm/page.h>

#include "../seamldr.h"
#include "test_image.h"

static const struct seamldr_params *kept_params(void)
{
	phys_addr_t pa = seamldr_kept_params_pa();

	return pa ? __va(pa) : NULL;
}

static struct test_image image_of(struct kunit *test, unsigned int module_nr_pages)
{
	return seamldr_test_image(test, TDX_BLOB_VERSION_2_0, 1, module_nr_pages);
}

/* Bytes that are no image leave nothing behind. */
static void keep_nothing(void)
{
	static const u8 no_image[TDX_BLOB_PAGE_SIZE];

	seamldr_keep_image(no_image, sizeof(no_image));
}

/* Pages are told from each other by the stamps that the test image has. */
static void expect_kept(struct kunit *test, unsigned int module_nr_pages)
{
	const struct seamldr_params *params = kept_params();
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, params);
	KUNIT_ASSERT_EQ(test, module_nr_pages, params->num_module_pages);
	KUNIT_EXPECT_EQ(test, SEAMLDR_SCENARIO_UPDATE, params->scenario);
	KUNIT_EXPECT_EQ(test, 1, seamldr_test_stamp(__va(params->sigstruct_pa[0])));
	for (i = 0; i < module_nr_pages; i++)
		KUNIT_EXPECT_EQ_MSG(test, 2 + i,
				    seamldr_test_stamp(__va(params->mod_pages_pa_list[i])),
				    "page %u", i);
}

static void keep_copies_the_image(struct kunit *test)
{
	struct test_image image = image_of(test, 3);
	const u8 *module = image.bytes + 2 * PAGE_SIZE;

	seamldr_keep_image(image.bytes, image.size);
	expect_kept(test, 3);
	KUNIT_EXPECT_NE(test, PFN_PHYS(vmalloc_to_pfn(module)),
			kept_params()->mod_pages_pa_list[0]);

	/* Who uploaded it frees it. */
	memset(image.bytes, 0xff, image.size);
	expect_kept(test, 3);
}

static void keep_replaces_the_image_before(struct kunit *test)
{
	struct test_image first = image_of(test, 2), second = image_of(test, 5);

	seamldr_keep_image(first.bytes, first.size);
	expect_kept(test, 2);
	seamldr_keep_image(second.bytes, second.size);
	expect_kept(test, 5);
}

/* The image before is not what runs: to go back to it would be no rollback. */
static void keep_of_bad_image_keeps_none(struct kunit *test)
{
	struct test_image image = image_of(test, 2);

	seamldr_keep_image(image.bytes, image.size);
	KUNIT_ASSERT_NE(test, 0, seamldr_kept_params_pa());
	keep_nothing();
	KUNIT_EXPECT_EQ(test, 0, seamldr_kept_params_pa());
}

static int seamldr_kept_test_init(struct kunit *test)
{
	if (seamldr_kept_params_pa())
		kunit_skip(test, "this machine keeps an image, which the test would drop");

	return 0;
}

static void seamldr_kept_test_exit(struct kunit *test)
{
	if (test->status == KUNIT_SKIPPED)
		return;

	/* One that is left would have the next case skipped. */
	keep_nothing();
	KUNIT_EXPECT_EQ(test, 0, seamldr_kept_params_pa());
}

static struct kunit_case seamldr_kept_test_cases[] = {
	KUNIT_CASE(keep_copies_the_image),
	KUNIT_CASE(keep_replaces_the_image_before),
	KUNIT_CASE(keep_of_bad_image_keeps_none),
	{}
};

static struct kunit_suite seamldr_kept_test_suite = {
	.name = "seamldr_kept",
	.init = seamldr_kept_test_init,
	.exit = seamldr_kept_test_exit,
	.test_cases = seamldr_kept_test_cases,
};

kunit_test_suite(seamldr_kept_test_suite);
