// SPDX-License-Identifier: GPL-2.0-only
/*
 * Would the firmware take this image, now?  Finds out without side effects what
 * the P-SEAMLDR would find out only after the running module was shut down.
 */

#define pr_fmt(fmt)	"virt/tdx: " fmt

#include <linux/bitfield.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kconfig.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/smp.h>
#include <linux/types.h>
#include <linux/unaligned.h>

#include <kunit/static_stub.h>
#include <kunit/test-bug.h>
#include <kunit/visibility.h>

#include <asm/cpuid/api.h>
#include <asm/seamldr.h>
#include <asm/tdx.h>

#include "seamldr.h"
#include "tdx.h"

/*
 * What is needed of the running module, kept for when it was shut down and does
 * not answer any more. Protected by the update lock.
 */
static struct {
	u16 seamsvn;
	/* The version of the handoff data that SHUTDOWN wrote */
	u16 written_hv;
	struct tdx_sys_info_handoff handoff;
	struct tdx_sys_info_features features;
} running;

#if IS_ENABLED(CONFIG_KUNIT)
/* Set by a test, as @seamldr_fake_seamcall is: interrupts may be off here. */
typeof(seamldr_read_machine) *seamldr_fake_read_machine;
EXPORT_SYMBOL_IF_KUNIT(seamldr_fake_read_machine);
#endif

/**
 * seamldr_read_machine() - Take down what an update depends on
 * @machine: filled in
 *
 * Context: Any, with CPU hotplug held off. Called with all CPUs stopped, too.
 */
VISIBLE_IF_KUNIT void seamldr_read_machine(struct seamldr_machine *machine)
{
	if (kunit_get_current_test() && seamldr_fake_read_machine) {
		seamldr_fake_read_machine(machine);
		return;
	}

	*machine = (struct seamldr_machine) {
		.status = tdx_module_status(),
		.online = cpu_online_mask,
		.present = cpu_present_mask,
		.nr_td_builds = tdx_nr_td_builds(),
	};
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_read_machine);

static int check_state(const struct seamldr_machine *machine,
		       struct seamldr_verdict *verdict)
{
	enum tdx_module_status status = machine->status;

	if (status == TDX_MODULE_READY || status == TDX_MODULE_SHUTDOWN)
		return 0;
	return seamldr_refuse(verdict, SEAMLDR_REASON_MODULE_STATE, status,
			      TDX_MODULE_READY,
			      status == TDX_MODULE_LOST ? "the module is lost, state" :
							  "no module runs, state");
}

/* Unknown P-SEAMLDRs take one page: SEAMLDR_INFO has no bit for more. */
static int check_sigstruct_pages(const struct seamldr_blob *blob,
				 struct seamldr_verdict *verdict)
{
	if (blob->sigstruct_nr_pages == 1)
		return 0;
	return seamldr_refuse(verdict, SEAMLDR_REASON_SIGSTRUCT_PAGES,
			      blob->sigstruct_nr_pages, 1,
			      "pages that the P-SEAMLDR takes");
}

static int read_info(struct seamldr_info *info, struct seamldr_verdict *verdict)
{
	int ret = seamldr_get_info(info);

	if (ret)
		return seamldr_refuse(verdict, SEAMLDR_REASON_NO_SEAMLDR, -ret, 0,
				      "SEAMLDR.INFO, errno");
	return 0;
}

/**
 * seamldr_read_handoff() - Read what the module says about its own update
 * @handoff: versions of the handoff data
 * @features: feature bits
 *
 * Context: Process context, status %TDX_MODULE_READY.
 * Return: %0, or a negative errno if a field cannot be read.
 */
VISIBLE_IF_KUNIT int seamldr_read_handoff(struct tdx_sys_info_handoff *handoff,
					  struct tdx_sys_info_features *features)
{
	KUNIT_STATIC_STUB_REDIRECT(seamldr_read_handoff, handoff, features);

	return tdx_read_handoff(handoff, features);
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_read_handoff);

static int refresh_running(const struct seamldr_machine *machine,
			   const struct seamldr_info *info,
			   struct seamldr_verdict *verdict)
{
	int ret;

	/* In state shutdown it may be that of a new module that did not come up. */
	if (info->seam_info.valid)
		running.seamsvn = get_unaligned_le16(info->seam_info.tee_tcb_svn);

	if (machine->status != TDX_MODULE_READY)
		return 0;

	ret = seamldr_read_handoff(&running.handoff, &running.features);
	if (ret)
		return seamldr_refuse(verdict, SEAMLDR_REASON_MODULE_STATE, -ret, 0,
				      "TDH.SYS.RD of handoff data, errno");
	if (!(running.features.tdx_features0 & TDX_FEATURES0_TD_PRESERVING))
		return seamldr_refuse(verdict, SEAMLDR_REASON_MODULE_STATE,
				      running.features.tdx_features0,
				      TDX_FEATURES0_TD_PRESERVING,
				      "TDX_FEATURES0, TD preserving");
	return 0;
}

static int check_debug(const struct seam_sigstruct *s,
		       const struct seamldr_info *info,
		       struct seamldr_verdict *verdict)
{
	if (!(s->module_type & SEAM_MODULE_TYPE_DEBUG) || info->seam_debug)
		return 0;
	return seamldr_refuse(verdict, SEAMLDR_REASON_DEBUG_SIGNED, s->module_type, 0,
			      "module_type on a production platform");
}

static void read_cpu_signature(void *signature)
{
	*(u32 *)signature = cpuid_eax(1);
}

/**
 * seamldr_cpu_signature() - Ask a CPU for its model
 * @cpu: the CPU, online
 *
 * Context: Process context, CPU hotplug held off.
 * Return: Its CPUID.1:EAX.
 */
VISIBLE_IF_KUNIT u32 seamldr_cpu_signature(unsigned int cpu)
{
	u32 signature;

	KUNIT_STATIC_STUB_REDIRECT(seamldr_cpu_signature, cpu);

	smp_call_function_single(cpu, read_cpu_signature, &signature, true);
	return signature;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_cpu_signature);

static bool cpu_in_table(const struct seam_sigstruct *s, u32 signature)
{
	unsigned int i;

	for (i = 0; i < s->cpuid_table_size; i++) {
		if (!((s->cpuid_table[i] ^ signature) & ~SEAM_CPUID_STEPPING))
			return true;
	}
	return false;
}

/* Sockets may differ, so that each CPU is asked. */
static int check_cpu_table(const struct seamldr_machine *machine,
			   const struct seam_sigstruct *s,
			   struct seamldr_verdict *verdict)
{
	unsigned int cpu;
	u32 signature;

	lockdep_assert_cpus_held();

	if (!s->cpuid_table_size) {
		if (s->module_type & SEAM_MODULE_TYPE_DEBUG)
			return 0;
		return seamldr_refuse(verdict, SEAMLDR_REASON_CPU_TABLE, 0, 1,
				      "entries in the CPU table");
	}

	for_each_cpu(cpu, machine->online) {
		signature = seamldr_cpu_signature(cpu);
		if (!cpu_in_table(s, signature))
			return seamldr_refuse(verdict, SEAMLDR_REASON_CPU_TABLE,
					      signature, s->cpuid_table[0],
					      "CPUID.1:EAX, first in the CPU table");
	}
	return 0;
}

static int check_svn(const struct seam_sigstruct *s,
		     struct seamldr_verdict *verdict)
{
	unsigned int new_major = FIELD_GET(SEAMSVN_MAJOR, s->seamsvn);
	unsigned int old_major = FIELD_GET(SEAMSVN_MAJOR, running.seamsvn);
	unsigned int new_minor = FIELD_GET(SEAMSVN_MINOR, s->seamsvn);
	unsigned int old_minor = FIELD_GET(SEAMSVN_MINOR, running.seamsvn);

	if (new_major && new_major == old_major && new_minor >= old_minor)
		return 0;
	return seamldr_refuse(verdict, SEAMLDR_REASON_SVN, s->seamsvn,
			      running.seamsvn, "SEAMSVN, same major and no lower");
}

/*
 * The handoff data is written by the old module in a version that it can write
 * (MIN_UPDATE_HV to MODULE_HV) and the new one can read: the highest of both.
 * TDX Module Base Architecture Specification, "TD-Preserving TDX Module Update".
 */
static int check_handoff_version(const struct seam_sigstruct *s,
				 struct seamldr_plan *plan,
				 struct seamldr_verdict *verdict)
{
	const struct tdx_sys_info_handoff *old = &running.handoff;
	u16 lowest, highest;

	if (!plan->need_shutdown) {
		lowest = running.written_hv;
		highest = running.written_hv;
	} else {
		lowest = old->min_update_hv;
		highest = old->module_hv;
		if (old->no_downgrade)
			lowest = max(lowest, highest);
	}

	plan->handoff_version = min(highest, s->module_hv);
	if (plan->handoff_version >= lowest && plan->handoff_version >= s->min_update_hv)
		return 0;
	if (s->module_hv < lowest)
		return seamldr_refuse(verdict, SEAMLDR_REASON_HANDOFF_VERSION,
				      s->module_hv, lowest,
				      "module_hv, lowest the old module writes");
	return seamldr_refuse(verdict, SEAMLDR_REASON_HANDOFF_VERSION,
			      s->min_update_hv, highest,
			      "min_update_hv, highest the old module writes");
}

static int check_updates_left(const struct seamldr_info *info,
			      struct seamldr_verdict *verdict)
{
	if (info->num_remaining_updates)
		return 0;
	return seamldr_refuse(verdict, SEAMLDR_REASON_NO_UPDATES_LEFT, 0, 1,
			      "updates left");
}

/**
 * seamldr_check_moment() - Check what may change at any time
 * @verdict: written on failure only
 *
 * Context: Any, with CPU hotplug held off. Called with all CPUs stopped, too.
 * Return:
 * * %0 - nothing speaks against an update now
 * * %-EBUSY - a present CPU is offline, or a TD is being built
 */
int seamldr_check_moment(struct seamldr_verdict *verdict)
{
	struct seamldr_machine machine;

	seamldr_read_machine(&machine);

	/* An offline CPU cannot call INSTALL: the session would never end. */
	if (!cpumask_equal(machine.online, machine.present))
		return seamldr_refuse(verdict, SEAMLDR_REASON_CPU_OFFLINE,
				      cpumask_weight(machine.online),
				      cpumask_weight(machine.present), "CPUs online");

	/* A TD's measurement does not survive an update before it is final. */
	if (machine.nr_td_builds)
		return seamldr_refuse(verdict, SEAMLDR_REASON_TD_BUILD,
				      machine.nr_td_builds, 0, "TDs being built");
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_check_moment);

static int check_platform(const struct seamldr_machine *machine,
			  const struct seam_sigstruct *s,
			  const struct seamldr_info *info,
			  struct seamldr_plan *plan,
			  struct seamldr_verdict *verdict)
{
	int ret;

	if (!seam_sigstruct_is_known(s))
		return 0;

	ret = check_debug(s, info, verdict);
	ret = ret ?: check_cpu_table(machine, s, verdict);
	ret = ret ?: check_svn(s, verdict);
	ret = ret ?: check_handoff_version(s, plan, verdict);
	return ret;
}

/**
 * seamldr_make_plan() - Check everything about an image that can be checked
 *			 without calling anything that has side effects
 * @image: the image
 * @size: its size in bytes
 * @plan: what an update with this image needs; only valid on success
 * @verdict: written on failure only
 *
 * What may change at any time is left to seamldr_check_moment().
 *
 * Context: Process context. The update lock and CPU hotplug are held.
 * Return:
 * * %0 - the firmware is expected to take the image
 * * %-EMSGSIZE, %-EBADMSG - see seamldr_blob_parse()
 * * %-EBADMSG - not for this platform, or not after the running module
 * * %-ENOSPC - no updates left
 * * %-EIO - the P-SEAMLDR or the module does not answer, or the module is lost
 */
int seamldr_make_plan(const u8 *image, size_t size, struct seamldr_plan *plan,
		      struct seamldr_verdict *verdict)
{
	struct seamldr_machine machine;
	struct seamldr_info info;
	int ret;

	seamldr_read_machine(&machine);
	*plan = (struct seamldr_plan) {};
	ret = seamldr_blob_parse(image, size, &plan->blob, verdict);
	ret = ret ?: check_sigstruct_pages(&plan->blob, verdict);
	ret = ret ?: seamldr_blob_check_sigstruct(&plan->blob, verdict);
	ret = ret ?: check_state(&machine, verdict);
	ret = ret ?: read_info(&info, verdict);
	ret = ret ?: refresh_running(&machine, &info, verdict);
	if (ret)
		return ret;

	plan->need_shutdown = machine.status == TDX_MODULE_READY;
	plan->handoff_version = running.handoff.module_hv;
	plan->avoid_compat_sensitive = running.features.tdx_features0 &
				       TDX_FEATURES0_UPDATE_COMPAT;

	ret = check_platform(&machine, plan->blob.sigstruct, &info, plan, verdict);
	ret = ret ?: check_updates_left(&info, verdict);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_make_plan);

/**
 * seamldr_record_shutdown() - Remember what SHUTDOWN wrote
 * @handoff_version: the version of the handoff data
 *
 * Context: The update lock is held.
 */
void seamldr_record_shutdown(u16 handoff_version)
{
	running.written_hv = handoff_version;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_record_shutdown);
