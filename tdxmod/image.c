// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking images apart and putting them together.  Pure: bytes in, a view or
 * bytes out; no file, no message.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

static const char *const fault_text[] = {
	[IMAGE_FINE]			= "structure is sound",
	[IMAGE_TOO_SHORT]		= "too short for a header, a sigstruct and a module",
	[IMAGE_TOO_LONG]		= "longer than the largest image can be",
	[IMAGE_NOT_WHOLE_PAGES]		= "length is not a multiple of 4096 bytes",
	[IMAGE_UNKNOWN_VERSION]		= "format version is neither 0x100 nor 0x200",
	[IMAGE_NO_MAGIC]		= "header does not say TDX-BLOB",
	[IMAGE_RESERVED_NOT_ZERO]	= "reserved bytes of the header are not zero",
	[IMAGE_MODULE_OFFSET_UNALIGNED]	= "offset_of_module is not a multiple of 4096",
	[IMAGE_SIGSTRUCT_PAGES]		= "sigstruct is not 1 to 4 pages long",
	[IMAGE_MODULE_PAGES]		= "module is not 1 to 496 pages long",
	[IMAGE_SIZE_DIFFERS]		= "header and file disagree about the length",
};

const char *image_fault_text(enum image_fault fault)
{
	return fault_text[fault];
}

size_t image_module_size(const struct image *image)
{
	return (size_t)image->module_nr_pages * TDX_PAGE_SIZE;
}

static bool is_zero(const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;

	return !size || (!byte[0] && !memcmp(byte, byte + 1, size - 1));
}

static enum image_fault set_page_counts(struct image *image, uint32_t sigstruct_nr_pages,
					uint32_t module_nr_pages)
{
	if (!sigstruct_nr_pages || sigstruct_nr_pages > TDX_SIGSTRUCT_PAGES_MAX)
		return IMAGE_SIGSTRUCT_PAGES;
	if (!module_nr_pages || module_nr_pages > TDX_MODULE_PAGES_MAX)
		return IMAGE_MODULE_PAGES;

	image->sigstruct_nr_pages = sigstruct_nr_pages;
	image->module_nr_pages = module_nr_pages;
	return IMAGE_FINE;
}

static enum image_fault parse_v1(struct image *image)
{
	const struct tdx_blob_v1 *header = image->blob;
	uint32_t module_offset = le32toh(header->offset_of_module);

	if (memcmp(header->signature, TDX_BLOB_MAGIC, TDX_BLOB_MAGIC_SIZE))
		return IMAGE_NO_MAGIC;
	if (header->reserved0 || !is_zero(header->reserved1, sizeof(header->reserved1)))
		return IMAGE_RESERVED_NOT_ZERO;
	if (le32toh(header->length) != image->size)
		return IMAGE_SIZE_DIFFERS;
	if (module_offset % TDX_PAGE_SIZE)
		return IMAGE_MODULE_OFFSET_UNALIGNED;
	if (module_offset < TDX_BLOB_HEADER_SIZE)
		return IMAGE_SIGSTRUCT_PAGES;
	if (module_offset > image->size)
		return IMAGE_SIZE_DIFFERS;

	return set_page_counts(image,
			       (module_offset - TDX_BLOB_HEADER_SIZE) / TDX_PAGE_SIZE,
			       (image->size - module_offset) / TDX_PAGE_SIZE);
}

static enum image_fault parse_v2(struct image *image)
{
	const struct tdx_blob_v2 *header = image->blob;
	enum image_fault fault;

	if (memcmp(header->signature, TDX_BLOB_MAGIC, TDX_BLOB_MAGIC_SIZE))
		return IMAGE_NO_MAGIC;
	if (!is_zero(header->reserved, sizeof(header->reserved)))
		return IMAGE_RESERVED_NOT_ZERO;

	fault = set_page_counts(image, le32toh(header->sigstruct_nr_pages),
				le32toh(header->module_nr_pages));
	if (fault)
		return fault;

	/* Both counts are bounded by now, so the sum cannot overflow. */
	if (TDX_BLOB_HEADER_SIZE + (size_t)image->sigstruct_nr_pages * TDX_PAGE_SIZE +
	    image_module_size(image) != image->size)
		return IMAGE_SIZE_DIFFERS;
	return IMAGE_FINE;
}

/**
 * image_parse() - Check the structure of an image and find its parts
 * @blob: the whole file
 * @size: its length
 * @image: filled in; parts are valid only if the structure is sound
 *
 * Return: IMAGE_FINE or the first fault.
 */
enum image_fault image_parse(const void *blob, size_t size, struct image *image)
{
	const struct tdx_blob_v1 *header = blob;
	enum image_fault fault;

	*image = (struct image){ .blob = blob, .size = size };

	if (size < TDX_BLOB_SIZE_MIN)
		return IMAGE_TOO_SHORT;
	if (size > TDX_BLOB_SIZE_MAX)
		return IMAGE_TOO_LONG;
	if (size % TDX_PAGE_SIZE)
		return IMAGE_NOT_WHOLE_PAGES;

	image->version = le16toh(header->version);
	switch (image->version) {
	case TDX_BLOB_VERSION_1:
		fault = parse_v1(image);
		break;
	case TDX_BLOB_VERSION_2:
		fault = parse_v2(image);
		break;
	default:
		return IMAGE_UNKNOWN_VERSION;
	}
	if (fault)
		return fault;

	image->sigstruct = blob + TDX_BLOB_HEADER_SIZE;
	image->module = blob + size - image_module_size(image);
	return IMAGE_FINE;
}

bool image_is_test(const struct image *image)
{
	return !memcmp(image->module, IMAGE_TEST_MARK, strlen(IMAGE_TEST_MARK));
}

static uint16_t sum_of_words(const void *blob, size_t size)
{
	const uint8_t *byte = blob;
	uint16_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < size; i += sizeof(__le16))
		sum += byte[i] | byte[i + 1] << 8;
	return sum;
}

/* The checksum lies at the same place in both formats. */
static_assert(offsetof(struct tdx_blob_v1, checksum) ==
	      offsetof(struct tdx_blob_v2, checksum), "tdx_blob");

uint16_t image_checksum_field(const struct image *image)
{
	const struct tdx_blob_v1 *header = image->blob;

	return le16toh(header->checksum);
}

enum image_checksum image_checksum(const struct image *image)
{
	if (!sum_of_words(image->blob, image->size))
		return IMAGE_CHECKSUM_GOOD;
	return image_checksum_field(image) ? IMAGE_CHECKSUM_WRONG : IMAGE_CHECKSUM_NOT_FILLED;
}

/**
 * image_fill_checksum() - Make the sum of all 16-bit words zero
 * @blob: the whole file
 * @size: its length
 */
void image_fill_checksum(void *blob, size_t size)
{
	struct tdx_blob_v1 *header = blob;

	header->checksum = 0;
	header->checksum = htole16(-sum_of_words(blob, size));
}

static void fill_header_v1(struct tdx_blob_v1 *header, uint32_t module_offset, size_t size)
{
	header->version = htole16(TDX_BLOB_VERSION_1);
	header->offset_of_module = htole32(module_offset);
	memcpy(header->signature, TDX_BLOB_MAGIC, TDX_BLOB_MAGIC_SIZE);
	header->length = htole32(size);
}

static void fill_header_v2(struct tdx_blob_v2 *header, const struct image_parts *parts)
{
	header->version = htole16(TDX_BLOB_VERSION_2);
	memcpy(header->signature, TDX_BLOB_MAGIC, TDX_BLOB_MAGIC_SIZE);
	header->sigstruct_nr_pages = htole32(parts->sigstruct_nr_pages);
	header->module_nr_pages = htole32(parts->module_nr_pages);
}

/**
 * image_parts_of() - Say what an image is made of, for image_build() to make it
 * @image: of sound structure
 * @parts: refer to @image
 */
void image_parts_of(const struct image *image, struct image_parts *parts)
{
	*parts = (struct image_parts) {
		.version = image->version,
		.sigstruct = image->sigstruct,
		.sigstruct_size = (size_t)image->sigstruct_nr_pages * TDX_PAGE_SIZE,
		.sigstruct_nr_pages = image->sigstruct_nr_pages,
		.module = image->module,
		.module_nr_pages = image->module_nr_pages,
	};
}

/**
 * image_build() - Put an image together, checksum filled
 * @parts: its parts, within the limits
 * @size: length of the image
 *
 * Return: the image, to be freed by the caller; NULL without memory.
 */
void *image_build(const struct image_parts *parts, size_t *size)
{
	size_t module_size = (size_t)parts->module_nr_pages * TDX_PAGE_SIZE;
	size_t module_offset = TDX_BLOB_HEADER_SIZE +
			       (size_t)parts->sigstruct_nr_pages * TDX_PAGE_SIZE;
	void *blob;

	*size = module_offset + module_size;
	blob = calloc(1, *size);
	if (!blob)
		return NULL;

	if (parts->version == TDX_BLOB_VERSION_1)
		fill_header_v1(blob, module_offset, *size);
	else
		fill_header_v2(blob, parts);
	memcpy(blob + TDX_BLOB_HEADER_SIZE, parts->sigstruct, parts->sigstruct_size);
	memcpy(blob + module_offset, parts->module, module_size);
	image_fill_checksum(blob, *size);
	return blob;
}
