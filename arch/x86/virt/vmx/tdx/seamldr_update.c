// SPDX-License-Identifier: GPL-2.0-only
/*
 * The update of the running TDX module, from the first call that changes
 * something to the last.
 */

/**
 * DOC: TDX module update
 *
 * All CPUs are stopped, then these steps are taken:
 *
 * ============  =========  ===================================================
 * step          on         when it fails
 * ============  =========  ===================================================
 * arrive        every CPU  (cannot)
 * recheck       one CPU    refused: nothing was changed
 * shutdown      one CPU    refused: nothing was changed
 * install       every CPU  RDX 0: again, at most 10 times, if resources were
 *                          short or a CPU was kept out of the session; then the
 *                          image kept for rollback; then *shutdown*. RDX 1:
 *                          *lost*
 * sys-init      one CPU    the image kept for rollback; then *shutdown*
 * lp-init       every CPU  the same
 * sys-update    one CPU    the same
 * ============  =========  ===================================================
 *
 * In state *shutdown* TDs are frozen, and another upload may bring them back:
 * what the old module handed off stays valid until an update succeeds. In state
 * *lost* there is no module, and no TD, until the next boot.
 *
 * The CPU that is last to finish a step decides what comes next and takes the
 * steps that are for one CPU by itself. So CPUs only meet twice, at the steps
 * that need every one of them.
 *
 * While CPUs are stopped nothing is allocated and nothing is printed: what
 * happens is recorded, and reported after.
 */

#define pr_fmt(fmt)	"virt/tdx: " fmt

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/nmi.h>
#include <linux/printk.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/stop_machine.h>
#include <linux/time64.h>
#include <linux/types.h>

#include <kunit/visibility.h>

#include <asm/barrier.h>
#include <asm/page.h>
#include <asm/seamldr.h>
#include <asm/shared/tdx_errno.h>
#include <asm/tdx.h>
#include <asm/tsc.h>

#include "seamldr.h"
#include "seamldr_update.h"
#include "tdx.h"

#define CREATE_TRACE_POINTS
#include "seamldr_trace.h"

/* One update at a time; also what preflight remembers of the running module */
static DEFINE_MUTEX(seamldr_update_lock);

/*
 * How often the module is asked again when it is busy or short of entropy, and
 * the pause between two, in microseconds: a millisecond in all.
 */
#define MODULE_BUSY_TRIES	100
#define MODULE_BUSY_PAUSE	10

/* TDH.SYS.SHUTDOWN, RCX */
#define SHUTDOWN_AVOID_COMPAT_SENSITIVE	BIT_ULL(16)

struct update_step {
	const char *name;
	void (*run)(struct seamldr_update *update, unsigned int cpu);
	/* Of the TDX module, if @run is not set: takes no operands */
	u64 leaf;
	bool every_cpu;
	enum seamldr_reason reason;
};

/* The first failure of a step is kept, unless another one decides. */
static void step_failed(struct seamldr_update *update, unsigned int cpu,
			u64 status, bool decides)
{
	guard(raw_spinlock)(&update->failure_lock);

	if (update->failed && !decides)
		return;
	update->failed = true;
	update->failure.cpu = cpu;
	update->failure.status = status;
}

static bool module_is_busy(u64 status)
{
	return (status & TDX_SEAMCALL_STATUS_MASK) == TDX_SYS_BUSY ||
	       status == TDX_RND_NO_ENTROPY;
}

/* Out of line, as seamldr_call_again() */
static noinline u64 module_call_again(u64 fn, struct tdx_module_args *args,
				      u64 status)
{
	unsigned int tries;

	for (tries = 1; tries < MODULE_BUSY_TRIES && module_is_busy(status); tries++) {
		udelay(MODULE_BUSY_PAUSE);
		status = seamldr_seamcall(fn, args);
	}

	return status;
}

static u64 module_call(u64 fn, struct tdx_module_args *args)
{
	u64 status = seamldr_seamcall(fn, args);

	if (likely(!status))
		return status;
	return module_call_again(fn, args, status);
}

static void step_arrive(struct seamldr_update *update, unsigned int cpu)
{
	/* Which CPU is last to arrive, and leads, is all that is decided here. */
}

/* What preflight found may have changed until the CPUs were stopped. */
static void step_recheck(struct seamldr_update *update, unsigned int cpu)
{
	if (seamldr_check_moment(&update->verdict))
		step_failed(update, cpu, TDX_SUCCESS, false);
}

static void step_shutdown(struct seamldr_update *update, unsigned int cpu)
{
	const struct seamldr_plan *plan = update->plan;
	struct tdx_module_args args = { .rcx = plan->handoff_version };
	u64 status;

	if (plan->avoid_compat_sensitive)
		args.rcx |= SHUTDOWN_AVOID_COMPAT_SENSITIVE;
	status = module_call(TDH_SYS_SHUTDOWN, &args);
	if (status)
		step_failed(update, cpu, status, false);
}

static void step_install(struct seamldr_update *update, unsigned int cpu)
{
	struct seamldr_failure failure;
	u64 status;

	status = seamldr_install(&update->round, cpu, &failure);
	if (!status)
		return;

	step_failed(update, cpu, status, failure.of_session);
	if (failure.unrecoverable)
		WRITE_ONCE(update->unrecoverable, true);
}

static const struct update_step steps[STEP_END] = {
	[STEP_ARRIVE] = {
		.name = "arrive", .run = step_arrive, .every_cpu = true,
		.reason = SEAMLDR_REASON_MODULE_BUSY,
	},
	[STEP_RECHECK] = {
		.name = "recheck", .run = step_recheck,
	},
	[STEP_SHUTDOWN] = {
		.name = "shutdown", .run = step_shutdown,
		.reason = SEAMLDR_REASON_SHUTDOWN,
	},
	[STEP_INSTALL] = {
		.name = "install", .run = step_install, .every_cpu = true,
		.reason = SEAMLDR_REASON_INSTALL,
	},
	[STEP_SYS_INIT] = {
		.name = "sys-init", .leaf = TDH_SYS_INIT,
		.reason = SEAMLDR_REASON_SYS_INIT,
	},
	[STEP_LP_INIT] = {
		.name = "lp-init", .leaf = TDH_SYS_LP_INIT, .every_cpu = true,
		.reason = SEAMLDR_REASON_LP_INIT,
	},
	[STEP_SYS_UPDATE] = {
		.name = "sys-update", .leaf = TDH_SYS_UPDATE,
		.reason = SEAMLDR_REASON_SYS_UPDATE,
	},
};

static enum update_step_id end(struct seamldr_update *update,
			       enum update_outcome outcome)
{
	update->outcome = outcome;
	return STEP_END;
}

static enum update_step_id install(struct seamldr_update *update)
{
	update->round.over = false;
	update->sessions++;
	return STEP_INSTALL;
}

static enum update_step_id roll_back(struct seamldr_update *update)
{
	update->rolling_back = true;
	update->round.params_pa = update->kept_params_pa;
	update->sessions = 0;
	return install(update);
}

/*
 * Nothing is wrong with the image: the same may do the next moment. Nor is it
 * when a CPU was kept out of a session that others are in, and which only that
 * CPU can end.
 */
static bool is_worth_repeating(u64 status)
{
	return status == SEAMLDR_ENOENTROPY || status == SEAMLDR_ENOMEM ||
	       status == SEAMLDR_EUNSPECERR ||
	       (status == TDX_SEAMCALL_VMFAILINVALID && seamldr_session_is_open());
}

static enum update_step_id after_failure(struct seamldr_update *update)
{
	update->failed = false;
	if (update->step < STEP_INSTALL)
		return end(update, UPDATE_REFUSED);
	if (update->unrecoverable)
		return end(update, UPDATE_LOST);
	if (update->step == STEP_INSTALL &&
	    is_worth_repeating(update->failure.status) &&
	    update->sessions < SEAMLDR_MAX_SESSIONS)
		return install(update);
	if (update->kept_params_pa && !update->rolling_back)
		return roll_back(update);
	return end(update, UPDATE_SHUTDOWN);
}

static enum update_step_id after_success(struct seamldr_update *update)
{
	switch (update->step) {
	case STEP_RECHECK:
		if (update->plan->need_shutdown)
			return STEP_SHUTDOWN;
		fallthrough;
	case STEP_SHUTDOWN:
		return install(update);
	case STEP_SYS_UPDATE:
		return end(update, update->rolling_back ? UPDATE_ROLLED_BACK :
							  UPDATE_DONE);
	default:
		return update->step + 1;
	}
}

static void record_step(struct seamldr_update *update, unsigned int cpu)
{
	struct update_record *record = &update->records[update->nr_records];

	record->step = update->step;
	record->cpu = cpu;
	record->end = rdtsc();
	if (update->nr_records < SEAMLDR_MAX_RECORDS - 1)
		update->nr_records++;

	if (likely(!update->failed))
		return;
	record->cpu = update->failure.cpu;
	record->status = update->failure.status;
	/* Why there was a rollback says more than why that failed, too. */
	if (!update->rolling_back)
		update->cause = *record;
}

static enum update_step_id next_step(struct seamldr_update *update)
{
	return update->failed ? after_failure(update) : after_success(update);
}

static void publish(struct seamldr_update *update, unsigned int generation)
{
	atomic_set(&update->nr_pending, update->nr_cpus);
	/* The step before its number; pairs with seamldr_update_poll(). */
	smp_store_release(&update->generation, generation);
}

static __always_inline void take_step(struct seamldr_update *update,
				      unsigned int cpu)
{
	const struct update_step *step = &steps[update->step];
	u64 status;

	if (step->run) {
		step->run(update, cpu);
		return;
	}

	status = module_call(step->leaf, &update->no_operands);
	if (unlikely(status))
		step_failed(update, cpu, status, false);
}

/* By the CPU that is last to finish a step: all others are waiting. */
static void lead(struct seamldr_update *update, unsigned int cpu)
{
	bool for_every_cpu;

	do {
		record_step(update, cpu);
		update->step = next_step(update);

		for_every_cpu = update->step == STEP_END ||
				steps[update->step].every_cpu;
		if (!for_every_cpu)
			take_step(update, cpu);
	} while (!for_every_cpu);

	publish(update, update->generation + 1);
}

/**
 * seamldr_update_begin() - Make the first step known
 * @update: with @plan, @kept_params_pa, @round.cpus and @round.params_pa filled
 *	    in, all else zero
 *
 * Context: Any context, before CPUs are stopped.
 */
VISIBLE_IF_KUNIT void seamldr_update_begin(struct seamldr_update *update)
{
	update->step = STEP_ARRIVE;
	update->nr_cpus = cpumask_weight(update->round.cpus);
	update->begin = rdtsc();
	raw_spin_lock_init(&update->failure_lock);
	publish(update, 1);
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_update_begin);

/**
 * seamldr_update_poll() - Take the present step, if this CPU has not
 * @update: the update
 * @cpu: this CPU
 * @seen: the generation that this CPU has seen, 0 at first
 *
 * Context: All CPUs are stopped.
 * Return: %true if there is more to come, %false if the update has ended.
 */
VISIBLE_IF_KUNIT bool seamldr_update_poll(struct seamldr_update *update,
					  unsigned int cpu, unsigned int *seen)
{
	/* Pairs with the release in publish(). */
	unsigned int generation = smp_load_acquire(&update->generation);

	if (generation == *seen)
		return true;
	*seen = generation;

	if (update->step == STEP_END)
		return false;

	take_step(update, cpu);
	if (atomic_dec_and_test(&update->nr_pending))
		lead(update, cpu);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_update_poll);

/**
 * seamldr_update_status() - Give the state that an update leaves the module in
 * @update: the update, ended
 *
 * Context: Any context.
 * Return: The state.
 */
VISIBLE_IF_KUNIT enum tdx_module_status
seamldr_update_status(const struct seamldr_update *update)
{
	switch (update->outcome) {
	case UPDATE_REFUSED:
		return update->plan->need_shutdown ? TDX_MODULE_READY :
						     TDX_MODULE_SHUTDOWN;
	case UPDATE_DONE:
	case UPDATE_ROLLED_BACK:
		return TDX_MODULE_READY;
	case UPDATE_SHUTDOWN:
		return TDX_MODULE_SHUTDOWN;
	default:
		return TDX_MODULE_LOST;
	}
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_update_status);

/*
 * The wait has no bound: a CPU that left early could not be called back, and an
 * INSTALL session that a CPU is missing from never ends.
 */
static int update_on_cpu(void *data)
{
	struct seamldr_update *update = data;
	unsigned int cpu = smp_processor_id();
	unsigned int seen = 0, seen_before;

	for (;;) {
		seen_before = seen;
		if (!seamldr_update_poll(update, cpu, &seen))
			break;
		/* Who took a step last made the next one known: no need to wait. */
		if (seen != seen_before)
			continue;

		cpu_relax();
		/* As stop_machine() does while it waits */
		touch_nmi_watchdog();
		rcu_momentary_eqs();
	}

	if (seamldr_update_status(update) == TDX_MODULE_READY)
		tdx_cpu_set_lp_initialized();
	/* No CPU is let go before all are here. */
	if (cpu == cpumask_first(update->round.cpus))
		tdx_set_module_status(seamldr_update_status(update));
	return 0;
}

static enum seamldr_reason install_reason(u64 status)
{
	switch (status) {
	case SEAMLDR_EBADPARAM:
	case SEAMLDR_EBADHANDOFF:
	case SEAMLDR_EUNSUPPORTED:
	case SEAMLDR_EUNSUPCPU:
	case SEAMLDR_EBADSIG:
	case SEAMLDR_EBADHASH:
		return SEAMLDR_REASON_IMAGE_REJECTED;
	case SEAMLDR_ENOMEM:
	case SEAMLDR_ENOENTROPY:
		return SEAMLDR_REASON_SEAMLDR_RESOURCES;
	default:
		return SEAMLDR_REASON_INSTALL;
	}
}

static enum seamldr_reason module_reason(enum update_step_id step, u64 status)
{
	switch (status & TDX_SEAMCALL_STATUS_MASK) {
	case TDX_SYS_BUSY:
		return step == STEP_SHUTDOWN ? SEAMLDR_REASON_MODULE_BUSY :
					       steps[step].reason;
	case TDX_UPDATE_COMPAT_SENSITIVE:
		return SEAMLDR_REASON_TD_BUILD;
	case TDX_SYS_INCOMPATIBLE_SIGSTRUCT:
	case TDX_SYS_INVALID_HANDOFF:
		return SEAMLDR_REASON_IMAGE_REJECTED;
	default:
		return steps[step].reason;
	}
}

static const char * const outcome_text[] = {
	[UPDATE_REFUSED]	= "the module was not touched",
	[UPDATE_ROLLED_BACK]	= "rolled back to the module that ran before",
	[UPDATE_SHUTDOWN]	= "TDs are frozen, upload an image to bring them back",
	[UPDATE_LOST]		= "the module and its TDs are lost, reboot",
};

/**
 * seamldr_update_verdict() - Say why an update did not succeed
 * @update: the update, ended
 * @verdict: written on failure only
 *
 * Context: Any context.
 * Return:
 * * %0 - it succeeded
 * * %-EBUSY - the same image may succeed later
 * * %-EBADMSG - another image may succeed
 * * %-EIO - none of these; always when the module is lost
 */
VISIBLE_IF_KUNIT int seamldr_update_verdict(const struct seamldr_update *update,
					    struct seamldr_verdict *verdict)
{
	const struct update_record *cause = &update->cause;
	enum seamldr_reason reason;
	int ret;

	if (update->outcome == UPDATE_DONE)
		return 0;

	if (cause->step == STEP_RECHECK) {
		const struct seamldr_verdict *v = &update->verdict;

		return seamldr_refuse(verdict, v->reason, v->found, v->wanted, v->text);
	}

	reason = cause->step == STEP_INSTALL ? install_reason(cause->status) :
					       module_reason(cause->step, cause->status);
	ret = seamldr_refuse(verdict, reason, cause->status, TDX_SUCCESS,
			     steps[cause->step].name);
	verdict->cpu = cause->cpu;
	verdict->now = outcome_text[update->outcome];
	return update->outcome == UPDATE_LOST ? -EIO : ret;
}
EXPORT_SYMBOL_IF_KUNIT(seamldr_update_verdict);

static u64 cycles_to_ns(u64 cycles)
{
	return tsc_khz ? mul_u64_u32_div(cycles, NSEC_PER_MSEC, tsc_khz) : 0;
}

static void trace_steps(const struct seamldr_update *update)
{
	u64 begin = update->begin;
	unsigned int i;

	for (i = 0; i < update->nr_records; i++) {
		const struct update_record *record = &update->records[i];

		trace_seamldr_update_step(steps[record->step].name, record->cpu,
					  record->status,
					  cycles_to_ns(record->end - begin));
		begin = record->end;
	}
}

/* The verdict is about the new image: this is about the one kept. */
static void report_rollback(const struct seamldr_update *update)
{
	const struct update_record *last = &update->records[update->nr_records - 1];

	if (update->rolling_back && update->outcome != UPDATE_ROLLED_BACK)
		pr_err("rollback failed: %s on CPU %u: status 0x%016llx\n",
		       steps[last->step].name, last->cpu, last->status);
}

/*
 * Updates are finite. When the last was used up on an image that did not come up,
 * no other can be installed: what was left open for another try is lost.
 */
static int give_up_if_no_updates_left(int ret, struct seamldr_verdict *verdict)
{
	struct seamldr_info info;

	if (!ret || tdx_module_status() != TDX_MODULE_SHUTDOWN ||
	    seamldr_get_info(&info) || info.num_remaining_updates)
		return ret;

	tdx_set_module_status(TDX_MODULE_LOST);
	verdict->now = outcome_text[UPDATE_LOST];
	return -EIO;
}

static int update_locked(const u8 *image, size_t size,
			 struct seamldr_verdict *verdict)
{
	struct seamldr_params *params __free(kfree) = NULL;
	struct seamldr_update *update __free(kfree) = NULL;
	struct seamldr_plan plan;
	int ret;

	ret = seamldr_make_plan(image, size, &plan, verdict);
	if (ret)
		return ret;

	params = kmalloc_obj(*params);
	update = kzalloc_obj(*update);
	if (!params || !update)
		return seamldr_refuse(verdict, SEAMLDR_REASON_NO_MEMORY, 0,
				      sizeof(*params), "bytes");

	ret = seamldr_fill_params(params, &plan.blob);
	if (ret)
		return seamldr_refuse(verdict, SEAMLDR_REASON_INSTALL, -ret, 0,
				      "SEAMLDR_PARAMS, errno");

	update->plan = &plan;
	update->kept_params_pa = seamldr_kept_params_pa();
	update->round.cpus = cpu_online_mask;
	update->round.params_pa = __pa(params);
	seamldr_update_begin(update);

	ret = stop_machine_cpuslocked(update_on_cpu, update, cpu_online_mask);
	if (ret)
		return seamldr_refuse(verdict, SEAMLDR_REASON_MODULE_BUSY, -ret, 0,
				      "CPUs cannot be stopped, errno");

	trace_steps(update);
	report_rollback(update);
	if (plan.need_shutdown && update->outcome != UPDATE_REFUSED)
		seamldr_record_shutdown(plan.handoff_version);
	if (update->outcome == UPDATE_DONE) {
		seamldr_keep_image(image, size);
		tdx_refresh_sysinfo();
	}
	return seamldr_update_verdict(update, verdict);
}

/**
 * seamldr_preflight() - Would an update with this image be begun now?
 * @image: the image
 * @size: its size in bytes
 * @blob: where its parts are, for checks of the caller's own; only valid on
 *	  success
 * @verdict: why not; written on failure only
 *
 * Nothing that is called has side effects.
 *
 * Context: Process context. Takes the update lock and holds off CPU hotplug.
 * Return:
 * * %0 - the firmware is expected to take the image
 * * %-EMSGSIZE - the file is not as long as it should be
 * * %-EBADMSG - another image may do
 * * %-ENOSPC - no updates are left until the next boot
 * * %-EBUSY - the same image may do later
 * * %-EIO - the firmware does not answer, or the module is lost
 */
int seamldr_preflight(const u8 *image, size_t size, struct seamldr_blob *blob,
		      struct seamldr_verdict *verdict)
{
	struct seamldr_plan plan;
	int ret;

	guard(mutex)(&seamldr_update_lock);
	guard(cpus_read_lock)();

	ret = seamldr_make_plan(image, size, &plan, verdict);
	ret = ret ?: seamldr_check_moment(verdict);
	if (!ret)
		*blob = plan.blob;
	return ret;
}
EXPORT_SYMBOL_FOR_MODULES(seamldr_preflight, "tdx-host");

/**
 * seamldr_update() - Replace the running TDX module
 * @image: the image, in vmalloc space and aligned to a page, which nobody
 *	   changes meanwhile
 * @size: its size in bytes
 * @verdict: why it failed; written on failure only
 *
 * Makes the checks of seamldr_preflight() again first; hash and signature are
 * the caller's. Source: TDX Module Base Architecture Specification,
 * "TD-Preserving TDX Module Update".
 *
 * Context: Process context. Takes the update lock, holds off CPU hotplug and
 *	    stops all CPUs.
 * Return:
 * * %0 - the new module runs
 * * %-EMSGSIZE, %-EBADMSG, %-ENOSPC, %-EBUSY, %-EIO - see seamldr_preflight();
 *   what became of the module is in @verdict and in tdx_module_status()
 * * %-ENOMEM - nothing was done
 */
int seamldr_update(const u8 *image, size_t size, struct seamldr_verdict *verdict)
{
	int ret;

	guard(mutex)(&seamldr_update_lock);
	guard(cpus_read_lock)();

	ret = update_locked(image, size, verdict);
	return give_up_if_no_updates_left(ret, verdict);
}
EXPORT_SYMBOL_FOR_MODULES(seamldr_update, "tdx-host");
