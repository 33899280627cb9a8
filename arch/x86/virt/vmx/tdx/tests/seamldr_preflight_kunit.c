// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preflight: which images are refused on which machine, and which version of the
 * handoff data two modules agree on.
 *
 * The machine is faked: P-SEAMLDR, TDX module, CPUs and TDs. Each test begins with
 * an image and a machine between which nothing stands, and changes one thing.
 */

#include <linux/array_size.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/unaligned.h>

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <kunit/test-bug.h>

#include <asm/page.h>
#include <asm/tdx.h>

#include "../seamldr.h"
#include "fake_firmware.h"
#include "test_image.h"

/* CPUID.1:EAX of the CPUs there are, and of others */
#define MODEL			0x806f8
#define MODEL_OTHER_STEPPING	0x806ff
#define OTHER_MODEL		0xc06f2
#define THIRD_MODEL		0xa06d1

#define NR_CPUS_FAKED		3

#define SVN(major, minor)	((major) << 8 | (minor))
#define RUNNING_SVN		SVN(1, 5)

#define RUNNING_HV		5
#define RUNNING_MIN_HV		3
/* What a module may write that is not the one which runs, in state shutdown */
#define WRITTEN_HV		7

/**
 * struct preflight_test - What a test case works with
 * @image: the image
 * @sigstruct: in @image
 * @machine: as preflight sees it
 * @online: the CPUs of @machine
 * @present: likewise
 * @signatures: the models of the CPUs
 * @handoff: what the module answers
 * @features: likewise
 * @handoff_err: or why it does not
 * @info: what the P-SEAMLDR answers
 * @info_status: or why it does not
 * @nr_calls: calls to either
 * @mistake: the first call that nothing without side effects would make
 * @plan: what preflight found out
 * @verdict: or why it refused
 */
struct preflight_test {
	struct test_image image;
	struct seam_sigstruct *sigstruct;
	struct seamldr_machine machine;
	struct cpumask online;
	struct cpumask present;
	u32 signatures[NR_CPUS_FAKED];
	struct tdx_sys_info_handoff handoff;
	struct tdx_sys_info_features features;
	int handoff_err;
	struct seamldr_info info;
	u64 info_status;
	unsigned int nr_calls;
	const char *mistake;
	struct seamldr_plan plan;
	struct seamldr_verdict verdict;
};

static struct preflight_test *preflight_of_test(void)
{
	return kunit_get_current_test()->priv;
}

static void fake_read_machine(struct seamldr_machine *machine)
{
	*machine = preflight_of_test()->machine;
}

static int fake_read_handoff(struct tdx_sys_info_handoff *handoff,
			     struct tdx_sys_info_features *features)
{
	struct preflight_test *ctx = preflight_of_test();

	ctx->nr_calls++;
	if (ctx->machine.status != TDX_MODULE_READY)
		ctx->mistake = "a module was asked that does not run";
	if (ctx->handoff_err)
		return ctx->handoff_err;
	*handoff = ctx->handoff;
	*features = ctx->features;
	return 0;
}

static u32 fake_cpu_signature(unsigned int cpu)
{
	struct preflight_test *ctx = preflight_of_test();

	if (cpu >= ARRAY_SIZE(ctx->signatures)) {
		ctx->mistake = "a CPU was asked that is not there";
		return 0;
	}
	return ctx->signatures[cpu];
}

/* Runs with interrupts off: must not use expectations, which allocate. */
static u64 fake_seamcall(u64 fn, struct tdx_module_args *args)
{
	struct preflight_test *ctx = preflight_of_test();

	ctx->nr_calls++;
	if (fn != SEAMLDR_INFO) {
		ctx->mistake = "a call other than SEAMLDR.INFO";
		return SEAMLDR_EBADCALL;
	}
	if (ctx->info_status)
		return ctx->info_status;
	memcpy(__va(args->rcx), &ctx->info, sizeof(ctx->info));
	return TDX_SUCCESS;
}

static void set_svn(struct preflight_test *ctx, u16 svn)
{
	put_unaligned_le16(svn, ctx->info.seam_info.tee_tcb_svn);
}

static void make_machine(struct preflight_test *ctx)
{
	unsigned int cpu;

	cpumask_clear(&ctx->online);
	for (cpu = 0; cpu < NR_CPUS_FAKED; cpu++) {
		cpumask_set_cpu(cpu, &ctx->online);
		ctx->signatures[cpu] = MODEL;
	}
	cpumask_copy(&ctx->present, &ctx->online);
	ctx->machine = (struct seamldr_machine) {
		.status = TDX_MODULE_READY,
		.online = &ctx->online,
		.present = &ctx->present,
	};
	ctx->handoff = (struct tdx_sys_info_handoff) {
		.module_hv = RUNNING_HV,
		.min_update_hv = RUNNING_MIN_HV,
	};
	ctx->features.tdx_features0 = TDX_FEATURES0_TD_PRESERVING;
	ctx->info.num_remaining_updates = 1;
	ctx->info.seam_info.valid = 1;
	set_svn(ctx, RUNNING_SVN);
}

static void make_image(struct kunit *test, unsigned int sigstruct_nr_pages)
{
	struct preflight_test *ctx = test->priv;
	struct seam_sigstruct *s;

	ctx->image = seamldr_test_image(test, TDX_BLOB_VERSION_1_0, sigstruct_nr_pages, 1);
	s = (void *)(ctx->image.bytes + TDX_BLOB_PAGE_SIZE);
	s->seamsvn = RUNNING_SVN;
	s->module_hv = RUNNING_HV;
	s->min_update_hv = RUNNING_HV;
	s->cpuid_table_size = 1;
	s->cpuid_table[0] = MODEL;
	ctx->sigstruct = s;
}

/* All that preflight does: what is found out about the image, and the moment. */
static int run_preflight(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;
	int ret;

	memset(&ctx->verdict, 0, sizeof(ctx->verdict));
	cpus_read_lock();
	ret = seamldr_make_plan(ctx->image.bytes, ctx->image.size, &ctx->plan,
				&ctx->verdict);
	ret = ret ?: seamldr_check_moment(&ctx->verdict);
	cpus_read_unlock();

	KUNIT_EXPECT_NULL_MSG(test, ctx->mistake, "%s", ctx->mistake);
	return ret;
}

static void expect_accepted(struct kunit *test, const char *what)
{
	struct preflight_test *ctx = test->priv;
	int ret = run_preflight(test);

	seamldr_test_expect(test, ret, &ctx->verdict, 0, SEAMLDR_REASON_NONE, what);
}

static void expect_refused(struct kunit *test, int err, enum seamldr_reason reason,
			   const char *what)
{
	struct preflight_test *ctx = test->priv;
	int ret = run_preflight(test);

	seamldr_test_expect(test, ret, &ctx->verdict, err, reason, what);
}

/* The image */
static void cut_file(struct preflight_test *ctx)
{
	ctx->image.size--;
}

static void damage_sigstruct(struct preflight_test *ctx)
{
	ctx->sigstruct->module_vendor++;
}

/* What a sigstruct of a later version says of the platform is not known here. */
static void sigstruct_from_future(struct preflight_test *ctx)
{
	memset(ctx->sigstruct, 0xff, sizeof(*ctx->sigstruct));
}

static void sign_for_debugging(struct preflight_test *ctx)
{
	ctx->sigstruct->module_type = SEAM_MODULE_TYPE_DEBUG;
}

static void debug_platform(struct preflight_test *ctx)
{
	ctx->info.seam_debug = 1;
}

static void debug_image_on_debug_platform(struct preflight_test *ctx)
{
	sign_for_debugging(ctx);
	debug_platform(ctx);
}

/* CPUs and the CPU table */
static void no_cpu_in_table(struct preflight_test *ctx)
{
	ctx->sigstruct->cpuid_table_size = 0;
}

static void no_cpu_in_table_for_debugging(struct preflight_test *ctx)
{
	debug_image_on_debug_platform(ctx);
	no_cpu_in_table(ctx);
}

static void other_cpu_in_table(struct preflight_test *ctx)
{
	ctx->sigstruct->cpuid_table[0] = OTHER_MODEL;
}

static void other_cpu_in_table_for_debugging(struct preflight_test *ctx)
{
	debug_image_on_debug_platform(ctx);
	other_cpu_in_table(ctx);
}

static void other_stepping_in_table(struct preflight_test *ctx)
{
	ctx->sigstruct->cpuid_table[0] = MODEL_OTHER_STEPPING;
}

static void cpu_last_in_table(struct preflight_test *ctx)
{
	ctx->sigstruct->cpuid_table[0] = OTHER_MODEL;
	ctx->sigstruct->cpuid_table_size = SEAM_SIGSTRUCT_MAX_CPUIDS;
	ctx->sigstruct->cpuid_table[SEAM_SIGSTRUCT_MAX_CPUIDS - 1] = MODEL;
}

static void cpu_behind_table(struct preflight_test *ctx)
{
	ctx->sigstruct->cpuid_table[0] = OTHER_MODEL;
	ctx->sigstruct->cpuid_table[1] = MODEL;
}

static void last_cpu_of_other_model(struct preflight_test *ctx)
{
	ctx->signatures[NR_CPUS_FAKED - 1] = OTHER_MODEL;
}

static void two_models_in_table(struct preflight_test *ctx)
{
	last_cpu_of_other_model(ctx);
	ctx->sigstruct->cpuid_table_size = 3;
	ctx->sigstruct->cpuid_table[1] = THIRD_MODEL;
	ctx->sigstruct->cpuid_table[2] = OTHER_MODEL;
}

static void one_cpu_offline(struct preflight_test *ctx)
{
	cpumask_clear_cpu(NR_CPUS_FAKED - 1, &ctx->online);
}

/* SVN */
static void same_svn(struct preflight_test *ctx)
{
}

static void higher_minor_svn(struct preflight_test *ctx)
{
	ctx->sigstruct->seamsvn = RUNNING_SVN + 1;
}

static void highest_minor_svn(struct preflight_test *ctx)
{
	ctx->sigstruct->seamsvn = SVN(1, U8_MAX);
}

static void lower_minor_svn(struct preflight_test *ctx)
{
	ctx->sigstruct->seamsvn = RUNNING_SVN - 1;
}

static void higher_major_svn(struct preflight_test *ctx)
{
	ctx->sigstruct->seamsvn = SVN(2, 5);
}

static void lower_major_svn(struct preflight_test *ctx)
{
	set_svn(ctx, SVN(2, 0));
}

static void no_major_svn(struct preflight_test *ctx)
{
	set_svn(ctx, SVN(0, 5));
	ctx->sigstruct->seamsvn = SVN(0, 5);
}

/* P-SEAMLDR */
static void no_updates_left(struct preflight_test *ctx)
{
	ctx->info.num_remaining_updates = 0;
}

static void no_updates_left_for_future(struct preflight_test *ctx)
{
	sigstruct_from_future(ctx);
	no_updates_left(ctx);
}

static void seamldr_busy(struct preflight_test *ctx)
{
	ctx->info_status = TDX_SEAMCALL_VMFAILINVALID;
}

static void seamldr_fails(struct preflight_test *ctx)
{
	ctx->info_status = SEAMLDR_EUNSPECERR;
}

/* TDX module */
static void module_uninitialized(struct preflight_test *ctx)
{
	ctx->machine.status = TDX_MODULE_UNINITIALIZED;
}

static void module_lost(struct preflight_test *ctx)
{
	ctx->machine.status = TDX_MODULE_LOST;
}

static void module_does_not_answer(struct preflight_test *ctx)
{
	ctx->handoff_err = -EIO;
}

static void module_does_not_preserve_tds(struct preflight_test *ctx)
{
	ctx->features.tdx_features0 = ~TDX_FEATURES0_TD_PRESERVING;
}

static void no_common_handoff_version(struct preflight_test *ctx)
{
	ctx->sigstruct->module_hv = RUNNING_MIN_HV - 1;
	ctx->sigstruct->min_update_hv = 0;
}

static void one_td_is_built(struct preflight_test *ctx)
{
	ctx->machine.nr_td_builds = 1;
}

struct preflight_case {
	const char *desc;
	void (*change)(struct preflight_test *ctx);
	int err;
	enum seamldr_reason reason;
	/* Values of the verdict, if it is a refusal */
	u64 found;
	u64 wanted;
};

#define ACCEPTED(_change) \
	{ .desc = #_change, .change = (_change) }
#define REFUSED(_change, _err, _reason, _found, _wanted)		\
	{								\
		.desc = #_change, .change = (_change),			\
		.err = (_err), .reason = SEAMLDR_REASON_##_reason,	\
		.found = (_found), .wanted = (_wanted),			\
	}

static const struct preflight_case preflight_cases[] = {
	REFUSED(cut_file, -EMSGSIZE, FILE_SIZE,
		3 * TDX_BLOB_PAGE_SIZE - 1, 3 * TDX_BLOB_PAGE_SIZE),
	REFUSED(damage_sigstruct, -EBADMSG, SIGSTRUCT,
		SEAM_SIGSTRUCT_VENDOR_INTEL + 1, SEAM_SIGSTRUCT_VENDOR_INTEL),
	ACCEPTED(sigstruct_from_future),

	REFUSED(sign_for_debugging, -EBADMSG, DEBUG_SIGNED, SEAM_MODULE_TYPE_DEBUG, 0),
	ACCEPTED(debug_platform),
	ACCEPTED(debug_image_on_debug_platform),

	REFUSED(no_cpu_in_table, -EBADMSG, CPU_TABLE, 0, 1),
	ACCEPTED(no_cpu_in_table_for_debugging),
	REFUSED(other_cpu_in_table, -EBADMSG, CPU_TABLE, MODEL, OTHER_MODEL),
	REFUSED(other_cpu_in_table_for_debugging, -EBADMSG, CPU_TABLE, MODEL,
		OTHER_MODEL),
	ACCEPTED(other_stepping_in_table),
	ACCEPTED(cpu_last_in_table),
	REFUSED(cpu_behind_table, -EBADMSG, CPU_TABLE, MODEL, OTHER_MODEL),
	REFUSED(last_cpu_of_other_model, -EBADMSG, CPU_TABLE, OTHER_MODEL, MODEL),
	ACCEPTED(two_models_in_table),

	ACCEPTED(same_svn),
	ACCEPTED(higher_minor_svn),
	ACCEPTED(highest_minor_svn),
	REFUSED(lower_minor_svn, -EBADMSG, SVN, RUNNING_SVN - 1, RUNNING_SVN),
	REFUSED(higher_major_svn, -EBADMSG, SVN, SVN(2, 5), RUNNING_SVN),
	REFUSED(lower_major_svn, -EBADMSG, SVN, RUNNING_SVN, SVN(2, 0)),
	REFUSED(no_major_svn, -EBADMSG, SVN, SVN(0, 5), SVN(0, 5)),

	REFUSED(no_updates_left, -ENOSPC, NO_UPDATES_LEFT, 0, 1),
	REFUSED(no_updates_left_for_future, -ENOSPC, NO_UPDATES_LEFT, 0, 1),
	REFUSED(seamldr_busy, -EIO, NO_SEAMLDR, ENODEV, 0),
	REFUSED(seamldr_fails, -EIO, NO_SEAMLDR, EIO, 0),

	REFUSED(module_uninitialized, -EIO, MODULE_STATE, TDX_MODULE_UNINITIALIZED,
		TDX_MODULE_READY),
	REFUSED(module_lost, -EIO, MODULE_STATE, TDX_MODULE_LOST, TDX_MODULE_READY),
	REFUSED(module_does_not_answer, -EIO, MODULE_STATE, EIO, 0),
	REFUSED(module_does_not_preserve_tds, -EIO, MODULE_STATE,
		~TDX_FEATURES0_TD_PRESERVING, TDX_FEATURES0_TD_PRESERVING),
	REFUSED(no_common_handoff_version, -EBADMSG, HANDOFF_VERSION, RUNNING_MIN_HV - 1,
		RUNNING_MIN_HV),

	REFUSED(one_cpu_offline, -EBUSY, CPU_OFFLINE, NR_CPUS_FAKED - 1, NR_CPUS_FAKED),
	REFUSED(one_td_is_built, -EBUSY, TD_BUILD, 1, 0),
};

KUNIT_ARRAY_PARAM_DESC(preflight, preflight_cases, desc);

static void preflight_with_change(struct kunit *test)
{
	const struct preflight_case *row = test->param_value;
	struct preflight_test *ctx = test->priv;

	expect_accepted(test, "before the change");

	row->change(ctx);

	expect_refused(test, row->err, row->reason, row->desc);
	KUNIT_EXPECT_EQ(test, row->found, ctx->verdict.found);
	KUNIT_EXPECT_EQ(test, row->wanted, ctx->verdict.wanted);
}

static void preflight_with_two_sigstruct_pages(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;

	make_image(test, 2);

	expect_refused(test, -EBADMSG, SEAMLDR_REASON_SIGSTRUCT_PAGES, "two pages");
	KUNIT_EXPECT_EQ(test, 2, ctx->verdict.found);
	KUNIT_EXPECT_EQ(test, 1, ctx->verdict.wanted);
}

/* A file that is no image costs no call. */
static void preflight_of_bad_file_calls_nobody(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;

	cut_file(ctx);
	expect_refused(test, -EMSGSIZE, SEAMLDR_REASON_FILE_SIZE, "short file");
	KUNIT_EXPECT_EQ(test, 0, ctx->nr_calls);
}

static void preflight_of_lost_module_calls_nobody(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;

	module_lost(ctx);
	expect_refused(test, -EIO, SEAMLDR_REASON_MODULE_STATE, "lost");
	KUNIT_EXPECT_EQ(test, 0, ctx->nr_calls);
}

static void plan_of_accepted_image(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;

	expect_accepted(test, "image");
	KUNIT_EXPECT_TRUE(test, ctx->plan.need_shutdown);
	KUNIT_EXPECT_FALSE(test, ctx->plan.avoid_compat_sensitive);
	KUNIT_EXPECT_EQ(test, RUNNING_HV, ctx->plan.handoff_version);
	KUNIT_EXPECT_PTR_EQ(test, (const void *)ctx->sigstruct,
			    (const void *)ctx->plan.blob.sigstruct);
	KUNIT_EXPECT_EQ(test, 1, ctx->plan.blob.module_nr_pages);
}

/* Only a module that can hold back for a TD's build is asked to. */
static void plan_for_module_that_knows_of_td_builds(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;

	ctx->features.tdx_features0 |= TDX_FEATURES0_UPDATE_COMPAT;
	expect_accepted(test, "image");
	KUNIT_EXPECT_TRUE(test, ctx->plan.avoid_compat_sensitive);
}

/* Nothing is known of what it reads: the module that runs writes its highest. */
static void plan_of_image_from_future(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;

	sigstruct_from_future(ctx);
	expect_accepted(test, "image");
	KUNIT_EXPECT_EQ(test, RUNNING_HV, ctx->plan.handoff_version);
}

#define NONE	-1

/* What the old module writes, what the new one reads, and what that comes to */
struct handoff_case {
	const char *desc;
	u16 old_min;
	u16 old_hv;
	u16 new_min;
	u16 new_hv;
	bool no_downgrade;
	int version;
	/* Values of the verdict, if there is no version */
	u16 found;
	u16 wanted;
};

static const struct handoff_case handoff_cases[] = {
	{ "all_zero",			0, 0,	0, 0,	false,	0 },
	{ "same",			3, 5,	3, 5,	false,	5 },
	{ "new_knows_more",		3, 5,	3, 9,	false,	5 },
	{ "new_knows_less",		3, 5,	3, 4,	false,	4 },
	{ "lowest_of_old",		3, 5,	0, 3,	false,	3 },
	{ "highest_of_old",		3, 5,	5, 9,	false,	5 },
	{ "old_in_new",			3, 5,	0, 9,	false,	5 },
	{ "new_in_old",			0, 9,	3, 5,	false,	5 },
	{ "highest_there_is",
	  U16_MAX, U16_MAX,	0, U16_MAX,		false,	U16_MAX },
	{ "new_too_old",		3, 5,	0, 2,	false,	NONE, 2, 3 },
	{ "new_too_new",		3, 5,	6, 9,	false,	NONE, 6, 5 },
	{ "new_reads_one_too_old",	3, 3,	2, 2,	false,	NONE, 2, 3 },
	{ "new_reads_one_too_new",	3, 3,	4, 4,	false,	NONE, 4, 3 },
	{ "no_downgrade_same",		3, 5,	3, 5,	true,	5 },
	{ "no_downgrade_new_knows_more", 3, 5,	3, 9,	true,	5 },
	{ "no_downgrade_new_knows_less", 3, 5,	3, 4,	true,	NONE, 4, 5 },
	{ "no_downgrade_new_too_new",	3, 5,	6, 9,	true,	NONE, 6, 5 },
	/* A module that says this of itself writes nothing. */
	{ "old_writes_nothing",		5, 3,	0, 9,	false,	NONE, 0, 3 },
	{ "no_downgrade_old_writes_nothing", 5, 3, 0, 9, true,	NONE, 0, 3 },
};

KUNIT_ARRAY_PARAM_DESC(handoff, handoff_cases, desc);

static void handoff_version_of_two_modules(struct kunit *test)
{
	const struct handoff_case *row = test->param_value;
	struct preflight_test *ctx = test->priv;

	ctx->handoff.min_update_hv = row->old_min;
	ctx->handoff.module_hv = row->old_hv;
	ctx->handoff.no_downgrade = row->no_downgrade;
	ctx->sigstruct->min_update_hv = row->new_min;
	ctx->sigstruct->module_hv = row->new_hv;

	if (row->version != NONE) {
		expect_accepted(test, row->desc);
		KUNIT_EXPECT_EQ(test, row->version, ctx->plan.handoff_version);
		return;
	}
	expect_refused(test, -EBADMSG, SEAMLDR_REASON_HANDOFF_VERSION, row->desc);
	KUNIT_EXPECT_EQ(test, row->found, ctx->verdict.found);
	KUNIT_EXPECT_EQ(test, row->wanted, ctx->verdict.wanted);
}

/* The old module was seen while it ran, and wrote @written_hv when it was shut down. */
static void shut_down(struct kunit *test, u16 written_hv)
{
	struct preflight_test *ctx = test->priv;

	expect_accepted(test, "while the module runs");
	seamldr_record_shutdown(written_hv);
	ctx->machine.status = TDX_MODULE_SHUTDOWN;
}

struct shutdown_case {
	const char *desc;
	u16 new_min;
	u16 new_hv;
	bool refused;
	u16 found;
};

static const struct shutdown_case shutdown_cases[] = {
	{ "reads_what_was_written",	WRITTEN_HV, WRITTEN_HV },
	{ "reads_it_as_its_lowest",	WRITTEN_HV, WRITTEN_HV + 2 },
	{ "reads_it_as_its_highest",	0, WRITTEN_HV },
	{ "reads_only_older",		0, WRITTEN_HV - 1, true, WRITTEN_HV - 1 },
	{ "reads_only_newer", WRITTEN_HV + 1, WRITTEN_HV + 2, true, WRITTEN_HV + 1 },
	{ "reads_what_old_module_could_have_written",
	  RUNNING_MIN_HV, RUNNING_HV, true, RUNNING_HV },
};

KUNIT_ARRAY_PARAM_DESC(shutdown, shutdown_cases, desc);

/* After the shutdown only the version counts that was written then. */
static void handoff_version_after_shutdown(struct kunit *test)
{
	const struct shutdown_case *row = test->param_value;
	struct preflight_test *ctx = test->priv;

	shut_down(test, WRITTEN_HV);
	ctx->sigstruct->min_update_hv = row->new_min;
	ctx->sigstruct->module_hv = row->new_hv;

	if (!row->refused) {
		expect_accepted(test, row->desc);
		KUNIT_EXPECT_FALSE(test, ctx->plan.need_shutdown);
		return;
	}
	expect_refused(test, -EBADMSG, SEAMLDR_REASON_HANDOFF_VERSION, row->desc);
	KUNIT_EXPECT_EQ(test, row->found, ctx->verdict.found);
	KUNIT_EXPECT_EQ(test, WRITTEN_HV, ctx->verdict.wanted);
}

/* A module that may not write lower versions has written what it has written. */
static void no_downgrade_does_not_count_after_shutdown(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;

	ctx->handoff.no_downgrade = 1;
	shut_down(test, RUNNING_MIN_HV);
	ctx->sigstruct->min_update_hv = RUNNING_MIN_HV;
	ctx->sigstruct->module_hv = RUNNING_MIN_HV;
	expect_accepted(test, "what was written");
}

/* The module that was shut down is still the one to compare with. */
static void svn_is_remembered_after_shutdown(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;

	shut_down(test, RUNNING_HV);
	memset(&ctx->info.seam_info, 0, sizeof(ctx->info.seam_info));

	expect_accepted(test, "same SVN");
	lower_minor_svn(ctx);
	expect_refused(test, -EBADMSG, SEAMLDR_REASON_SVN, "lower SVN");
	KUNIT_EXPECT_EQ(test, RUNNING_SVN, ctx->verdict.wanted);
}

/* The P-SEAMLDR holds on to the SVN of a new module even if that did not come up. */
static void svn_of_module_that_did_not_come_up(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;

	shut_down(test, RUNNING_HV);
	set_svn(ctx, RUNNING_SVN + 1);

	expect_refused(test, -EBADMSG, SEAMLDR_REASON_SVN, "SVN of the module before");
	KUNIT_EXPECT_EQ(test, RUNNING_SVN + 1, ctx->verdict.wanted);
	higher_minor_svn(ctx);
	expect_accepted(test, "SVN of the new module");
}

static void no_updates_left_after_shutdown(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;

	shut_down(test, RUNNING_HV);
	no_updates_left(ctx);
	expect_refused(test, -ENOSPC, SEAMLDR_REASON_NO_UPDATES_LEFT, "shutdown");
}

/* With all CPUs stopped only the moment is looked at, and nobody is called. */
static void moment_with_all_cpus_stopped(struct kunit *test)
{
	struct preflight_test *ctx = test->priv;
	struct seamldr_verdict verdict = {};

	KUNIT_EXPECT_EQ(test, 0, seamldr_check_moment(&verdict));
	KUNIT_EXPECT_EQ(test, SEAMLDR_REASON_NONE, verdict.reason);

	one_td_is_built(ctx);
	KUNIT_EXPECT_EQ(test, -EBUSY, seamldr_check_moment(&verdict));
	KUNIT_EXPECT_EQ(test, SEAMLDR_REASON_TD_BUILD, verdict.reason);

	one_cpu_offline(ctx);
	KUNIT_EXPECT_EQ(test, -EBUSY, seamldr_check_moment(&verdict));
	KUNIT_EXPECT_EQ(test, SEAMLDR_REASON_CPU_OFFLINE, verdict.reason);
	KUNIT_EXPECT_EQ(test, 0, ctx->nr_calls);
}

/*
 * While TDs are frozen preflight must not forget what it knows of the module that
 * was shut down: it cannot be asked again, and no image would bring the TDs back.
 */
static int seamldr_preflight_test_init(struct kunit *test)
{
	struct seamldr_machine machine;
	struct preflight_test *ctx;

	seamldr_read_machine(&machine);
	if (machine.status == TDX_MODULE_SHUTDOWN)
		kunit_skip(test, "the TDX module of this machine is shut down");
	if (small_cpumask_bits < NR_CPUS_FAKED)
		kunit_skip(test, "this kernel runs on fewer CPUs than are faked");

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	if (!ctx)
		return -ENOMEM;
	test->priv = ctx;
	make_machine(ctx);
	make_image(test, 1);

	kunit_activate_static_stub(test, seamldr_read_handoff, fake_read_handoff);
	kunit_activate_static_stub(test, seamldr_cpu_signature, fake_cpu_signature);
	fake_firmware(test, fake_seamcall);
	fake_machine(fake_read_machine);
	return 0;
}

static struct kunit_case seamldr_preflight_test_cases[] = {
	KUNIT_CASE_PARAM(preflight_with_change, preflight_gen_params),
	KUNIT_CASE(preflight_with_two_sigstruct_pages),
	KUNIT_CASE(preflight_of_bad_file_calls_nobody),
	KUNIT_CASE(preflight_of_lost_module_calls_nobody),
	KUNIT_CASE(plan_of_accepted_image),
	KUNIT_CASE(plan_for_module_that_knows_of_td_builds),
	KUNIT_CASE(plan_of_image_from_future),
	KUNIT_CASE_PARAM(handoff_version_of_two_modules, handoff_gen_params),
	KUNIT_CASE_PARAM(handoff_version_after_shutdown, shutdown_gen_params),
	KUNIT_CASE(no_downgrade_does_not_count_after_shutdown),
	KUNIT_CASE(svn_is_remembered_after_shutdown),
	KUNIT_CASE(svn_of_module_that_did_not_come_up),
	KUNIT_CASE(no_updates_left_after_shutdown),
	KUNIT_CASE(moment_with_all_cpus_stopped),
	{}
};

static struct kunit_suite seamldr_preflight_test_suite = {
	.name = "seamldr_preflight",
	.init = seamldr_preflight_test_init,
	.test_cases = seamldr_preflight_test_cases,
};

kunit_test_suite(seamldr_preflight_test_suite);
