// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDs with all LPs inside at once: vCPUs count while memory comes and goes, metadata is
 * read and the state is shown. Of most use under ThreadSanitizer.
 */
#include "td_support.h"

#include <json-c/json.h>
#include <pthread.h>
#include <string.h>

#define NR_COUNTS	300
#define NR_ROUNDS	100
#define PORT		0x510

/* Each runner counts at a word of its own in the data page. */
static const struct td_insn program[] = {
	{ .op = TD_OP_COUNT, .a = TEST_TD_DATA, .b = PORT },
	{ .op = TD_OP_JUMP, .a = 0 },
	{ .op = TD_OP_COUNT, .a = TEST_TD_DATA + sizeof(u64), .b = PORT },
	{ .op = TD_OP_JUMP, .a = 0 },
};

struct lp {
	struct test_td *test;
	unsigned int vcpu;
	u64 tdvpr;
	u64 page;
	/* Asserts only work in the main thread: threads count. */
	unsigned int nr_wrong;
	unsigned int nr_busy;
};

static u64 do_call(struct lp *lp, u64 leaf, struct sim_regs *regs)
{
	regs->rax = leaf;
	if (seamcall(lp->test->machine->sim, lp->vcpu, regs) != SEAMCALL_DONE)
		lp->nr_wrong++;
	return regs->rax;
}

static bool was_busy(struct lp *lp, u64 status)
{
	if ((status & TDX_STATUS_MASK) != TDX_OPERAND_BUSY)
		return false;
	lp->nr_busy++;
	return true;
}

static void *count(void *context)
{
	struct lp *lp = context;
	struct sim_regs regs = { };

	for (u64 next = 1; next <= NR_COUNTS; next++) {
		u64 status;

		do {
			regs.rcx = lp->tdvpr;
			status = do_call(lp, TDH_VP_ENTER, &regs);
		} while (was_busy(lp, status));
		if (status != EXIT_TDCALL || regs.r15 != next)
			lp->nr_wrong++;
	}
	return NULL;
}

/* Until it is not busy; another status than success counts as wrong. */
static void must(struct lp *lp, u64 leaf, u64 rcx, u64 rdx, u64 r8)
{
	struct sim_regs regs;
	u64 status;

	do {
		regs = (struct sim_regs) { .rcx = rcx, .rdx = rdx, .r8 = r8 };
		status = do_call(lp, leaf, &regs);
	} while (was_busy(lp, status) ||
		 (status & TDX_STATUS_MASK) == TDX_PREVIOUS_TLB_EPOCH_BUSY ||
		 (status & TDX_STATUS_MASK) == TDX_TLB_TRACKING_NOT_DONE);
	if (status)
		lp->nr_wrong++;
}

static void *map_and_unmap(void *context)
{
	struct lp *lp = context;
	u64 tdr = lp->test->tdr;

	for (unsigned int i = 0; i < NR_ROUNDS; i++) {
		must(lp, TDH_MEM_PAGE_AUG, TEST_TD_HEAP, tdr, lp->page);
		must(lp, TDH_MEM_RANGE_BLOCK, TEST_TD_HEAP, tdr, 0);
		must(lp, TDH_MEM_TRACK, tdr, 0, 0);
		must(lp, TDH_MEM_PAGE_REMOVE, TEST_TD_HEAP, tdr, 0);
		must(lp, TDH_PHYMEM_PAGE_WBINVD, lp->page, 0, 0);
	}
	return NULL;
}

/* An exclusive user of the TD that gets no further than its locks. */
static void contend(struct lp *lp)
{
	struct sim_regs regs = { .rcx = lp->test->tdr };
	u64 status = do_call(lp, TDH_MNG_KEY_CONFIG, &regs);

	if (!was_busy(lp, status) && status != TDX_LIFECYCLE_STATE_INCORRECT)
		lp->nr_wrong++;
}

static void *look(void *context)
{
	u64 xfam = (u64)TDCS_CLASS_EXECUTION_CONTROLS << FIELD_CLASS_SHIFT | TDCS_XFAM;
	struct lp *lp = context;

	for (unsigned int i = 0; i < NR_ROUNDS; i++) {
		must(lp, TDH_MNG_RD, lp->test->tdr, xfam, 0);
		must(lp, TDH_PHYMEM_PAGE_RDMD, lp->page, 0, 0);
		json_object_put(sim_state_json(lp->test->machine->sim));
		contend(lp);
	}
	return NULL;
}

static void add_second_runner(struct test_td *test, u64 *tdvpr)
{
	u64 leaf = TDH_VP_INIT | (u64)VP_INIT_VERSION_X2APIC_ID << SEAMCALL_VERSION_SHIFT;

	*tdvpr = test_td_add_vcpu(test);
	assert_int_equal(TDX_SUCCESS,
			 call(test->machine, 1, leaf, *tdvpr,
			      TEST_TD_PROGRAM + 2 * sizeof(struct td_insn), 1));
}

static void everything_at_once(void **state)
{
	static void *(*const jobs[TEST_TD_LPS])(void *) = {
		count, count, map_and_unmap, look,
	};
	struct test_td *test = test_td_new();
	struct lp lps[TEST_TD_LPS] = { };
	pthread_t threads[TEST_TD_LPS];

	(void)state;
	test->program = program;
	test->nr_insns = ARRAY_SIZE(program);
	test_td_build(test, STAGE_VCPU_READY);
	add_second_runner(test, &lps[1].tdvpr);
	test_td_build(test, STAGE_RUNNABLE);
	lps[0].tdvpr = test->tdvpr;
	for (unsigned int i = 0; i < TEST_TD_LPS; i++) {
		lps[i].test = test;
		lps[i].vcpu = i;
		lps[i].page = test_td_page(test);
	}
	for (unsigned int i = 0; i < TEST_TD_LPS; i++)
		assert_int_equal(0, pthread_create(&threads[i], NULL, jobs[i], &lps[i]));
	for (unsigned int i = 0; i < TEST_TD_LPS; i++)
		assert_int_equal(0, pthread_join(threads[i], NULL));
	for (unsigned int i = 0; i < TEST_TD_LPS; i++)
		assert_int_equal(0, lps[i].nr_wrong);
	test_td_free(test);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_at_once),
	};

	return cmocka_run_group_tests_name("td_threads", tests, NULL, NULL);
}
