// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all leaves on TDs have in common: the states that they need, the operands that
 * name a TD or a vCPU, pages that they take, places in the Secure EPT.
 *
 * The tables are a second reading of the leaves' tables in the "TDX Module ABI
 * Specification"; what a single leaf refuses is in test_td.c.
 */
#include "td_support.h"

#include "../leaf.h"

#define OUTSIDE_TDMR_PA		(2 * TEST_TDMR_SIZE)
#define SHARED_GPA		(1UL << TD_SHARED_BIT_GPAW48)
/* No table leads there. */
#define FAR_GPA			(1UL << 40)
#define LEVEL_4K		0
#define LEVEL_2M		1
#define LEVEL_ROOT		EPTP_WALK_4_LEVELS
#define STATUS(status)		((status) & ~0xffffffffULL)

/* From which stage of a TD's life to which a leaf is for it. */
static const struct rule {
	u64 leaf;
	u8 operand;
	bool vcpu;
	enum test_td_stage first;
	enum test_td_stage last;
	/* Wants a life cycle state, not an operation state. */
	bool lifecycle;
	/* The answer after that, while the TD has its keys; 0: by the state. */
	u64 too_late;
} rules[] = {
	{ .leaf = TDH_MNG_KEY_CONFIG, .operand = TDX_OPERAND_RCX, .lifecycle = true,
	  .first = STAGE_CREATED, .last = STAGE_CREATED },
	{ .leaf = TDH_MNG_ADDCX, .operand = TDX_OPERAND_RDX, .lifecycle = true,
	  .first = STAGE_KEYS, .last = STAGE_KEYS, .too_late = TDX_TDCX_NUM_INCORRECT },
	{ .leaf = TDH_MNG_INIT, .operand = TDX_OPERAND_RCX, .lifecycle = true,
	  .first = STAGE_KEYS, .last = STAGE_TDCS, .too_late = TDX_OP_STATE_INCORRECT },
	{ .leaf = TDH_MNG_RD, .operand = TDX_OPERAND_RCX,
	  .first = STAGE_INITIALIZED, .last = STAGE_FLUSHED },
	{ .leaf = TDH_MNG_VPFLUSHDONE, .operand = TDX_OPERAND_RCX, .lifecycle = true,
	  .first = STAGE_CREATED, .last = STAGE_FLUSHED },
	{ .leaf = TDH_MNG_KEY_FREEID, .operand = TDX_OPERAND_RCX, .lifecycle = true,
	  .first = STAGE_BLOCKED, .last = STAGE_WRITTEN_BACK },
	{ .leaf = TDH_VP_CREATE, .operand = TDX_OPERAND_RDX,
	  .first = STAGE_INITIALIZED, .last = STAGE_IMAGE },
	{ .leaf = TDH_VP_ADDCX, .operand = TDX_OPERAND_RDX, .vcpu = true,
	  .first = STAGE_INITIALIZED, .last = STAGE_IMAGE },
	{ .leaf = TDH_VP_INIT, .operand = TDX_OPERAND_RCX, .vcpu = true,
	  .first = STAGE_INITIALIZED, .last = STAGE_IMAGE },
	{ .leaf = TDH_VP_FLUSH, .operand = TDX_OPERAND_RCX, .vcpu = true,
	  .first = STAGE_INITIALIZED, .last = STAGE_FLUSHED },
	{ .leaf = TDH_VP_ENTER, .operand = TDX_OPERAND_RCX, .vcpu = true,
	  .first = STAGE_RUNNABLE, .last = STAGE_FLUSHED },
	{ .leaf = TDH_VP_RD, .operand = TDX_OPERAND_RCX, .vcpu = true,
	  .first = STAGE_INITIALIZED, .last = STAGE_FLUSHED },
	{ .leaf = TDH_VP_WR, .operand = TDX_OPERAND_RCX, .vcpu = true,
	  .first = STAGE_INITIALIZED, .last = STAGE_FLUSHED },
	{ .leaf = TDH_MEM_SEPT_ADD, .operand = TDX_OPERAND_RDX,
	  .first = STAGE_INITIALIZED, .last = STAGE_FLUSHED },
	{ .leaf = TDH_MEM_PAGE_ADD, .operand = TDX_OPERAND_RDX,
	  .first = STAGE_INITIALIZED, .last = STAGE_IMAGE },
	{ .leaf = TDH_MR_EXTEND, .operand = TDX_OPERAND_RDX,
	  .first = STAGE_INITIALIZED, .last = STAGE_IMAGE },
	{ .leaf = TDH_MR_FINALIZE, .operand = TDX_OPERAND_RCX,
	  .first = STAGE_INITIALIZED, .last = STAGE_IMAGE },
	{ .leaf = TDH_MEM_PAGE_AUG, .operand = TDX_OPERAND_RDX,
	  .first = STAGE_RUNNABLE, .last = STAGE_FLUSHED },
	{ .leaf = TDH_MEM_RANGE_BLOCK, .operand = TDX_OPERAND_RDX,
	  .first = STAGE_INITIALIZED, .last = STAGE_FLUSHED },
	{ .leaf = TDH_MEM_TRACK, .operand = TDX_OPERAND_RCX,
	  .first = STAGE_RUNNABLE, .last = STAGE_FLUSHED },
	{ .leaf = TDH_MEM_PAGE_REMOVE, .operand = TDX_OPERAND_RDX,
	  .first = STAGE_INITIALIZED, .last = STAGE_FLUSHED },
};

static bool has_keys(enum test_td_stage stage)
{
	return stage >= STAGE_KEYS && stage <= STAGE_FLUSHED;
}

/* 0: the state is none that this leaf refuses. */
static u64 expected_status(const struct rule *rule, enum test_td_stage stage)
{
	if (stage >= rule->first && stage <= rule->last)
		return TDX_SUCCESS;
	if (rule->too_late && stage > rule->last && has_keys(stage))
		return rule->too_late;
	if (rule->lifecycle)
		return TDX_LIFECYCLE_STATE_INCORRECT;
	if (!has_keys(stage))
		return TDX_TD_KEYS_NOT_CONFIGURED;
	return stage == STAGE_KEYS ? TDX_TDCS_NOT_ALLOCATED : TDX_OP_STATE_INCORRECT;
}

static bool is_about_state(u64 status)
{
	switch (STATUS(status)) {
	case TDX_LIFECYCLE_STATE_INCORRECT:
	case TDX_TD_KEYS_NOT_CONFIGURED:
	case TDX_TDCS_NOT_ALLOCATED:
	case TDX_OP_STATE_INCORRECT:
		return true;
	default:
		return false;
	}
}

/* With the TD or vCPU where the leaf expects it, and an unused page in the other register. */
static u64 call_rule(struct test_td *test, const struct rule *rule, u64 target)
{
	if (rule->operand == TDX_OPERAND_RCX)
		return test_td_call(test, rule->leaf, target, 0, 0, 0);
	return test_td_call(test, rule->leaf, test_td_page(test), target, 0, 0);
}

static void check_state(const struct rule *rule, enum test_td_stage stage)
{
	u64 expected = expected_status(rule, stage), status;
	struct test_td *test = test_td_new();

	test_td_build(test, stage);
	status = call_rule(test, rule, rule->vcpu ? test->tdvpr : test->tdr);
	if (expected ? STATUS(status) != expected : is_about_state(status))
		fail_msg("%s in stage %d: expected 0x%llx, got 0x%llx", leaf_name(leaf_index(rule->leaf)),
			 stage, (unsigned long long)expected, (unsigned long long)status);
	test_td_free(test);
}

static void leaves_need_a_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		enum test_td_stage stage = rules[i].vcpu ? STAGE_VCPU_CREATED : STAGE_CREATED;

		for (; stage <= STAGE_TEARDOWN; stage++)
			check_state(&rules[i], stage);
	}
}

static void assert_status(u64 leaf, u64 expected, u64 status)
{
	if (status != expected)
		fail_msg("%s: expected 0x%llx, got 0x%llx", leaf_name(leaf_index(leaf)),
			 (unsigned long long)expected, (unsigned long long)status);
}

static void leaves_need_a_td(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct rule *rule = &rules[i];
		struct test_td *test = test_td_new();
		u64 other;

		test_td_build(test, STAGE_RUNNABLE);
		other = rule->vcpu ? test->tdr : test->tdvpr;
		assert_status(rule->leaf, TDX_OPERAND_INVALID | rule->operand,
			      call_rule(test, rule, test->tdr + sizeof(u64)));
		assert_status(rule->leaf, TDX_PAGE_METADATA_INCORRECT | rule->operand,
			      call_rule(test, rule, other));
		assert_status(rule->leaf, TDX_PAGE_METADATA_INCORRECT | rule->operand,
			      call_rule(test, rule, test_td_page(test)));
		test_td_free(test);
	}
}

/* The page comes in RCX or in R8, and then a GPA in RCX. */
static const struct taker {
	u64 leaf;
	u8 operand;
	enum test_td_stage stage;
	u64 gpa;
	/* Looks at a page and does not mind whose it is. */
	bool takes_any;
} takers[] = {
	{ .leaf = TDH_MNG_CREATE, .operand = TDX_OPERAND_RCX, .stage = STAGE_CREATED },
	{ .leaf = TDH_MNG_ADDCX, .operand = TDX_OPERAND_RCX, .stage = STAGE_KEYS },
	{ .leaf = TDH_VP_CREATE, .operand = TDX_OPERAND_RCX, .stage = STAGE_INITIALIZED },
	{ .leaf = TDH_VP_ADDCX, .operand = TDX_OPERAND_RCX, .stage = STAGE_VCPU_CREATED },
	{ .leaf = TDH_MEM_SEPT_ADD, .operand = TDX_OPERAND_R8, .stage = STAGE_INITIALIZED,
	  .gpa = LEVEL_ROOT },
	{ .leaf = TDH_MEM_PAGE_ADD, .operand = TDX_OPERAND_R8, .stage = STAGE_TABLES,
	  .gpa = TEST_TD_HEAP },
	{ .leaf = TDH_MEM_PAGE_AUG, .operand = TDX_OPERAND_R8, .stage = STAGE_RUNNABLE,
	  .gpa = TEST_TD_HEAP },
	{ .leaf = TDH_PHYMEM_PAGE_RDMD, .operand = TDX_OPERAND_RCX, .stage = STAGE_CREATED,
	  .takes_any = true },
	{ .leaf = TDH_PHYMEM_PAGE_RECLAIM, .operand = TDX_OPERAND_RCX, .stage = STAGE_CREATED,
	  .takes_any = true },
	{ .leaf = TDH_PHYMEM_PAGE_WBINVD, .operand = TDX_OPERAND_RCX, .stage = STAGE_CREATED },
};

static u64 give_page(const struct taker *taker, u64 (*choose)(struct test_td *test))
{
	struct test_td *test = test_td_new();
	u64 pa, owner, status;

	test_td_build(test, taker->stage);
	pa = choose(test);
	owner = taker->leaf == TDH_VP_ADDCX ? test->tdvpr : test->tdr;
	if (taker->leaf == TDH_MNG_CREATE)
		owner = TEST_TD_HKID + 1;
	if (taker->operand == TDX_OPERAND_RCX)
		status = test_td_call(test, taker->leaf, pa, owner, 0, 0);
	else
		status = test_td_call(test, taker->leaf, taker->gpa, owner, pa,
				      test_td_page(test));
	test_td_free(test);
	return status;
}

static u64 misaligned(struct test_td *test)
{
	return test_td_page(test) + sizeof(u64);
}

static u64 outside_tdmr(struct test_td *test)
{
	(void)test;
	return OUTSIDE_TDMR_PA;
}

static u64 in_use(struct test_td *test)
{
	return test->tdr;
}

static void leaves_take_only_free_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(takers); i++) {
		const struct taker *taker = &takers[i];

		assert_status(taker->leaf, TDX_OPERAND_INVALID | taker->operand,
			      give_page(taker, misaligned));
		assert_status(taker->leaf, TDX_OPERAND_ADDR_RANGE_ERROR | taker->operand,
			      give_page(taker, outside_tdmr));
		if (!taker->takes_any)
			assert_status(taker->leaf, TDX_PAGE_METADATA_INCORRECT | taker->operand,
				      give_page(taker, in_use));
	}
}

/* Leaves that take a GPA and a level, and the level above those they know. */
static const struct walker {
	u64 leaf;
	enum test_td_stage stage;
	unsigned int too_high;
} walkers[] = {
	{ TDH_MEM_SEPT_ADD, STAGE_TABLES, LEVEL_ROOT + 1 },
	{ TDH_MEM_PAGE_ADD, STAGE_TABLES, LEVEL_2M },
	{ TDH_MEM_PAGE_AUG, STAGE_RUNNABLE, LEVEL_2M },
	{ TDH_MEM_RANGE_BLOCK, STAGE_RUNNABLE, LEVEL_ROOT + 1 },
	{ TDH_MEM_PAGE_REMOVE, STAGE_RUNNABLE, LEVEL_2M },
};

static u64 walk_to(const struct walker *walker, u64 gpa, unsigned int level)
{
	struct test_td *test = test_td_new();
	u64 status;

	test_td_build(test, walker->stage);
	status = test_td_call(test, walker->leaf, gpa | level, test->tdr, test_td_page(test),
			      test_td_page(test));
	test_td_free(test);
	return status;
}

static void leaves_take_only_places_in_the_sept(void **state)
{
	const u64 invalid = TDX_OPERAND_INVALID | TDX_OPERAND_RCX;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(walkers); i++) {
		const struct walker *walker = &walkers[i];
		unsigned int level = walker->leaf == TDH_MEM_SEPT_ADD ? LEVEL_2M : LEVEL_4K;

		assert_status(walker->leaf, invalid, walk_to(walker, SHARED_GPA, level));
		assert_status(walker->leaf, invalid, walk_to(walker, BIT_ULL(11), level));
		assert_status(walker->leaf, invalid, walk_to(walker, 0, walker->too_high));
		assert_status(walker->leaf, TDX_EPT_WALK_FAILED | TDX_OPERAND_RCX,
			      walk_to(walker, FAR_GPA, level));
	}
}

/* A shut down module knows no TD; the new one knows it as it was. */
static void frozen_tds_keep_their_state(void **state)
{
	struct image *image = image_new(1);
	struct test_td *test = test_td_new();
	struct machine *machine = test->machine;
	u64 pages;

	(void)state;
	test_td_build(test, STAGE_RUNNABLE);
	pages = test_td_model(test)->nr_pages;
	image_load(machine, image);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0));
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		assert_status(rules[i].leaf, TDX_SYS_SHUTDOWN,
			      call_rule(test, &rules[i],
					rules[i].vcpu ? test->tdvpr : test->tdr));
	for (size_t i = 0; i < ARRAY_SIZE(takers); i++)
		assert_status(takers[i].leaf, TDX_SYS_SHUTDOWN,
			      test_td_call(test, takers[i].leaf, test->tdr, 0, 0, 0));
	assert_status(TDH_PHYMEM_CACHE_WB, TDX_SYS_SHUTDOWN,
		      test_td_call(test, TDH_PHYMEM_CACHE_WB, 0, 0, 0, 0));
	assert_int_equal(pages, test_td_model(test)->nr_pages);
	assert_int_equal(TD_RUNNABLE, test_td_model(test)->op_state);
	image_free(image);
	test_td_free(test);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_need_a_state),
		cmocka_unit_test(leaves_need_a_td),
		cmocka_unit_test(leaves_take_only_free_pages),
		cmocka_unit_test(leaves_take_only_places_in_the_sept),
		cmocka_unit_test(frozen_tds_keep_their_state),
	};

	return cmocka_run_group_tests_name("td_leaves", tests, NULL, NULL);
}
