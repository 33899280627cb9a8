// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls to the P-SEAMLDR, the firmware that loads and replaces the TDX module,
 * and the page that describes an image to it.
 *
 * What is called when is decided elsewhere: seamldr_preflight.c for what has no
 * side effects, seamldr_update.c for what has.
 */

#include <linux/bug.h>
#include <linux/cleanup.h>
#include <linux/cpufeature.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kconfig.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

#include <kunit/test-bug.h>
#include <kunit/visibility.h>

#include <asm/asm.h>
#include <asm/page.h>
#include <asm/seamldr.h>
#include <asm/tdx.h>

#include "seamcall_internal.h"
#include "seamldr.h"

/*
 * How often a call is made that the P-SEAMLDR turns away because it is busy, and
 * the pause between two, in microseconds: a millisecond in all.
 */
#define SEAMLDR_BUSY_TRIES	100
#define SEAMLDR_BUSY_PAUSE	10

/*
 * Serializes calls, since only one CPU may be in the P-SEAMLDR at a time, and
 * protects @session_cpus and @info_buffer. Raw because it is taken while all
 * CPUs are stopped.
 */
static DEFINE_RAW_SPINLOCK(seamldr_lock);

/* CPUs that have called in the INSTALL session that is open */
static struct cpumask session_cpus;

static struct seamldr_info info_buffer __aligned(SEAMLDR_INFO_SIZE);

#if IS_ENABLED(CONFIG_KUNIT)
/*
 * Set by a test, for calls from the test's own task. Not a static stub of KUnit:
 * to find one takes a lock that sleeps on PREEMPT_RT, and here a raw one is held.
 */
typeof(seamldr_seamcall) *seamldr_fake_seamcall;
EXPORT_SYMBOL_IF_KUNIT(seamldr_fake_seamcall);
#endif

/**
 * seamldr_seamcall() - Make a call that gives nothing back but its status
 * @fn: the leaf
 * @args: registers in; not changed
 *
 * Here and in seamldr_seamcall_ret() the update meets the hardware, and nowhere
 * else. Does not retry or print.
 *
 * Context: Preemption disabled.
 * Return: The status; %TDX_SEAMCALL_VMFAILINVALID, %TDX_SEAMCALL_GP or
 *	   %TDX_SEAMCALL_UD if the call did not reach the firmware.
 */
u64 seamldr_seamcall(u64 fn, struct tdx_module_args *args)
{
	if (kunit_get_current_test() && seamldr_fake_seamcall)
		return seamldr_fake_seamcall(fn, args);

	return __seamcall_dirty_cache(__seamcall, fn, args);
}

/**
 * seamldr_seamcall_ret() - Make a call that gives registers back
 * @fn: the leaf
 * @args: registers in and out
 *
 * Context: Preemption disabled; calls to the P-SEAMLDR under @seamldr_lock.
 * Return: As seamldr_seamcall().
 */
static u64 seamldr_seamcall_ret(u64 fn, struct tdx_module_args *args)
{
	if (kunit_get_current_test() && seamldr_fake_seamcall)
		return seamldr_fake_seamcall(fn, args);

	return __seamcall_dirty_cache(__seamcall_ret, fn, args);
}

/* Out of line, to keep the usual way short: TDs stand still meanwhile. */
static noinline u64 seamldr_call_again(u64 fn, struct tdx_module_args *args)
{
	u64 status = TDX_SEAMCALL_VMFAILINVALID;
	unsigned int tries;

	for (tries = 1; tries < SEAMLDR_BUSY_TRIES; tries++) {
		udelay(SEAMLDR_BUSY_PAUSE);
		status = seamldr_seamcall_ret(fn, args);
		if (status != TDX_SEAMCALL_VMFAILINVALID)
			break;
	}

	return status;
}

static u64 seamldr_call_until_taken(u64 fn, struct tdx_module_args *args)
{
	u64 status = seamldr_seamcall_ret(fn, args);

	if (likely(status != TDX_SEAMCALL_VMFAILINVALID))
		return status;
	return seamldr_call_again(fn, args);
}

#define NO_CURRENT_VMCS	(~0ULL)

/* Outside VMX operation the instruction faults, and there is nothing to keep. */
static u64 current_vmcs(void)
{
	u64 vmcs_pa = NO_CURRENT_VMCS;

	asm volatile("1: vmptrst %0\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : "+m" (vmcs_pa) : : "cc");
	return vmcs_pa;
}

static void load_vmcs(u64 vmcs_pa)
{
	bool failed;

	asm volatile("vmptrld %1" : "=@ccna" (failed) : "m" (vmcs_pa) : "memory");
	WARN_ON_ONCE(failed);
}

/*
 * Some CPUs lose the current VMCS when the P-SEAMLDR returns. KVM relies on it,
 * so that it has to be loaded again before anything else runs on the CPU.
 */
static u64 seamldr_call(u64 fn, struct tdx_module_args *args)
{
	u64 status, vmcs_pa = NO_CURRENT_VMCS;

	lockdep_assert_held(&seamldr_lock);
	lockdep_assert_irqs_disabled();

	if (boot_cpu_has_bug(X86_BUG_SEAMRET_INVD_VMCS))
		vmcs_pa = current_vmcs();
	status = seamldr_call_until_taken(fn, args);
	if (vmcs_pa != NO_CURRENT_VMCS)
		load_vmcs(vmcs_pa);
	return status;
}

/**
 * seamldr_get_info() - Ask the P-SEAMLDR about itself and the loaded module
 * @info: filled in on success
 *
 * SEAM Loader (SEAMLDR) Interface Specification, "SEAMLDR.INFO".
 *
 * Context: Any context but NMI, with the CPU in VMX operation. Takes the
 *	    P-SEAMLDR's lock, interrupts off; up to a millisecond if it is busy.
 * Return:
 * * %0 - done
 * * %-ENODEV - no P-SEAMLDR, or it stayed busy
 * * %-EIO - it returned an error
 */
int seamldr_get_info(struct seamldr_info *info)
{
	struct tdx_module_args args = { .rcx = __pa_symbol(&info_buffer) };
	u64 status;

	guard(raw_spinlock_irqsave)(&seamldr_lock);

	status = seamldr_call(SEAMLDR_INFO, &args);
	if (status)
		return status == TDX_SEAMCALL_VMFAILINVALID ? -ENODEV : -EIO;

	*info = info_buffer;
	return 0;
}
EXPORT_SYMBOL_FOR_MODULES(seamldr_get_info, "tdx-host,tdx_host_kunit,seamldr_kunit");

static bool reached_seamldr(u64 status)
{
	return status != TDX_SEAMCALL_VMFAILINVALID && status != TDX_SEAMCALL_GP &&
	       status != TDX_SEAMCALL_UD;
}

/**
 * seamldr_install() - Make a CPU's call of an INSTALL session
 * @round: the attempt that the call is part of
 * @cpu: this CPU
 * @failure: what a failure means; written on failure only
 *
 * A session ends when each CPU has called once, and the last call does the work.
 * One more call in an open session is an error, and one after its end opens
 * another session, which blocks the module. So all calls that got through count,
 * whatever they returned, and a CPU whose call has is left out until the session
 * has ended: in a later attempt, or in a later update.
 * SEAM Loader (SEAMLDR) Interface Specification, "SEAMLDR.INSTALL".
 *
 * Context: Interrupts off. Takes the P-SEAMLDR's lock.
 * Return: The status of the call, %TDX_SUCCESS if there was none to make.
 */
u64 seamldr_install(struct seamldr_round *round, unsigned int cpu,
		    struct seamldr_failure *failure)
{
	struct tdx_module_args args = { .rcx = round->params_pa };
	u64 status;

	guard(raw_spinlock)(&seamldr_lock);

	if (round->over || cpumask_test_cpu(cpu, &session_cpus))
		return TDX_SUCCESS;

	status = seamldr_call(SEAMLDR_INSTALL, &args);
	if (status && !reached_seamldr(status)) {
		*failure = (struct seamldr_failure) {};
		return status;
	}

	__cpumask_set_cpu(cpu, &session_cpus);
	round->over = cpumask_subset(round->cpus, &session_cpus);
	if (round->over)
		cpumask_clear(&session_cpus);

	/* RDX has no meaning in a call that succeeded. */
	if (status) {
		failure->unrecoverable = args.rdx;
		failure->of_session = round->over;
	}
	return status;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_install);

/**
 * seamldr_session_is_open() - Does an INSTALL session lack calls of some CPUs?
 *
 * Context: All CPUs are stopped, and none is calling.
 * Return: %true if some CPUs have called and the session has not ended.
 */
bool seamldr_session_is_open(void)
{
	return !cpumask_empty(&session_cpus);
}

static u64 page_pa(const void *addr)
{
	return PFN_PHYS(vmalloc_to_pfn(addr));
}

/**
 * seamldr_fill_params() - Describe an image to SEAMLDR.INSTALL
 * @params: filled in; the page must be physically contiguous
 * @blob: the image, in vmalloc space and aligned to a page; must stay while
 *	  @params is in use
 *
 * Nothing is copied: @params holds the addresses of the image's own pages.
 *
 * Context: Any context.
 * Return:
 * * %0 - done
 * * %-EINVAL - the image is not in pages that can be handed to the P-SEAMLDR
 */
int seamldr_fill_params(struct seamldr_params *params,
			const struct seamldr_blob *blob)
{
	unsigned int i;

	if (WARN_ON_ONCE(!is_vmalloc_addr(blob->sigstruct) ||
			 !PAGE_ALIGNED(blob->sigstruct)))
		return -EINVAL;

	memset(params, 0, sizeof(*params));
	params->version = blob->sigstruct_nr_pages > 1 ? SEAMLDR_PARAMS_VERSION_1 :
							 SEAMLDR_PARAMS_VERSION_0;
	params->scenario = SEAMLDR_SCENARIO_UPDATE;
	params->num_module_pages = blob->module_nr_pages;

	for (i = 0; i < blob->sigstruct_nr_pages; i++)
		params->sigstruct_pa[i] =
			page_pa((const u8 *)blob->sigstruct + i * PAGE_SIZE);
	for (i = 0; i < blob->module_nr_pages; i++)
		params->mod_pages_pa_list[i] = page_pa(blob->module + i * PAGE_SIZE);

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_fill_params);
