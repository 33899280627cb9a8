// SPDX-License-Identifier: GPL-2.0-only
/* Turn an image (standard input) into a fuzzer input (standard output): see sparse.h. */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>

#include "sparse.h"

/* As far as an offset of an input reaches; zeros may follow. */
#define MAX_OFFSET	65535
#define MAX_IMAGE	(SPARSE_MAX_PAGES * SPARSE_PAGE)
#define MAX_RUN		255
/* Zeros between two runs cost no more than a run of their own. */
#define MAX_GAP		3

static void put_u16(unsigned int value)
{
	putchar(value & 0xFF);
	putchar(value >> 8);
}

static bool only_zeros(const uint8_t *image, size_t from, size_t to)
{
	while (from < to)
		if (image[from++])
			return false;
	return true;
}

static size_t run_length(const uint8_t *image, size_t start, size_t size)
{
	size_t limit = start + MAX_RUN < size ? start + MAX_RUN : size;
	size_t end = start;

	while (end < limit) {
		size_t behind_gap = end + MAX_GAP + 1 < limit ? end + MAX_GAP + 1 : limit;

		if (only_zeros(image, end, behind_gap))
			break;
		end++;
	}
	return end - start;
}

int main(void)
{
	static uint8_t image[MAX_IMAGE + 1];
	size_t size = fread(image, 1, sizeof(image), stdin);
	size_t reach = size < MAX_OFFSET ? size : MAX_OFFSET;
	size_t at = 0;

	if (size > MAX_IMAGE || !only_zeros(image, reach, size))
		errx(1, "too much is in this image");

	put_u16(size / SPARSE_PAGE);
	put_u16(size % SPARSE_PAGE);
	while (at < reach) {
		size_t length = run_length(image, at, reach);

		if (!length) {
			at++;
			continue;
		}
		put_u16(at);
		putchar((int)length);
		fwrite(image + at, 1, length, stdout);
		at += length;
	}
	return 0;
}
