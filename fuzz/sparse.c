// SPDX-License-Identifier: GPL-2.0-only
/* Images as fuzzer inputs: see sparse.h. */
#include <string.h>

#include "sparse.h"

uint8_t input_u8(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->at++;
}

uint16_t input_u16(struct input *input)
{
	uint16_t low = input_u8(input);

	return low | input_u8(input) << 8;
}

uint32_t input_u32(struct input *input)
{
	uint32_t low = input_u16(input);

	return low | (uint32_t)input_u16(input) << 16;
}

size_t sparse_size(struct input *input)
{
	size_t pages = input_u16(input) % (SPARSE_MAX_PAGES + 1);

	return pages * SPARSE_PAGE + input_u16(input) % SPARSE_PAGE;
}

void sparse_fill(struct input *input, uint8_t *image, size_t size)
{
	memset(image, 0, size);
	while (input->left) {
		size_t offset = input_u16(input);
		uint8_t length = input_u8(input);

		for (; length && input->left; length--, offset++) {
			uint8_t byte = input_u8(input);

			if (offset < size)
				image[offset] = byte;
		}
	}
}
