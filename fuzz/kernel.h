/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The little of the kernel that the update's own files need: included before each of
 * them in place of every header they ask for but their own.  All headers that it stands
 * for are empty here.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef u64 phys_addr_t;

/* Compiler and arithmetic */
#define __packed		__attribute__((packed))
#define __aligned(n)		__attribute__((aligned(n)))
#define noinline		__attribute__((noinline))
#define likely(condition)	(condition)
#define unlikely(condition)	(condition)
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK(high, low)	(~0UL >> (63 - (high)) & ~0UL << (low))
#define FIELD_GET(mask, value)	(((value) & (mask)) >> __builtin_ctzl(mask))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define IS_ALIGNED(n, to)	(!((n) % (to)))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define offsetofend(type, field) (offsetof(type, field) + sizeof(((type *)0)->field))

static inline u16 get_unaligned_le16(const void *from)
{
	u16 value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static inline void *memchr_inv(const void *from, int byte, size_t size)
{
	const u8 *at = from;

	for (; size--; at++)
		if (*at != byte)
			return (void *)at;
	return NULL;
}

/* One thread, which is never interrupted and never tested by KUnit. */
#define DEFINE_RAW_SPINLOCK(name)		int name
#define guard(kind)				(void)
#define lockdep_assert_held(lock)		do {} while (0)
#define lockdep_assert_irqs_disabled()		do {} while (0)
#define lockdep_assert_cpus_held()		do {} while (0)
#define udelay(microseconds)			do {} while (0)
#define IS_ENABLED(option)			0
#define VISIBLE_IF_KUNIT			static
#define KUNIT_STATIC_STUB_REDIRECT(...)		do {} while (0)
#define kunit_get_current_test()		NULL
#define EXPORT_SYMBOL_IF_KUNIT(symbol)
#define EXPORT_SYMBOL_FOR_MODULES(symbol, modules)

/* What the code calls a kernel bug must not happen. */
#define WARN_ON_ONCE(bug)	({ if (bug) __builtin_trap(); false; })

/* Memory: physical addresses are the virtual ones. */
#define SZ_4K			0x1000
#define PAGE_SIZE		0x1000UL
#define PAGE_ALIGNED(addr)	IS_ALIGNED((uintptr_t)(addr), PAGE_SIZE)
#define PFN_PHYS(pfn)		((phys_addr_t)(pfn) * PAGE_SIZE)
#define vmalloc_to_pfn(addr)	((uintptr_t)(addr) / PAGE_SIZE)
#define is_vmalloc_addr(addr)	true
#define __pa_symbol(addr)	((uintptr_t)(addr))

/* CPUs, up to 64 of them */
struct cpumask {
	u64 bits;
};

extern struct cpumask fuzz_online_cpus, fuzz_present_cpus;
#define cpu_online_mask		(&fuzz_online_cpus)
#define cpu_present_mask	(&fuzz_present_cpus)
#define for_each_cpu(cpu, mask)						\
	for ((cpu) = 0; (cpu) < 64; (cpu)++)				\
		if ((mask)->bits >> (cpu) & 1)

static inline bool cpumask_equal(const struct cpumask *a, const struct cpumask *b)
{
	return a->bits == b->bits;
}

static inline bool cpumask_empty(const struct cpumask *mask)
{
	return !mask->bits;
}

static inline unsigned int cpumask_weight(const struct cpumask *mask)
{
	return __builtin_popcountll(mask->bits);
}

static inline bool cpumask_subset(const struct cpumask *a, const struct cpumask *b)
{
	return !(a->bits & ~b->bits);
}

static inline bool cpumask_test_cpu(unsigned int cpu, const struct cpumask *mask)
{
	return mask->bits >> cpu & 1;
}

static inline void cpumask_set_cpu(unsigned int cpu, struct cpumask *mask)
{
	mask->bits |= 1ULL << cpu;
}

#define __cpumask_set_cpu	cpumask_set_cpu

static inline void cpumask_clear(struct cpumask *mask)
{
	mask->bits = 0;
}

int smp_call_function_single(int cpu, void (*function)(void *), void *data, int wait);
u32 cpuid_eax(u32 leaf);

/* None of these CPUs loses the current VMCS. */
#define boot_cpu_has_bug(bug)	false
#define _ASM_EXTABLE(from, to)	""

/* The firmware */
#define TDX_SUCCESS			0ULL
#define TDX_SEAMCALL_VMFAILINVALID	0xFFFFFFFF00000000ULL
#define TDX_SEAMCALL_GP			0xFFFFFFFF0000000DULL
#define TDX_SEAMCALL_UD			0xFFFFFFFF00000006ULL

struct tdx_module_args {
	u64 rcx;
	u64 rdx;
};

u64 fuzz_seamcall(u64 fn, struct tdx_module_args *args);
#define __seamcall_dirty_cache(how, fn, args)	fuzz_seamcall(fn, args)

/* The running TDX module */
#define TDX_FEATURES0_TD_PRESERVING	BIT_ULL(1)
#define TDX_FEATURES0_UPDATE_COMPAT	BIT_ULL(47)

enum tdx_module_status {
	TDX_MODULE_UNINITIALIZED,
	TDX_MODULE_READY,
	TDX_MODULE_SHUTDOWN,
	TDX_MODULE_LOST,
};

struct tdx_sys_info_handoff {
	u16 module_hv;
	u16 min_update_hv;
	u8 no_downgrade;
};

struct tdx_sys_info_features {
	u64 tdx_features0;
};

enum tdx_module_status tdx_module_status(void);
int tdx_read_handoff(struct tdx_sys_info_handoff *handoff, struct tdx_sys_info_features *features);
int tdx_nr_td_builds(void);

#endif /* FUZZ_KERNEL_H */
