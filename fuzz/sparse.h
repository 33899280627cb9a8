/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Images as fuzzer inputs.  An image is mostly zeros: written out, a change would seldom
 * hit what anything depends on, and the largest images could not be tried at all.  So an
 * input says how long the image is and which bytes of it are something.
 *
 *	u16 pages, u16 bytes beyond them (little endian), then runs:
 *	u16 offset, u8 length, bytes
 *
 * Every input stands for an image, and every image whose bytes behind the first 64 KiB
 * are zero has an input.
 */
#ifndef SPARSE_H
#define SPARSE_H

#include <stddef.h>
#include <stdint.h>

#define SPARSE_PAGE		4096
/* A page more than any image may have */
#define SPARSE_MAX_PAGES	502

struct input {
	const uint8_t *at;
	size_t left;
};

/* Where an input ends it reads as zero. */
uint8_t input_u8(struct input *input);
uint16_t input_u16(struct input *input);
uint32_t input_u32(struct input *input);

size_t sparse_size(struct input *input);
void sparse_fill(struct input *input, uint8_t *image, size_t size);

#endif /* SPARSE_H */
