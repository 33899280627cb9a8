// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steps of an update: what is called on which CPU, and what becomes of the
 * module when a call fails.
 *
 * Firmware and CPUs are faked. The firmware is a small model that knows which
 * call it expects next, and the CPUs take turns. That they are really stopped
 * and really meet is for tests on a whole machine.
 */

#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/limits.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/types.h>

#include <kunit/test.h>
#include <kunit/test-bug.h>

#include <asm/shared/tdx_errno.h>
#include <asm/tdx.h>

#include "../seamldr.h"
#include "../seamldr_update.h"
#include "../tdx.h"
#include "fake_firmware.h"

/* More CPUs would take more time, and find nothing more. */
#define MAX_CPUS	4

/* Turns of a CPU in which any update has ended */
#define MAX_TURNS	1000

/* How often a call is made that is answered by "busy" */
#define BUSY_TRIES	100

/* Where the images are described; nobody looks there */
#define NEW_PARAMS_PA	SZ_4K
#define KEPT_PARAMS_PA	SZ_8K

#define HANDOFF_VERSION	3
#define AVOID_COMPAT_SENSITIVE	BIT_ULL(16)

/* Of the TDX module: "TDX Module ABI Specification", "Completion Status Codes" */
#define TDX_SYS_STATE_INCORRECT		0xC000050800000000ULL
#define TDX_SYS_INIT_NOT_PENDING	0xC000050000000000ULL
#define COMPAT_SENSITIVE_TWO_TDS	(TDX_UPDATE_COMPAT_SENSITIVE | 2 << 16)

/* A register that nobody wrote may hold anything. */
#define JUNK		0xdeadbeefdeadbeefULL

enum fake_state {
	FAKE_RUNNING,
	FAKE_SHUT_DOWN,
	FAKE_INSTALLED,
	FAKE_INITIALIZED,
	FAKE_GONE,
};

#define ANY_CPU		-1

/**
 * struct fake_fault - A call that fails
 * @fn: the leaf
 * @cpu: on which CPU, or %ANY_CPU
 * @times: calls that fail, from the first that no fault before this one took
 * @status: what they return
 * @rdx: and what they leave in RDX
 * @nr_taken: calls that have failed
 */
struct fake_fault {
	u64 fn;
	int cpu;
	unsigned int times;
	u64 status;
	u64 rdx;
	unsigned int nr_taken;
};

/**
 * struct fake_seam - P-SEAMLDR and TDX module
 * @cpus: the CPUs of the platform
 * @cpu: the one whose turn it is
 * @state: of the TDX module, if no session is open
 * @session: CPUs that have called INSTALL in the open session
 * @lps: CPUs that have called TDH.SYS.LP.INIT
 * @shutdown_rcx: the operand that TDH.SYS.SHUTDOWN should have
 * @installed_pa: SEAMLDR_PARAMS of the image installed last
 * @faults: calls that fail
 * @nr_calls: calls that reached the firmware, by step
 * @mistake: the first call that the firmware would not expect
 */
struct fake_seam {
	struct cpumask cpus;
	unsigned int cpu;
	enum fake_state state;
	struct cpumask session;
	struct cpumask lps;
	u64 shutdown_rcx;
	u64 installed_pa;
	struct fake_fault faults[2];
	unsigned int nr_calls[STEP_END];
	const char *mistake;
};

/**
 * struct update_test - What a test case works with
 * @seam: the firmware
 * @plan: as from preflight
 * @update: the update
 * @kept: whether there is an image to go back to
 * @laggard: the CPU that is last in every round, or %ANY_CPU
 * @pause: turns which the laggard leaves out
 */
struct update_test {
	struct fake_seam seam;
	struct seamldr_plan plan;
	struct seamldr_update update;
	bool kept;
	int laggard;
	unsigned int pause;
};

static u64 mistake(struct fake_seam *seam, const char *what, u64 status)
{
	if (!seam->mistake)
		seam->mistake = what;
	return status;
}

static struct fake_fault *find_fault(struct fake_seam *seam, u64 fn)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seam->faults); i++) {
		struct fake_fault *fault = &seam->faults[i];

		if (fault->fn != fn || fault->nr_taken == fault->times ||
		    (fault->cpu != ANY_CPU && fault->cpu != seam->cpu))
			continue;
		fault->nr_taken++;
		return fault;
	}
	return NULL;
}

static bool fake_gets_through(const struct fake_fault *fault)
{
	return !fault || (fault->status != TDX_SEAMCALL_VMFAILINVALID &&
			  fault->status != TDX_SEAMCALL_GP &&
			  fault->status != TDX_SEAMCALL_UD);
}

/* By the last CPU: SEAM Loader Interface Specification, "SEAMLDR.INSTALL" */
static void fake_end_session(struct fake_seam *seam, u64 params_pa,
			     const struct fake_fault *fault)
{
	cpumask_clear(&seam->session);
	cpumask_clear(&seam->lps);

	if (!fault) {
		seam->state = FAKE_INSTALLED;
		seam->installed_pa = params_pa;
	} else {
		seam->state = fault->rdx ? FAKE_GONE : FAKE_SHUT_DOWN;
	}
}

static u64 fake_install(struct fake_seam *seam, struct tdx_module_args *args,
			const struct fake_fault *fault)
{
	u64 params_pa = args->rcx;

	if (args->rdx)
		return mistake(seam, "INSTALL with RDX not 0", SEAMLDR_EBADPARAM);
	if (params_pa != NEW_PARAMS_PA && params_pa != KEPT_PARAMS_PA)
		return mistake(seam, "INSTALL of no image", SEAMLDR_EBADPARAM);
	if (cpumask_test_cpu(seam->cpu, &seam->session))
		return mistake(seam, "INSTALL twice on a CPU", SEAMLDR_EBADCALL);
	if (seam->state == FAKE_RUNNING)
		return mistake(seam, "INSTALL before SHUTDOWN", SEAMLDR_EBADHANDOFF);
	if (seam->state == FAKE_GONE)
		return mistake(seam, "INSTALL without a module", SEAMLDR_EBADPARAM);

	cpumask_set_cpu(seam->cpu, &seam->session);
	if (cpumask_equal(&seam->session, &seam->cpus))
		fake_end_session(seam, params_pa, fault);

	args->rdx = fault ? fault->rdx : JUNK;
	return fault ? fault->status : TDX_SUCCESS;
}

/* What all calls to the module have in common: when it may be called at all */
static u64 fake_module_call(struct fake_seam *seam, enum fake_state wanted,
			    struct tdx_module_args *args, u64 rcx,
			    const struct fake_fault *fault)
{
	if (!cpumask_empty(&seam->session))
		return mistake(seam, "module called while a session is open",
			       TDX_SEAMCALL_VMFAILINVALID);
	if (seam->state != wanted)
		return mistake(seam, "module called in the wrong order",
			       wanted == FAKE_RUNNING ? TDX_SYS_SHUTDOWN :
							TDX_SYS_STATE_INCORRECT);
	if (args->rcx != rcx)
		return mistake(seam, "module called with the wrong RCX",
			       TDX_OPERAND_INVALID | TDX_OPERAND_ID_RCX);
	return fault ? fault->status : TDX_SUCCESS;
}

static u64 fake_shutdown(struct fake_seam *seam, struct tdx_module_args *args,
			 const struct fake_fault *fault)
{
	u64 status = fake_module_call(seam, FAKE_RUNNING, args, seam->shutdown_rcx, fault);

	if (!status)
		seam->state = FAKE_SHUT_DOWN;
	return status;
}

static u64 fake_sys_init(struct fake_seam *seam, struct tdx_module_args *args,
			 const struct fake_fault *fault)
{
	u64 status = fake_module_call(seam, FAKE_INSTALLED, args, 0, fault);

	if (!status)
		seam->state = FAKE_INITIALIZED;
	return status;
}

static u64 fake_lp_init(struct fake_seam *seam, struct tdx_module_args *args,
			const struct fake_fault *fault)
{
	u64 status = fake_module_call(seam, FAKE_INITIALIZED, args, 0, fault);

	if (status)
		return status;
	if (cpumask_test_and_set_cpu(seam->cpu, &seam->lps))
		return mistake(seam, "LP.INIT twice on a CPU", TDX_SYS_STATE_INCORRECT);
	return TDX_SUCCESS;
}

static u64 fake_sys_update(struct fake_seam *seam, struct tdx_module_args *args,
			   const struct fake_fault *fault)
{
	u64 status = fake_module_call(seam, FAKE_INITIALIZED, args, 0, fault);

	if (status)
		return status;
	if (!cpumask_equal(&seam->lps, &seam->cpus))
		return mistake(seam, "UPDATE before LP.INIT on all CPUs",
			       TDX_SYS_STATE_INCORRECT);
	seam->state = FAKE_RUNNING;
	return TDX_SUCCESS;
}

/* Runs with interrupts off: must not use expectations, which allocate. */
static u64 fake_seamcall(u64 fn, struct tdx_module_args *args)
{
	struct update_test *ctx = kunit_get_current_test()->priv;
	struct fake_seam *seam = &ctx->seam;
	struct fake_fault *fault = find_fault(seam, fn);

	if (!fake_gets_through(fault))
		return fault->status;

	switch (fn) {
	case TDH_SYS_SHUTDOWN:
		seam->nr_calls[STEP_SHUTDOWN]++;
		return fake_shutdown(seam, args, fault);
	case SEAMLDR_INSTALL:
		seam->nr_calls[STEP_INSTALL]++;
		return fake_install(seam, args, fault);
	case TDH_SYS_INIT:
		seam->nr_calls[STEP_SYS_INIT]++;
		return fake_sys_init(seam, args, fault);
	case TDH_SYS_LP_INIT:
		seam->nr_calls[STEP_LP_INIT]++;
		return fake_lp_init(seam, args, fault);
	case TDH_SYS_UPDATE:
		seam->nr_calls[STEP_SYS_UPDATE]++;
		return fake_sys_update(seam, args, fault);
	default:
		return mistake(seam, "a leaf that no update needs", TDX_OPERAND_INVALID);
	}
}

static enum tdx_module_status fake_module_status(const struct fake_seam *seam)
{
	switch (seam->state) {
	case FAKE_RUNNING:
		return TDX_MODULE_READY;
	case FAKE_GONE:
		return TDX_MODULE_LOST;
	default:
		return TDX_MODULE_SHUTDOWN;
	}
}

/* A module that runs on @nr_cpus CPUs, and nothing that fails */
static struct update_test *start(struct kunit *test, unsigned int nr_cpus)
{
	struct update_test *ctx = test->priv;
	unsigned int cpu;

	KUNIT_ASSERT_LE(test, nr_cpus, MAX_CPUS);
	if (nr_cpus > small_cpumask_bits)
		kunit_skip(test, "this kernel runs on fewer CPUs than are faked");
	memset(ctx, 0, sizeof(*ctx));
	for (cpu = 0; cpu < nr_cpus; cpu++)
		cpumask_set_cpu(cpu, &ctx->seam.cpus);

	ctx->plan.need_shutdown = true;
	ctx->plan.handoff_version = HANDOFF_VERSION;
	ctx->seam.shutdown_rcx = HANDOFF_VERSION;
	ctx->laggard = ANY_CPU;
	return ctx;
}

/* The same CPUs and the same module, whatever became of it, for another update */
static void go_on(struct update_test *ctx)
{
	ctx->plan.need_shutdown = ctx->seam.state == FAKE_RUNNING;
	memset(ctx->seam.faults, 0, sizeof(ctx->seam.faults));
	memset(ctx->seam.nr_calls, 0, sizeof(ctx->seam.nr_calls));
}

struct fake_cpus {
	unsigned int seen[MAX_CPUS];
	bool left[MAX_CPUS];
};

static void take_turn(struct kunit *test, struct fake_cpus *cpus, unsigned int cpu)
{
	struct update_test *ctx = test->priv;

	if (cpus->left[cpu])
		return;
	ctx->seam.cpu = cpu;
	scoped_guard(irqsave)
		cpus->left[cpu] = !seamldr_update_poll(&ctx->update, cpu,
						       &cpus->seen[cpu]);
}

static void take_turns(struct kunit *test, struct fake_cpus *cpus, unsigned int turn)
{
	struct update_test *ctx = test->priv;
	unsigned int cpu;

	for_each_cpu(cpu, &ctx->seam.cpus) {
		if (cpu != ctx->laggard)
			take_turn(test, cpus, cpu);
	}
	if (ctx->laggard != ANY_CPU && turn % (ctx->pause + 1) == ctx->pause)
		take_turn(test, cpus, ctx->laggard);
}

static bool all_left(const struct update_test *ctx, const struct fake_cpus *cpus)
{
	unsigned int cpu;

	for_each_cpu(cpu, &ctx->seam.cpus) {
		if (!cpus->left[cpu])
			return false;
	}
	return true;
}

static void run_update(struct kunit *test)
{
	struct update_test *ctx = test->priv;
	struct seamldr_update *update = &ctx->update;
	struct fake_cpus cpus = {};
	unsigned int turn;

	*update = (struct seamldr_update) {
		.plan = &ctx->plan,
		.kept_params_pa = ctx->kept ? KEPT_PARAMS_PA : 0,
		.round = {
			.cpus = &ctx->seam.cpus,
			.params_pa = NEW_PARAMS_PA,
		},
	};
	seamldr_update_begin(update);
	for (turn = 0; turn < MAX_TURNS && !all_left(ctx, &cpus); turn++)
		take_turns(test, &cpus, turn);

	KUNIT_ASSERT_TRUE_MSG(test, all_left(ctx, &cpus), "the update does not end");
	if (ctx->seam.mistake)
		KUNIT_FAIL(test, "the firmware saw: %s", ctx->seam.mistake);
}

static const char * const outcome_names[] = {
	[UPDATE_REFUSED]	= "refused",
	[UPDATE_DONE]		= "done",
	[UPDATE_ROLLED_BACK]	= "rolled back",
	[UPDATE_SHUTDOWN]	= "shutdown",
	[UPDATE_LOST]		= "lost",
};

/* What the user is told about the module, in part */
static const char * const outcome_words[] = {
	[UPDATE_REFUSED]	= "not touched",
	[UPDATE_ROLLED_BACK]	= "rolled back",
	[UPDATE_SHUTDOWN]	= "upload an image",
	[UPDATE_LOST]		= "reboot",
};

/* The outcome, and that the kernel and the firmware agree on it */
static void expect_outcome(struct kunit *test, enum update_outcome outcome,
			   const char *what)
{
	struct update_test *ctx = test->priv;

	KUNIT_EXPECT_STREQ_MSG(test, outcome_names[outcome],
			       outcome_names[ctx->update.outcome], "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, fake_module_status(&ctx->seam),
			    seamldr_update_status(&ctx->update), "%s", what);
	if (outcome == UPDATE_DONE)
		KUNIT_EXPECT_EQ_MSG(test, NEW_PARAMS_PA, ctx->seam.installed_pa, "%s", what);
	if (outcome == UPDATE_ROLLED_BACK)
		KUNIT_EXPECT_EQ_MSG(test, KEPT_PARAMS_PA, ctx->seam.installed_pa, "%s", what);
}

static void expect_success(struct kunit *test, const char *what)
{
	struct update_test *ctx = test->priv;
	struct seamldr_verdict verdict = {};

	expect_outcome(test, UPDATE_DONE, what);
	KUNIT_EXPECT_EQ_MSG(test, 0, seamldr_update_verdict(&ctx->update, &verdict),
			    "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, SEAMLDR_REASON_NONE, verdict.reason, "%s", what);
}

static void expect_failure(struct kunit *test, enum update_outcome outcome, int err,
			   enum seamldr_reason reason, u64 status, int cpu,
			   const char *what)
{
	struct update_test *ctx = test->priv;
	struct seamldr_verdict verdict = {};

	expect_outcome(test, outcome, what);
	KUNIT_EXPECT_EQ_MSG(test, err, seamldr_update_verdict(&ctx->update, &verdict),
			    "%s", what);
	KUNIT_EXPECT_STREQ_MSG(test, seamldr_reason_token(reason),
			       seamldr_reason_token(verdict.reason), "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, status, verdict.found, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, cpu, verdict.cpu, "%s", what);
	KUNIT_EXPECT_NOT_NULL_MSG(test, verdict.text, "%s", what);
	KUNIT_ASSERT_NOT_NULL_MSG(test, verdict.now, "%s", what);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(verdict.now, outcome_words[outcome]),
				  "%s: %s", what, verdict.now);
}

/* The next update on the same machine succeeds, unless the module is lost. */
static void expect_next_update_succeeds(struct kunit *test, const char *what)
{
	go_on(test->priv);
	run_update(test);
	expect_success(test, what);
}

struct nr_cpus_case {
	const char *desc;
	unsigned int nr_cpus;
};

static const struct nr_cpus_case nr_cpus_cases[] = {
	{ "1_cpu",	1 },
	{ "2_cpus",	2 },
	{ "3_cpus",	3 },
	{ "4_cpus",	MAX_CPUS },
};

KUNIT_ARRAY_PARAM_DESC(nr_cpus, nr_cpus_cases, desc);

static unsigned int nr_cpus_of(struct kunit *test)
{
	const struct nr_cpus_case *row = test->param_value;

	return row->nr_cpus;
}

static void expect_calls(struct kunit *test, enum update_step_id step, unsigned int nr)
{
	struct update_test *ctx = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, nr, ctx->seam.nr_calls[step], "step %d", step);
}

static void expect_records(struct kunit *test, const enum update_step_id *steps,
			   unsigned int nr)
{
	struct update_test *ctx = test->priv;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, nr, ctx->update.nr_records);
	for (i = 0; i < nr; i++) {
		const struct update_record *record = &ctx->update.records[i];

		KUNIT_EXPECT_EQ_MSG(test, steps[i], record->step, "record %u", i);
		KUNIT_EXPECT_TRUE_MSG(test, cpumask_test_cpu(record->cpu, &ctx->seam.cpus),
				      "record %u", i);
	}
}

static void update_of_running_module(struct kunit *test)
{
	static const enum update_step_id steps[] = {
		STEP_ARRIVE, STEP_RECHECK, STEP_SHUTDOWN, STEP_INSTALL, STEP_SYS_INIT,
		STEP_LP_INIT, STEP_SYS_UPDATE,
	};
	unsigned int nr_cpus = nr_cpus_of(test);

	start(test, nr_cpus);
	run_update(test);

	expect_success(test, "update");
	expect_calls(test, STEP_SHUTDOWN, 1);
	expect_calls(test, STEP_INSTALL, nr_cpus);
	expect_calls(test, STEP_SYS_INIT, 1);
	expect_calls(test, STEP_LP_INIT, nr_cpus);
	expect_calls(test, STEP_SYS_UPDATE, 1);
	expect_records(test, steps, ARRAY_SIZE(steps));
}

static void update_of_module_that_was_shut_down(struct kunit *test)
{
	static const enum update_step_id steps[] = {
		STEP_ARRIVE, STEP_RECHECK, STEP_INSTALL, STEP_SYS_INIT, STEP_LP_INIT,
		STEP_SYS_UPDATE,
	};
	struct update_test *ctx = start(test, nr_cpus_of(test));

	ctx->plan.need_shutdown = false;
	ctx->seam.state = FAKE_SHUT_DOWN;
	run_update(test);

	expect_success(test, "update");
	expect_calls(test, STEP_SHUTDOWN, 0);
	expect_records(test, steps, ARRAY_SIZE(steps));
}

static void update_has_image_to_go_back_to(struct kunit *test)
{
	struct update_test *ctx = start(test, nr_cpus_of(test));

	ctx->kept = true;
	run_update(test);

	expect_success(test, "update");
	expect_calls(test, STEP_INSTALL, nr_cpus_of(test));
}

struct shutdown_case {
	const char *desc;
	u16 handoff_version;
	bool avoid_compat_sensitive;
	u64 rcx;
};

static const struct shutdown_case shutdown_cases[] = {
	{ "version_0",			0, false, 0 },
	{ "version_1",			1, false, 1 },
	{ "highest_version",		U16_MAX, false, U16_MAX },
	{ "version_0_if_no_td_build",	0, true, AVOID_COMPAT_SENSITIVE },
	{ "highest_version_if_no_td_build",
	  U16_MAX, true, AVOID_COMPAT_SENSITIVE | U16_MAX },
};

KUNIT_ARRAY_PARAM_DESC(shutdown, shutdown_cases, desc);

static void shutdown_is_told_handoff_version(struct kunit *test)
{
	const struct shutdown_case *row = test->param_value;
	struct update_test *ctx = start(test, MAX_CPUS);

	ctx->plan.handoff_version = row->handoff_version;
	ctx->plan.avoid_compat_sensitive = row->avoid_compat_sensitive;
	ctx->seam.shutdown_rcx = row->rcx;
	run_update(test);

	expect_success(test, row->desc);
}

static void cpu_that_comes_late_is_waited_for(struct kunit *test)
{
	static const unsigned int pauses[] = { 1, 2, 7 };
	unsigned int cpu, i, nr_cpus = nr_cpus_of(test);

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		for (i = 0; i < ARRAY_SIZE(pauses); i++) {
			struct update_test *ctx = start(test, nr_cpus);

			ctx->laggard = cpu;
			ctx->pause = pauses[i];
			run_update(test);

			expect_success(test, "update");
			expect_calls(test, STEP_INSTALL, nr_cpus);
			expect_calls(test, STEP_LP_INIT, nr_cpus);
		}
	}
}

/* A step that one CPU has not taken must hold up all others, and only once. */
static void poll_before_the_others_does_nothing(struct kunit *test)
{
	struct update_test *ctx = start(test, 2);
	struct fake_cpus cpus = {};
	unsigned int i;

	ctx->update = (struct seamldr_update) {
		.plan = &ctx->plan,
		.round = { .cpus = &ctx->seam.cpus, .params_pa = NEW_PARAMS_PA },
	};
	seamldr_update_begin(&ctx->update);

	for (i = 0; i < MAX_TURNS; i++)
		take_turn(test, &cpus, 0);
	KUNIT_EXPECT_EQ(test, STEP_ARRIVE, ctx->update.step);
	KUNIT_EXPECT_EQ(test, FAKE_RUNNING, ctx->seam.state);
	expect_calls(test, STEP_SHUTDOWN, 0);

	take_turn(test, &cpus, 1);
	KUNIT_EXPECT_EQ(test, STEP_INSTALL, ctx->update.step);
	expect_calls(test, STEP_SHUTDOWN, 1);

	for (i = 0; i < MAX_TURNS; i++)
		take_turn(test, &cpus, 1);
	expect_calls(test, STEP_INSTALL, 1);

	for (i = 0; i < MAX_TURNS && !all_left(ctx, &cpus); i++)
		take_turns(test, &cpus, i);
	expect_success(test, "update");
}

/**
 * struct failure_case - A call that fails for good
 * @desc: leaf and status
 * @fn: the leaf
 * @status: what it returns
 * @rdx: what it leaves in RDX
 * @times: how often it has to be returned: less often, the update succeeds
 * @outcome: what becomes of the module if there is no image to go back to
 * @err: what the update returns
 * @reason: and why
 */
struct failure_case {
	const char *desc;
	u64 fn;
	u64 status;
	u64 rdx;
	unsigned int times;
	enum update_outcome outcome;
	int err;
	enum seamldr_reason reason;
};

static const struct failure_case failure_cases[] = {
	/* Before anything has changed */
	{ "shutdown_busy", TDH_SYS_SHUTDOWN, TDX_SYS_BUSY, 0, BUSY_TRIES,
	  UPDATE_REFUSED, -EBUSY, SEAMLDR_REASON_MODULE_BUSY },
	{ "shutdown_busy_with_details", TDH_SYS_SHUTDOWN, TDX_SYS_BUSY | 1, 0, BUSY_TRIES,
	  UPDATE_REFUSED, -EBUSY, SEAMLDR_REASON_MODULE_BUSY },
	{ "shutdown_during_td_build", TDH_SYS_SHUTDOWN, COMPAT_SENSITIVE_TWO_TDS, 0, 1,
	  UPDATE_REFUSED, -EBUSY, SEAMLDR_REASON_TD_BUILD },
	{ "shutdown_operand_invalid", TDH_SYS_SHUTDOWN, TDX_OPERAND_INVALID, 0, 1,
	  UPDATE_REFUSED, -EIO, SEAMLDR_REASON_SHUTDOWN },
	{ "shutdown_without_module", TDH_SYS_SHUTDOWN, TDX_SEAMCALL_VMFAILINVALID, 0, 1,
	  UPDATE_REFUSED, -EIO, SEAMLDR_REASON_SHUTDOWN },

	/* Another image may do */
	{ "install_ebadparam", SEAMLDR_INSTALL, SEAMLDR_EBADPARAM, 0, 1,
	  UPDATE_SHUTDOWN, -EBADMSG, SEAMLDR_REASON_IMAGE_REJECTED },
	{ "install_ebadhandoff", SEAMLDR_INSTALL, SEAMLDR_EBADHANDOFF, 0, 1,
	  UPDATE_SHUTDOWN, -EBADMSG, SEAMLDR_REASON_IMAGE_REJECTED },
	{ "install_eunsupported", SEAMLDR_INSTALL, SEAMLDR_EUNSUPPORTED, 0, 1,
	  UPDATE_SHUTDOWN, -EBADMSG, SEAMLDR_REASON_IMAGE_REJECTED },
	{ "install_eunsupcpu", SEAMLDR_INSTALL, SEAMLDR_EUNSUPCPU, 0, 1,
	  UPDATE_SHUTDOWN, -EBADMSG, SEAMLDR_REASON_IMAGE_REJECTED },
	{ "install_ebadsig", SEAMLDR_INSTALL, SEAMLDR_EBADSIG, 0, 1,
	  UPDATE_SHUTDOWN, -EBADMSG, SEAMLDR_REASON_IMAGE_REJECTED },
	{ "install_ebadhash", SEAMLDR_INSTALL, SEAMLDR_EBADHASH, 0, 1,
	  UPDATE_SHUTDOWN, -EBADMSG, SEAMLDR_REASON_IMAGE_REJECTED },

	/* The same image may do in another session */
	{ "install_enomem", SEAMLDR_INSTALL, SEAMLDR_ENOMEM, 0, SEAMLDR_MAX_SESSIONS,
	  UPDATE_SHUTDOWN, -EBUSY, SEAMLDR_REASON_SEAMLDR_RESOURCES },
	{ "install_enoentropy", SEAMLDR_INSTALL, SEAMLDR_ENOENTROPY, 0,
	  SEAMLDR_MAX_SESSIONS, UPDATE_SHUTDOWN, -EBUSY, SEAMLDR_REASON_SEAMLDR_RESOURCES },
	{ "install_eunspecerr", SEAMLDR_INSTALL, SEAMLDR_EUNSPECERR, 0,
	  SEAMLDR_MAX_SESSIONS, UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_INSTALL },

	/* Neither */
	{ "install_ebadcall", SEAMLDR_INSTALL, SEAMLDR_EBADCALL, 0, 1,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_INSTALL },
	{ "install_fault", SEAMLDR_INSTALL, TDX_SEAMCALL_GP, 0, 1,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_INSTALL },
	{ "install_outside_vmx_operation", SEAMLDR_INSTALL, TDX_SEAMCALL_UD, 0, 1,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_INSTALL },

	/* After the old module was cleared */
	{ "install_ebadhash_unrecoverable", SEAMLDR_INSTALL, SEAMLDR_EBADHASH, 1, 1,
	  UPDATE_LOST, -EIO, SEAMLDR_REASON_IMAGE_REJECTED },
	{ "install_ebadparam_unrecoverable", SEAMLDR_INSTALL, SEAMLDR_EBADPARAM, 1, 1,
	  UPDATE_LOST, -EIO, SEAMLDR_REASON_IMAGE_REJECTED },
	{ "install_enomem_unrecoverable", SEAMLDR_INSTALL, SEAMLDR_ENOMEM, 1, 1,
	  UPDATE_LOST, -EIO, SEAMLDR_REASON_SEAMLDR_RESOURCES },
	{ "install_enoentropy_unrecoverable", SEAMLDR_INSTALL, SEAMLDR_ENOENTROPY, 1, 1,
	  UPDATE_LOST, -EIO, SEAMLDR_REASON_SEAMLDR_RESOURCES },

	/* The new module does not come up */
	{ "sys_init_busy", TDH_SYS_INIT, TDX_SYS_BUSY, 0, BUSY_TRIES,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_SYS_INIT },
	{ "sys_init_no_entropy", TDH_SYS_INIT, TDX_RND_NO_ENTROPY, 0, BUSY_TRIES,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_SYS_INIT },
	{ "sys_init_not_pending", TDH_SYS_INIT, TDX_SYS_INIT_NOT_PENDING, 0, 1,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_SYS_INIT },
	{ "sys_init_without_module", TDH_SYS_INIT, TDX_SEAMCALL_VMFAILINVALID, 0, 1,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_SYS_INIT },
	{ "lp_init_busy", TDH_SYS_LP_INIT, TDX_SYS_BUSY, 0, BUSY_TRIES,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_LP_INIT },
	{ "lp_init_no_entropy", TDH_SYS_LP_INIT, TDX_RND_NO_ENTROPY, 0, BUSY_TRIES,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_LP_INIT },
	{ "lp_init_incompatible", TDH_SYS_LP_INIT, TDX_SYS_INCOMPATIBLE_SIGSTRUCT, 0, 1,
	  UPDATE_SHUTDOWN, -EBADMSG, SEAMLDR_REASON_IMAGE_REJECTED },
	{ "lp_init_state_incorrect", TDH_SYS_LP_INIT, TDX_SYS_STATE_INCORRECT, 0, 1,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_LP_INIT },
	{ "sys_update_busy", TDH_SYS_UPDATE, TDX_SYS_BUSY, 0, BUSY_TRIES,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_SYS_UPDATE },
	{ "sys_update_invalid_handoff", TDH_SYS_UPDATE, TDX_SYS_INVALID_HANDOFF, 0, 1,
	  UPDATE_SHUTDOWN, -EBADMSG, SEAMLDR_REASON_IMAGE_REJECTED },
	{ "sys_update_state_incorrect", TDH_SYS_UPDATE, TDX_SYS_STATE_INCORRECT, 0, 1,
	  UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_SYS_UPDATE },
};

KUNIT_ARRAY_PARAM_DESC(failure, failure_cases, desc);

/* @cpu is last in every round, so that it makes the calls for all, too. */
static struct update_test *start_failure(struct kunit *test, unsigned int nr_cpus,
					 unsigned int cpu, unsigned int times)
{
	const struct failure_case *row = test->param_value;
	struct update_test *ctx = start(test, nr_cpus);

	ctx->laggard = cpu;
	ctx->seam.faults[0] = (struct fake_fault) {
		.fn = row->fn,
		.cpu = cpu,
		.times = times,
		.status = row->status,
		.rdx = row->rdx,
	};
	return ctx;
}

/* A failure that leaves nothing that runs is what an image is kept for. */
static enum update_outcome outcome_with_image(enum update_outcome outcome)
{
	return outcome == UPDATE_SHUTDOWN ? UPDATE_ROLLED_BACK : outcome;
}

static void fail_on_cpu(struct kunit *test, unsigned int nr_cpus, unsigned int cpu,
			bool kept)
{
	const struct failure_case *row = test->param_value;
	struct update_test *ctx = start_failure(test, nr_cpus, cpu, row->times);
	char what[sizeof("with image, CPU 0 of 0")];

	scnprintf(what, sizeof(what), "%s image, CPU %u of %u", kept ? "with" : "no", cpu,
		  nr_cpus);
	ctx->kept = kept;
	run_update(test);

	expect_failure(test, kept ? outcome_with_image(row->outcome) : row->outcome,
		       row->err, row->reason, row->status, cpu, what);
	if (ctx->seam.state != FAKE_GONE)
		expect_next_update_succeeds(test, what);
}

static void call_fails(struct kunit *test)
{
	unsigned int cpu, nr_cpus;

	for (nr_cpus = 1; nr_cpus <= MAX_CPUS; nr_cpus++) {
		for (cpu = 0; cpu < nr_cpus; cpu++) {
			fail_on_cpu(test, nr_cpus, cpu, false);
			fail_on_cpu(test, nr_cpus, cpu, true);
		}
	}
}

static void call_fails_not_often_enough(struct kunit *test)
{
	const struct failure_case *row = test->param_value;
	unsigned int cpu, nr_cpus;

	for (nr_cpus = 1; nr_cpus <= MAX_CPUS; nr_cpus++) {
		for (cpu = 0; cpu < nr_cpus; cpu++) {
			start_failure(test, nr_cpus, cpu, row->times - 1);
			run_update(test);
			expect_success(test, row->desc);
		}
	}
}

/* Nothing must be called after the module was lost. */
static void lost_module_is_left_alone(struct kunit *test)
{
	unsigned int nr_cpus = nr_cpus_of(test);
	struct update_test *ctx = start(test, nr_cpus);

	ctx->kept = true;
	ctx->seam.faults[0] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL,
		.cpu = nr_cpus - 1,
		.times = 1,
		.status = SEAMLDR_ENOMEM,
		.rdx = 1,
	};
	run_update(test);

	expect_outcome(test, UPDATE_LOST, "update");
	expect_calls(test, STEP_INSTALL, nr_cpus);
	expect_calls(test, STEP_SYS_INIT, 0);
	expect_calls(test, STEP_LP_INIT, 0);
	expect_calls(test, STEP_SYS_UPDATE, 0);
}

/* Whatever others got, the call that ends a session says what became of it. */
static void lost_module_behind_another_failure(struct kunit *test)
{
	struct update_test *ctx = start(test, MAX_CPUS);

	ctx->kept = true;
	ctx->seam.faults[0] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL, .cpu = 1, .times = 1,
		.status = SEAMLDR_EBADCALL,
	};
	ctx->seam.faults[1] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL, .cpu = MAX_CPUS - 1, .times = 1,
		.status = SEAMLDR_EBADHASH, .rdx = 1,
	};
	run_update(test);

	expect_failure(test, UPDATE_LOST, -EIO, SEAMLDR_REASON_IMAGE_REJECTED,
		       SEAMLDR_EBADHASH, MAX_CPUS - 1, "update");
	expect_calls(test, STEP_INSTALL, MAX_CPUS);
}

static void session_is_repeated_in_spite_of_another_failure(struct kunit *test)
{
	struct update_test *ctx = start(test, MAX_CPUS);

	ctx->seam.faults[0] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL, .cpu = 1, .times = 1,
		.status = SEAMLDR_EBADCALL,
	};
	ctx->seam.faults[1] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL, .cpu = MAX_CPUS - 1, .times = 1,
		.status = SEAMLDR_ENOMEM,
	};
	run_update(test);

	expect_success(test, "update");
	expect_calls(test, STEP_INSTALL, 2 * MAX_CPUS);
}

/* A session that is not ended by all CPUs would block the module for ever. */
static void all_cpus_install_if_one_fails(struct kunit *test)
{
	unsigned int cpu, nr_cpus = nr_cpus_of(test);

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		struct update_test *ctx = start(test, nr_cpus);

		ctx->seam.faults[0] = (struct fake_fault) {
			.fn = SEAMLDR_INSTALL, .cpu = cpu, .times = 1,
			.status = SEAMLDR_EBADCALL,
		};
		run_update(test);

		expect_failure(test, UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_INSTALL,
			       SEAMLDR_EBADCALL, cpu, "update");
		expect_calls(test, STEP_INSTALL, nr_cpus);
		KUNIT_EXPECT_TRUE(test, cpumask_empty(&ctx->seam.session));
		expect_next_update_succeeds(test, "next update");
	}
}

/* A CPU that is kept out of a session tries again while others are in it. */
static unsigned int tries_to_get_in(unsigned int nr_cpus)
{
	return nr_cpus > 1 ? SEAMLDR_MAX_SESSIONS * BUSY_TRIES : BUSY_TRIES;
}

static void cpu_that_is_kept_out_ends_session_later(struct kunit *test)
{
	unsigned int cpu, nr_cpus = nr_cpus_of(test);

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		struct update_test *ctx = start(test, nr_cpus);

		ctx->seam.faults[0] = (struct fake_fault) {
			.fn = SEAMLDR_INSTALL, .cpu = cpu,
			.times = tries_to_get_in(nr_cpus) - 1,
			.status = TDX_SEAMCALL_VMFAILINVALID,
		};
		run_update(test);
		expect_success(test, "update");
		expect_calls(test, STEP_INSTALL, nr_cpus);
	}
}

static void kept_image_ends_open_session(struct kunit *test)
{
	unsigned int cpu, nr_cpus = nr_cpus_of(test);

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		struct update_test *ctx = start(test, nr_cpus);

		ctx->kept = true;
		ctx->seam.faults[0] = (struct fake_fault) {
			.fn = SEAMLDR_INSTALL, .cpu = cpu,
			.times = tries_to_get_in(nr_cpus),
			.status = TDX_SEAMCALL_VMFAILINVALID,
		};
		run_update(test);
		expect_failure(test, UPDATE_ROLLED_BACK, -EIO, SEAMLDR_REASON_INSTALL,
			       TDX_SEAMCALL_VMFAILINVALID, cpu, "update");
		expect_calls(test, STEP_INSTALL, nr_cpus);
	}
}

static void next_update_completes_open_session(struct kunit *test)
{
	unsigned int cpu, nr_cpus = nr_cpus_of(test);

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		struct update_test *ctx = start(test, nr_cpus);

		ctx->seam.faults[0] = (struct fake_fault) {
			.fn = SEAMLDR_INSTALL, .cpu = cpu,
			.times = tries_to_get_in(nr_cpus),
			.status = TDX_SEAMCALL_VMFAILINVALID,
		};
		run_update(test);
		expect_failure(test, UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_INSTALL,
			       TDX_SEAMCALL_VMFAILINVALID, cpu, "first update");
		expect_calls(test, STEP_INSTALL, nr_cpus - 1);

		expect_next_update_succeeds(test, "next update");
		/* One CPU ends the open session; alone, it is a session of its own. */
		expect_calls(test, STEP_INSTALL, 1);
	}
}

static void next_updates_complete_open_session_in_turn(struct kunit *test)
{
	struct update_test *ctx = start(test, MAX_CPUS);
	unsigned int i;

	for (i = 0; i < 2; i++)
		ctx->seam.faults[i] = (struct fake_fault) {
			.fn = SEAMLDR_INSTALL, .cpu = 1 + i,
			.times = tries_to_get_in(MAX_CPUS),
			.status = TDX_SEAMCALL_VMFAILINVALID,
		};
	run_update(test);
	expect_outcome(test, UPDATE_SHUTDOWN, "first update");
	expect_calls(test, STEP_INSTALL, MAX_CPUS - 2);

	go_on(ctx);
	ctx->seam.faults[0] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL, .cpu = 1, .times = tries_to_get_in(MAX_CPUS),
		.status = TDX_SEAMCALL_VMFAILINVALID,
	};
	run_update(test);
	expect_outcome(test, UPDATE_SHUTDOWN, "second update");
	expect_calls(test, STEP_INSTALL, 1);

	expect_next_update_succeeds(test, "third update");
	expect_calls(test, STEP_INSTALL, 1);
}

static void no_cpu_reaches_seamldr(struct kunit *test)
{
	unsigned int nr_cpus = nr_cpus_of(test);
	struct update_test *ctx = start(test, nr_cpus);

	ctx->seam.faults[0] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL, .cpu = ANY_CPU, .times = nr_cpus * BUSY_TRIES,
		.status = TDX_SEAMCALL_VMFAILINVALID,
	};
	run_update(test);

	expect_failure(test, UPDATE_SHUTDOWN, -EIO, SEAMLDR_REASON_INSTALL,
		       TDX_SEAMCALL_VMFAILINVALID, 0, "update");
	expect_calls(test, STEP_INSTALL, 0);

	expect_next_update_succeeds(test, "next update");
	expect_calls(test, STEP_INSTALL, nr_cpus);
}

/* The kept image is tried as often as the new one was. */
static void rollback_has_sessions_of_its_own(struct kunit *test)
{
	unsigned int nr_cpus = nr_cpus_of(test);
	struct update_test *ctx = start(test, nr_cpus);

	ctx->kept = true;
	ctx->seam.faults[0] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL, .cpu = nr_cpus - 1,
		.times = 2 * SEAMLDR_MAX_SESSIONS - 1,
		.status = SEAMLDR_ENOMEM,
	};
	run_update(test);

	expect_failure(test, UPDATE_ROLLED_BACK, -EBUSY, SEAMLDR_REASON_SEAMLDR_RESOURCES,
		       SEAMLDR_ENOMEM, nr_cpus - 1, "update");
	expect_calls(test, STEP_INSTALL, 2 * SEAMLDR_MAX_SESSIONS * nr_cpus);
}

static void rollback_fails_for_want_of_memory(struct kunit *test)
{
	unsigned int nr_cpus = nr_cpus_of(test);
	struct update_test *ctx = start(test, nr_cpus);

	ctx->kept = true;
	ctx->seam.faults[0] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL, .cpu = nr_cpus - 1,
		.times = 2 * SEAMLDR_MAX_SESSIONS,
		.status = SEAMLDR_ENOMEM,
	};
	run_update(test);

	expect_failure(test, UPDATE_SHUTDOWN, -EBUSY, SEAMLDR_REASON_SEAMLDR_RESOURCES,
		       SEAMLDR_ENOMEM, nr_cpus - 1, "update");
	expect_calls(test, STEP_INSTALL, 2 * SEAMLDR_MAX_SESSIONS * nr_cpus);
	/* No update has more steps: there is room for each. */
	KUNIT_EXPECT_EQ(test, STEP_INSTALL + 2 * SEAMLDR_MAX_SESSIONS,
			ctx->update.nr_records);
	expect_next_update_succeeds(test, "next update");
}

/* A call that fails in a rollback, once */
struct rollback_case {
	const char *desc;
	u64 fn;
	u64 status;
	u64 rdx;
	enum update_outcome outcome;
	int err;
};

static const struct rollback_case rollback_cases[] = {
	{ "install_rejected", SEAMLDR_INSTALL, SEAMLDR_EBADHANDOFF, 0,
	  UPDATE_SHUTDOWN, -EBADMSG },
	{ "install_unrecoverable", SEAMLDR_INSTALL, SEAMLDR_ENOMEM, 1,
	  UPDATE_LOST, -EIO },
	{ "sys_init_fails", TDH_SYS_INIT, TDX_SYS_INIT_NOT_PENDING, 0,
	  UPDATE_SHUTDOWN, -EBADMSG },
	{ "lp_init_fails", TDH_SYS_LP_INIT, TDX_SYS_STATE_INCORRECT, 0,
	  UPDATE_SHUTDOWN, -EBADMSG },
	{ "sys_update_fails", TDH_SYS_UPDATE, TDX_SYS_INVALID_HANDOFF, 0,
	  UPDATE_SHUTDOWN, -EBADMSG },
};

KUNIT_ARRAY_PARAM_DESC(rollback, rollback_cases, desc);

/* It is not tried again, and not what is reported. */
static void rollback_fails(struct kunit *test)
{
	const struct rollback_case *row = test->param_value;
	const unsigned int last_cpu = MAX_CPUS - 1;
	struct update_test *ctx = start(test, MAX_CPUS);

	ctx->kept = true;
	ctx->seam.faults[0] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL, .cpu = last_cpu, .times = 1,
		.status = SEAMLDR_EBADSIG,
	};
	ctx->seam.faults[1] = (struct fake_fault) {
		.fn = row->fn, .cpu = last_cpu, .times = 1,
		.status = row->status, .rdx = row->rdx,
	};
	run_update(test);

	expect_failure(test, row->outcome, row->err, SEAMLDR_REASON_IMAGE_REJECTED,
		       SEAMLDR_EBADSIG, last_cpu, row->desc);
	expect_calls(test, STEP_INSTALL, 2 * MAX_CPUS);
	if (row->outcome == UPDATE_SHUTDOWN)
		expect_next_update_succeeds(test, row->desc);
}

/* The new module and the one rolled back to both fail as late as they can. */
static void longest_update_is_recorded_whole(struct kunit *test)
{
	const unsigned int last_cpu = MAX_CPUS - 1;
	struct update_test *ctx = start(test, MAX_CPUS);
	const struct update_record *last;

	ctx->kept = true;
	ctx->seam.faults[0] = (struct fake_fault) {
		.fn = TDH_SYS_UPDATE, .cpu = ANY_CPU, .times = 2,
		.status = TDX_SYS_INVALID_HANDOFF,
	};
	ctx->seam.faults[1] = (struct fake_fault) {
		.fn = SEAMLDR_INSTALL, .cpu = last_cpu, .times = SEAMLDR_MAX_SESSIONS - 1,
		.status = SEAMLDR_ENOENTROPY,
	};
	run_update(test);

	expect_failure(test, UPDATE_SHUTDOWN, -EBADMSG, SEAMLDR_REASON_IMAGE_REJECTED,
		       TDX_SYS_INVALID_HANDOFF, last_cpu, "update");
	expect_calls(test, STEP_INSTALL, (SEAMLDR_MAX_SESSIONS + 1) * MAX_CPUS);
	last = &ctx->update.records[ctx->update.nr_records - 1];
	KUNIT_EXPECT_EQ(test, STEP_SYS_UPDATE, last->step);
	KUNIT_EXPECT_EQ(test, TDX_SYS_INVALID_HANDOFF, last->status);
}

struct status_case {
	const char *desc;
	enum update_outcome outcome;
	bool need_shutdown;
	enum tdx_module_status status;
};

static const struct status_case status_cases[] = {
	{ "running_module_refused", UPDATE_REFUSED, true, TDX_MODULE_READY },
	{ "shut_down_module_refused", UPDATE_REFUSED, false, TDX_MODULE_SHUTDOWN },
	{ "done", UPDATE_DONE, true, TDX_MODULE_READY },
	{ "done_after_failure", UPDATE_DONE, false, TDX_MODULE_READY },
	{ "rolled_back", UPDATE_ROLLED_BACK, true, TDX_MODULE_READY },
	{ "rolled_back_after_failure", UPDATE_ROLLED_BACK, false, TDX_MODULE_READY },
	{ "shutdown", UPDATE_SHUTDOWN, true, TDX_MODULE_SHUTDOWN },
	{ "lost", UPDATE_LOST, true, TDX_MODULE_LOST },
};

KUNIT_ARRAY_PARAM_DESC(status, status_cases, desc);

static void status_after_update(struct kunit *test)
{
	const struct status_case *row = test->param_value;
	struct update_test *ctx = test->priv;

	ctx->plan.need_shutdown = row->need_shutdown;
	ctx->update.plan = &ctx->plan;
	ctx->update.outcome = row->outcome;

	KUNIT_EXPECT_EQ(test, row->status, seamldr_update_status(&ctx->update));
}

/* What preflight would have said, had it been asked a moment later */
static void verdict_of_recheck_is_passed_on(struct kunit *test)
{
	struct update_test *ctx = test->priv;
	struct seamldr_verdict verdict = {};
	const u64 online = 3, present = 4;

	ctx->update.outcome = UPDATE_REFUSED;
	ctx->update.cause.step = STEP_RECHECK;
	seamldr_refuse(&ctx->update.verdict, SEAMLDR_REASON_CPU_OFFLINE, online, present,
		       "CPUs");

	KUNIT_EXPECT_EQ(test, -EBUSY, seamldr_update_verdict(&ctx->update, &verdict));
	KUNIT_EXPECT_EQ(test, SEAMLDR_REASON_CPU_OFFLINE, verdict.reason);
	KUNIT_EXPECT_EQ(test, online, verdict.found);
	KUNIT_EXPECT_EQ(test, present, verdict.wanted);
	KUNIT_EXPECT_STREQ(test, "CPUs", verdict.text);
	KUNIT_EXPECT_EQ(test, -1, verdict.cpu);
	KUNIT_EXPECT_NOT_NULL(test, strstr(verdict.now, outcome_words[UPDATE_REFUSED]));
}

static int seamldr_update_test_init(struct kunit *test)
{
	if (small_cpumask_bits < MAX_CPUS)
		kunit_skip(test, "cpumasks have no room for %d CPUs", MAX_CPUS);

	test->priv = kunit_kzalloc(test, sizeof(struct update_test), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, test->priv);
	fake_firmware(test, fake_seamcall);
	return 0;
}

/*
 * Which CPUs have called in the open session outlives a test: no CPU may be left
 * out of the next.
 */
static void seamldr_update_test_exit(struct kunit *test)
{
	struct seamldr_round round = { .params_pa = NEW_PARAMS_PA };
	struct update_test *ctx = test->priv;
	unsigned int cpu;

	if (!ctx)
		return;

	start(test, MAX_CPUS);
	ctx->seam.state = FAKE_SHUT_DOWN;
	round.cpus = &ctx->seam.cpus;
	for_each_cpu(cpu, &ctx->seam.cpus) {
		struct seamldr_failure failure;

		ctx->seam.cpu = cpu;
		scoped_guard(irqsave)
			seamldr_install(&round, cpu, &failure);
	}

	expect_calls(test, STEP_INSTALL, MAX_CPUS);
	KUNIT_EXPECT_TRUE(test, round.over);
}

static struct kunit_case seamldr_update_test_cases[] = {
	KUNIT_CASE_PARAM(update_of_running_module, nr_cpus_gen_params),
	KUNIT_CASE_PARAM(update_of_module_that_was_shut_down, nr_cpus_gen_params),
	KUNIT_CASE_PARAM(update_has_image_to_go_back_to, nr_cpus_gen_params),
	KUNIT_CASE_PARAM(shutdown_is_told_handoff_version, shutdown_gen_params),
	KUNIT_CASE_PARAM(cpu_that_comes_late_is_waited_for, nr_cpus_gen_params),
	KUNIT_CASE(poll_before_the_others_does_nothing),
	KUNIT_CASE_PARAM(call_fails, failure_gen_params),
	KUNIT_CASE_PARAM(call_fails_not_often_enough, failure_gen_params),
	KUNIT_CASE_PARAM(lost_module_is_left_alone, nr_cpus_gen_params),
	KUNIT_CASE(lost_module_behind_another_failure),
	KUNIT_CASE(session_is_repeated_in_spite_of_another_failure),
	KUNIT_CASE_PARAM(all_cpus_install_if_one_fails, nr_cpus_gen_params),
	KUNIT_CASE_PARAM(cpu_that_is_kept_out_ends_session_later, nr_cpus_gen_params),
	KUNIT_CASE_PARAM(kept_image_ends_open_session, nr_cpus_gen_params),
	KUNIT_CASE_PARAM(next_update_completes_open_session, nr_cpus_gen_params),
	KUNIT_CASE(next_updates_complete_open_session_in_turn),
	KUNIT_CASE_PARAM(no_cpu_reaches_seamldr, nr_cpus_gen_params),
	KUNIT_CASE_PARAM(rollback_has_sessions_of_its_own, nr_cpus_gen_params),
	KUNIT_CASE_PARAM(rollback_fails_for_want_of_memory, nr_cpus_gen_params),
	KUNIT_CASE_PARAM(rollback_fails, rollback_gen_params),
	KUNIT_CASE(longest_update_is_recorded_whole),
	KUNIT_CASE_PARAM(status_after_update, status_gen_params),
	KUNIT_CASE(verdict_of_recheck_is_passed_on),
	{}
};

static struct kunit_suite seamldr_update_test_suite = {
	.name = "seamldr_update",
	.init = seamldr_update_test_init,
	.exit = seamldr_update_test_exit,
	.test_cases = seamldr_update_test_cases,
};

kunit_test_suite(seamldr_update_test_suite);
