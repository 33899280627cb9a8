// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as an image: whatever is accepted must be what image_build() makes
 * of its parts, but for the checksum.
 */
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void expect_rebuilt(const struct image *image)
{
	const size_t behind_checksum = offsetof(struct tdx_blob_v1, checksum) + sizeof(__le16);
	struct image_parts parts;
	uint8_t *blob;
	size_t size;

	image_parts_of(image, &parts);
	blob = image_build(&parts, &size);
	if (!blob || size != image->size ||
	    memcmp(blob, image->blob, offsetof(struct tdx_blob_v1, checksum)) ||
	    memcmp(blob + behind_checksum, (const uint8_t *)image->blob + behind_checksum,
		   size - behind_checksum))
		abort();
	if (image_checksum(image) == IMAGE_CHECKSUM_GOOD && memcmp(blob, image->blob, size))
		abort();
	free(blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct findings findings = { 0 };
	struct version version;
	struct image image;

	if (image_parse(bytes, size, &image))
		return 0;

	expect_rebuilt(&image);
	verify_image(&image, &findings);
	findings_free(&findings);
	sigstruct_version(image.sigstruct, &version);
	sigstruct_has_cpu(image.sigstruct, 0);
	return 0;
}
