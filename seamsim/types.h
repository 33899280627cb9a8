/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixed-width names and bit helpers that all models share.
 *
 * Models are ordinary programs: what the guest sees is little-endian and so is
 * every machine that QEMU's x86 plugin is run on, which seamsim.h asserts.
 */
#ifndef SEAMSIM_TYPES_H
#define SEAMSIM_TYPES_H

#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK_ULL(h, l)	((~0ULL >> (63 - (h))) & (~0ULL << (l)))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))

#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_OFFSET_MASK	(PAGE_SIZE - 1)

#define __packed		__attribute__((packed))

#endif
