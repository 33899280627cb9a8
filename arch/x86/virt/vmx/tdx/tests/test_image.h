/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TDX module images for tests: all that the parser looks at is right in them, so
 * that a test can break one thing.  Not signed.
 */
#ifndef _X86_VIRT_SEAMLDR_TEST_IMAGE_H
#define _X86_VIRT_SEAMLDR_TEST_IMAGE_H

#include <linux/types.h>

#include <kunit/test.h>

#include "../seamldr_blob.h"

/**
 * struct test_image - An image in vmalloc space, behind which no page is mapped
 * @bytes: the image
 * @size: its size in bytes
 */
struct test_image {
	u8 *bytes;
	size_t size;
};

/**
 * struct test_damage - A number that is put into an image
 * @offset: where
 * @width: its size in bytes, up to 4
 * @value: the number; in a test that changes nothing, @width is 0
 */
struct test_damage {
	size_t offset;
	size_t width;
	u32 value;
};

u8 *seamldr_test_alloc(struct kunit *test, size_t size);
struct test_image seamldr_test_image(struct kunit *test, u16 version,
				     unsigned int sigstruct_nr_pages,
				     unsigned int module_nr_pages);
u64 seamldr_test_stamp(const void *page);
void seamldr_test_damage(struct test_image *image, const struct test_damage *damage);
void seamldr_test_expect(struct kunit *test, int ret,
			 const struct seamldr_verdict *verdict, int err,
			 enum seamldr_reason reason, const char *what);

#endif /* _X86_VIRT_SEAMLDR_TEST_IMAGE_H */
