// SPDX-License-Identifier: GPL-2.0-only
/*
 * image.c: a good image of each format, then one thing broken at a time.
 */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image.h"

#define NR_PAGES	3

struct fixture {
	uint8_t *blob;
	size_t size;
};

static void build(struct fixture *fixture, enum tdx_blob_version version,
		  unsigned int sigstruct_nr_pages, unsigned int module_nr_pages)
{
	static uint8_t module[TDX_MODULE_PAGES_MAX * TDX_PAGE_SIZE];
	static struct seam_sigstruct sigstruct;
	const struct image_parts parts = {
		.version = version,
		.sigstruct = &sigstruct,
		.sigstruct_size = sizeof(sigstruct),
		.sigstruct_nr_pages = sigstruct_nr_pages,
		.module = module,
		.module_nr_pages = module_nr_pages,
	};

	memset(&sigstruct, 0x5a, sizeof(sigstruct));
	memset(module, 0xa5, sizeof(module));
	fixture->blob = image_build(&parts, &fixture->size);
	assert_non_null(fixture->blob);
}

static enum image_fault parse(const struct fixture *fixture)
{
	struct image image;

	return image_parse(fixture->blob, fixture->size, &image);
}

static void good_image(enum tdx_blob_version version, unsigned int sigstruct_nr_pages,
		       unsigned int module_nr_pages)
{
	struct fixture fixture;
	struct image image;

	build(&fixture, version, sigstruct_nr_pages, module_nr_pages);
	assert_int_equal(image_parse(fixture.blob, fixture.size, &image), IMAGE_FINE);
	assert_int_equal(image.version, version);
	assert_int_equal(image.sigstruct_nr_pages, sigstruct_nr_pages);
	assert_int_equal(image.module_nr_pages, module_nr_pages);
	assert_ptr_equal(image.sigstruct, fixture.blob + TDX_BLOB_HEADER_SIZE);
	assert_ptr_equal(image.module, fixture.blob + TDX_BLOB_HEADER_SIZE +
			 sigstruct_nr_pages * TDX_PAGE_SIZE);
	assert_int_equal(image_checksum(&image), IMAGE_CHECKSUM_GOOD);
	free(fixture.blob);
}

static void good_images_of_all_sizes_parse(void **state)
{
	static const unsigned int module_pages[] = { 1, 2, 146, TDX_MODULE_PAGES_MAX };
	unsigned int sigstruct_pages;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(module_pages) / sizeof(module_pages[0]); i++) {
		for (sigstruct_pages = 1; sigstruct_pages <= TDX_SIGSTRUCT_PAGES_MAX;
		     sigstruct_pages++) {
			good_image(TDX_BLOB_VERSION_1, sigstruct_pages, module_pages[i]);
			good_image(TDX_BLOB_VERSION_2, sigstruct_pages, module_pages[i]);
		}
	}
}

/* Offsets are those of the specification, written out on purpose. */
static void layout_is_the_published_one(void **state)
{
	struct fixture v1, v2;

	(void)state;
	build(&v1, TDX_BLOB_VERSION_1, 1, NR_PAGES);
	build(&v2, TDX_BLOB_VERSION_2, 2, NR_PAGES);
	assert_memory_equal(v1.blob, "\x00\x01", 2);
	assert_memory_equal(v1.blob + 4, "\x00\x20\x00\x00TDX-BLOB\x00\x50\x00\x00", 16);
	assert_memory_equal(v2.blob, "\x00\x02", 2);
	assert_memory_equal(v2.blob + 4, "TDX-BLOB\x02\x00\x00\x00\x03\x00\x00\x00", 16);
	free(v1.blob);
	free(v2.blob);
}

struct damage {
	const char *name;
	enum tdx_blob_version version;
	size_t offset;
	uint32_t value;
	enum image_fault fault;
};

#define V1(field)	TDX_BLOB_VERSION_1, offsetof(struct tdx_blob_v1, field)
#define V2(field)	TDX_BLOB_VERSION_2, offsetof(struct tdx_blob_v2, field)

static const struct damage damages[] = {
	{ "version 0",			V1(version), 0, IMAGE_UNKNOWN_VERSION },
	{ "version 0x300",		V1(version), 0x300, IMAGE_UNKNOWN_VERSION },
	{ "magic, 0x100",		V1(signature), 0, IMAGE_NO_MAGIC },
	{ "magic, 0x200",		V2(signature), 0, IMAGE_NO_MAGIC },
	{ "reserved0",			V1(reserved0), 1, IMAGE_RESERVED_NOT_ZERO },
	{ "reserved1, first",		V1(reserved1), 1, IMAGE_RESERVED_NOT_ZERO },
	{ "reserved1, last",		TDX_BLOB_VERSION_1, TDX_BLOB_HEADER_SIZE - 4, 1U << 31,
					IMAGE_RESERVED_NOT_ZERO },
	{ "reserved, first",		V2(reserved), 1, IMAGE_RESERVED_NOT_ZERO },
	{ "reserved, last",		TDX_BLOB_VERSION_2, TDX_BLOB_HEADER_SIZE - 4, 1U << 31,
					IMAGE_RESERVED_NOT_ZERO },
	{ "length 0",			V1(length), 0, IMAGE_SIZE_DIFFERS },
	{ "length one more",		V1(length), 0x5001, IMAGE_SIZE_DIFFERS },
	{ "length all ones",		V1(length), UINT32_MAX, IMAGE_SIZE_DIFFERS },
	{ "offset_of_module 0",		V1(offset_of_module), 0, IMAGE_SIGSTRUCT_PAGES },
	{ "no sigstruct, 0x100",	V1(offset_of_module), 0x1000, IMAGE_SIGSTRUCT_PAGES },
	{ "offset_of_module odd",	V1(offset_of_module), 0x2001,
					IMAGE_MODULE_OFFSET_UNALIGNED },
	{ "offset_of_module at end",	V1(offset_of_module), 0x5000, IMAGE_MODULE_PAGES },
	{ "offset_of_module behind",	V1(offset_of_module), 0x6000, IMAGE_SIZE_DIFFERS },
	{ "offset_of_module 2G",	V1(offset_of_module), 1U << 31, IMAGE_SIZE_DIFFERS },
	{ "offset_of_module highest",	V1(offset_of_module), 0xFFFFF000, IMAGE_SIZE_DIFFERS },
	{ "sigstruct_nr_pages 0",	V2(sigstruct_nr_pages), 0, IMAGE_SIGSTRUCT_PAGES },
	{ "sigstruct_nr_pages 2",	V2(sigstruct_nr_pages), 2, IMAGE_SIZE_DIFFERS },
	{ "sigstruct_nr_pages 5",	V2(sigstruct_nr_pages), 5, IMAGE_SIGSTRUCT_PAGES },
	{ "sigstruct_nr_pages highest",	V2(sigstruct_nr_pages), UINT32_MAX,
					IMAGE_SIGSTRUCT_PAGES },
	{ "module_nr_pages 0",		V2(module_nr_pages), 0, IMAGE_MODULE_PAGES },
	{ "module_nr_pages less",	V2(module_nr_pages), NR_PAGES - 1, IMAGE_SIZE_DIFFERS },
	{ "module_nr_pages more",	V2(module_nr_pages), NR_PAGES + 1, IMAGE_SIZE_DIFFERS },
	{ "module_nr_pages 497",	V2(module_nr_pages), 497, IMAGE_MODULE_PAGES },
	{ "module_nr_pages wraps",	V2(module_nr_pages), (1U << 20) + NR_PAGES,
					IMAGE_MODULE_PAGES },
};

/* Half words before the 32 bits of the version are the checksum's. */
static void damage(struct fixture *fixture, const struct damage *damage)
{
	uint32_t value = htole32(damage->value);

	memcpy(fixture->blob + damage->offset, &value,
	       damage->offset ? sizeof(value) : sizeof(uint16_t));
}

static void each_damage_has_its_fault(void **state)
{
	const struct damage *row;
	struct fixture fixture;

	(void)state;
	for (row = damages; row < damages + sizeof(damages) / sizeof(damages[0]); row++) {
		build(&fixture, row->version, 1, NR_PAGES);
		assert_int_equal(parse(&fixture), IMAGE_FINE);
		damage(&fixture, row);
		if (parse(&fixture) != row->fault)
			fail_msg("%s: %s", row->name, image_fault_text(parse(&fixture)));
		free(fixture.blob);
	}
}

/* Each prefix in memory of its own, so that a look behind its end is noticed. */
static void no_prefix_is_an_image(void **state)
{
	struct fixture fixture, prefix;

	(void)state;
	build(&fixture, TDX_BLOB_VERSION_2, 1, NR_PAGES);
	for (prefix.size = 0; prefix.size < fixture.size;
	     prefix.size += prefix.size < 64 ? 1 : 509) {
		prefix.blob = malloc(prefix.size ?: 1);
		memcpy(prefix.blob, fixture.blob, prefix.size);
		assert_int_not_equal(parse(&prefix), IMAGE_FINE);
		free(prefix.blob);
	}
	free(fixture.blob);
}

static void too_long_image_is_refused(void **state)
{
	struct fixture fixture = { calloc(1, TDX_BLOB_SIZE_MAX + TDX_PAGE_SIZE),
				   TDX_BLOB_SIZE_MAX + TDX_PAGE_SIZE };

	(void)state;
	assert_int_equal(parse(&fixture), IMAGE_TOO_LONG);
	free(fixture.blob);
}

static void odd_length_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	build(&fixture, TDX_BLOB_VERSION_1, 1, NR_PAGES);
	fixture.size--;
	assert_int_equal(parse(&fixture), IMAGE_NOT_WHOLE_PAGES);
	free(fixture.blob);
}

static void checksum_tells_damage_from_absence(void **state)
{
	struct fixture fixture;
	struct image image;

	(void)state;
	build(&fixture, TDX_BLOB_VERSION_1, 1, NR_PAGES);
	fixture.blob[fixture.size - 1] ^= 1;
	image_parse(fixture.blob, fixture.size, &image);
	assert_int_equal(image_checksum(&image), IMAGE_CHECKSUM_WRONG);
	memset(fixture.blob + offsetof(struct tdx_blob_v1, checksum), 0, sizeof(__le16));
	assert_int_equal(image_checksum(&image), IMAGE_CHECKSUM_NOT_FILLED);
	image_fill_checksum(fixture.blob, fixture.size);
	assert_int_equal(image_checksum(&image), IMAGE_CHECKSUM_GOOD);
	free(fixture.blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_images_of_all_sizes_parse),
		cmocka_unit_test(layout_is_the_published_one),
		cmocka_unit_test(each_damage_has_its_fault),
		cmocka_unit_test(no_prefix_is_an_image),
		cmocka_unit_test(too_long_image_is_refused),
		cmocka_unit_test(odd_length_is_refused),
		cmocka_unit_test(checksum_tells_damage_from_absence),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
