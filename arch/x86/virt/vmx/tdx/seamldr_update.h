/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of an update while it goes on.  Apart from seamldr_update.c only for
 * its test, which plays the CPUs.
 */
#ifndef _X86_VIRT_SEAMLDR_UPDATE_H
#define _X86_VIRT_SEAMLDR_UPDATE_H

#include <linux/atomic.h>
#include <linux/kconfig.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

#include <asm/tdx.h>

#include "seamldr.h"

/* INSTALL sessions for one image, when resources are short */
#define SEAMLDR_MAX_SESSIONS	10

/* All steps twice, for the image and the one kept, INSTALL as often as allowed */
#define SEAMLDR_MAX_RECORDS	(2 * (SEAMLDR_MAX_SESSIONS + STEP_END))

/* In the order in which they are taken */
enum update_step_id {
	STEP_ARRIVE,
	STEP_RECHECK,
	STEP_SHUTDOWN,
	STEP_INSTALL,
	STEP_SYS_INIT,
	STEP_LP_INIT,
	STEP_SYS_UPDATE,
	STEP_END,
};

/**
 * enum update_outcome - What became of the module
 * @UPDATE_REFUSED: what it was before; nothing was called that changes anything
 * @UPDATE_DONE: the new one runs
 * @UPDATE_ROLLED_BACK: the one that ran before runs again
 * @UPDATE_SHUTDOWN: none runs, but another upload may succeed
 * @UPDATE_LOST: none runs until the next boot
 */
enum update_outcome {
	UPDATE_REFUSED,
	UPDATE_DONE,
	UPDATE_ROLLED_BACK,
	UPDATE_SHUTDOWN,
	UPDATE_LOST,
};

/**
 * struct update_record - A step that was taken
 * @step: which
 * @cpu: the CPU whose failure counts, or the one that finished last
 * @status: what the firmware said on that CPU; 0 if nobody failed
 * @end: when the step ended and the next one began, by the TSC
 */
struct update_record {
	enum update_step_id step;
	unsigned int cpu;
	u64 status;
	u64 end;
};

/**
 * struct seamldr_update - An update in progress
 * @plan: what preflight found out
 * @kept_params_pa: physical address of SEAMLDR_PARAMS of the image that runs, or
 *		    0 if there is none to go back to
 * @no_operands: what leaves of the module are called with that take none; all
 *		 CPUs use it, nobody writes to it
 * @round: the session as seen by one run of the INSTALL step
 * @generation: changes when @step does; written last, read first
 * @step: the step to take
 * @nr_cpus: CPUs that take part
 * @nr_pending: CPUs that have not finished @step
 * @failure_lock: protects the two below while @step is taken
 * @failed: whether @failure is valid
 * @failure: the failure of @step: for INSTALL that of the call which ended the
 *	     session, if that failed, else the first
 * @unrecoverable: INSTALL failed after the old module's memory was cleared
 * @sessions: INSTALL sessions begun for the present image
 * @rolling_back: the present image is the one kept
 * @outcome: valid at %STEP_END
 * @verdict: why it was refused, if not by the firmware
 * @cause: the step that did not succeed with the new image
 * @records: all steps taken
 * @nr_records: how many
 * @begin: when the first step began, by the TSC
 *
 * Between the change of @generation and the end of the step only @nr_pending,
 * @failed, @failure, @unrecoverable and @round are written, by whatever CPU; all
 * else only by the CPU that finished the step last.
 */
struct seamldr_update {
	const struct seamldr_plan *plan;
	phys_addr_t kept_params_pa;
	struct tdx_module_args no_operands;

	struct seamldr_round round;
	unsigned int generation;
	enum update_step_id step;
	unsigned int nr_cpus;
	atomic_t nr_pending;
	raw_spinlock_t failure_lock;
	bool failed;
	struct {
		unsigned int cpu;
		u64 status;
	} failure;
	bool unrecoverable;

	unsigned int sessions;
	bool rolling_back;
	enum update_outcome outcome;
	struct seamldr_verdict verdict;
	struct update_record cause;

	struct update_record records[SEAMLDR_MAX_RECORDS];
	unsigned int nr_records;
	u64 begin;
};

#if IS_ENABLED(CONFIG_KUNIT)
void seamldr_update_begin(struct seamldr_update *update);
bool seamldr_update_poll(struct seamldr_update *update, unsigned int cpu,
			 unsigned int *seen);
enum tdx_module_status seamldr_update_status(const struct seamldr_update *update);
int seamldr_update_verdict(const struct seamldr_update *update,
			   struct seamldr_verdict *verdict);
#endif

#endif /* _X86_VIRT_SEAMLDR_UPDATE_H */
