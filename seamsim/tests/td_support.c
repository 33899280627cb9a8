// SPDX-License-Identifier: GPL-2.0-only
#include "td_support.h"

#include <stdlib.h>
#include <string.h>

#define VERSIONED(leaf, version)	((leaf) | (u64)(version) << SEAMCALL_VERSION_SHIFT)

u64 test_td_page(struct test_td *test)
{
	u64 pa = test->next_page;

	test->next_page += PAGE_SIZE;
	assert_true(test->next_page <= TEST_RAM_SIZE);
	return pa;
}

u64 test_td_call(struct test_td *test, u64 leaf, u64 rcx, u64 rdx, u64 r8, u64 r9)
{
	struct sim_regs regs = { .rcx = rcx, .rdx = rdx, .r8 = r8, .r9 = r9 };

	return call_regs(test->machine, 0, leaf, &regs);
}

static void must(struct test_td *test, u64 leaf, u64 rcx, u64 rdx, u64 r8, u64 r9)
{
	assert_int_equal(TDX_SUCCESS, test_td_call(test, leaf, rcx, rdx, r8, r9));
}

struct test_td *test_td_new(void)
{
	struct test_td *test = calloc(1, sizeof(*test));

	assert_non_null(test);
	test->machine = machine_new(TEST_TD_LPS);
	machine_option(test->machine, "packages=2");
	machine_boot(test->machine);
	test->next_page = TEST_FREE_PA;
	test->params_pa = test_td_page(test);
	test->params = machine_ram(test->machine, test->params_pa);
	*test->params = (struct td_params) {
		.xfam = TD_XFAM_FIXED1,
		.max_vcpus = TEST_TD_MAX_VCPUS,
		.eptp_controls = EPTP_WRITE_BACK | EPTP_WALK_4_LEVELS << EPTP_WALK_SHIFT,
		.config_flags = TD_CONFIG_NO_RBP_MOD,
		.tsc_frequency = TD_TSC_FREQUENCY_MIN,
	};
	return test;
}

void test_td_free(struct test_td *test)
{
	machine_free(test->machine);
	free(test);
}

struct td *test_td_model(struct test_td *test)
{
	return td_page_find(test->machine->sim->td, test->tdr)->td;
}

static void configure_keys(struct test_td *test)
{
	for (unsigned int i = 0; i < TEST_TD_PACKAGES; i++)
		assert_int_equal(TDX_SUCCESS,
				 call(test->machine, i * TEST_TD_LPS / TEST_TD_PACKAGES,
				      TDH_MNG_KEY_CONFIG, test->tdr, 0, 0));
}

static void add_tdcx(struct test_td *test)
{
	for (unsigned int i = 0; i < TD_TDCX_PAGES; i++) {
		test->tdcx = test_td_page(test);
		must(test, TDH_MNG_ADDCX, test->tdcx, test->tdr, 0, 0);
	}
}

static void add_tdvpx(struct test_td *test, u64 tdvpr)
{
	for (unsigned int i = 0; i < TD_TDVPX_PAGES; i++)
		must(test, TDH_VP_ADDCX, test_td_page(test), tdvpr, 0, 0);
}

u64 test_td_enter(struct test_td *test, unsigned int lp, struct sim_regs *regs)
{
	regs->rcx = test->tdvpr;
	return call_regs(test->machine, lp, TDH_VP_ENTER, regs);
}

u64 test_td_add_vcpu(struct test_td *test)
{
	u64 tdvpr = test_td_page(test);

	must(test, TDH_VP_CREATE, tdvpr, test->tdr, 0, 0);
	add_tdvpx(test, tdvpr);
	return tdvpr;
}

/* From the root's entries down to those of 4 KiB pages. */
static void add_tables(struct test_td *test)
{
	for (unsigned int level = TEST_TD_NR_TABLES; level; level--)
		must(test, TDH_MEM_SEPT_ADD, level, test->tdr, test_td_page(test), 0);
}

static u64 add_measured(struct test_td *test, u64 gpa, u64 source)
{
	u64 pa = test_td_page(test);

	must(test, TDH_MEM_PAGE_ADD, gpa, test->tdr, pa, source);
	for (u64 offset = 0; offset < PAGE_SIZE; offset += MRTD_CHUNK_SIZE)
		must(test, TDH_MR_EXTEND, gpa + offset, test->tdr, 0, 0);
	return pa;
}

static void add_image(struct test_td *test)
{
	u64 source = test_td_page(test);

	if (test->nr_insns)
		memcpy(machine_ram(test->machine, source), test->program,
		       test->nr_insns * sizeof(*test->program));
	test->program_pa = add_measured(test, TEST_TD_PROGRAM, source);
	test->data_pa = add_measured(test, TEST_TD_DATA, test_td_page(test));
}

static void write_caches_back(struct test_td *test)
{
	for (unsigned int i = 0; i < TEST_TD_PACKAGES; i++)
		assert_int_equal(TDX_SUCCESS,
				 call(test->machine, i * TEST_TD_LPS / TEST_TD_PACKAGES,
				      TDH_PHYMEM_CACHE_WB, 0, 0, 0));
}

static void enter_stage(struct test_td *test, enum test_td_stage stage)
{
	switch (stage) {
	case STAGE_NOTHING:
		break;
	case STAGE_CREATED:
		test->tdr = test_td_page(test);
		must(test, TDH_MNG_CREATE, test->tdr, TEST_TD_HKID, 0, 0);
		break;
	case STAGE_KEYS:
		configure_keys(test);
		break;
	case STAGE_TDCS:
		add_tdcx(test);
		break;
	case STAGE_INITIALIZED:
		must(test, TDH_MNG_INIT, test->tdr, test->params_pa, 0, 0);
		break;
	case STAGE_VCPU_CREATED:
		test->tdvpr = test_td_page(test);
		must(test, TDH_VP_CREATE, test->tdvpr, test->tdr, 0, 0);
		break;
	case STAGE_VCPU_PAGES:
		add_tdvpx(test, test->tdvpr);
		break;
	case STAGE_VCPU_READY:
		must(test, VERSIONED(TDH_VP_INIT, VP_INIT_VERSION_X2APIC_ID), test->tdvpr,
		     TEST_TD_PROGRAM, 0, 0);
		break;
	case STAGE_TABLES:
		add_tables(test);
		break;
	case STAGE_IMAGE:
		add_image(test);
		break;
	case STAGE_RUNNABLE:
		must(test, TDH_MR_FINALIZE, test->tdr, 0, 0, 0);
		break;
	case STAGE_FLUSHED:
		must(test, TDH_VP_FLUSH, test->tdvpr, 0, 0, 0);
		break;
	case STAGE_BLOCKED:
		must(test, TDH_MNG_VPFLUSHDONE, test->tdr, 0, 0, 0);
		break;
	case STAGE_WRITTEN_BACK:
		write_caches_back(test);
		break;
	case STAGE_TEARDOWN:
		must(test, TDH_MNG_KEY_FREEID, test->tdr, 0, 0, 0);
		break;
	}
}

void test_td_build(struct test_td *test, enum test_td_stage stage)
{
	while (test->stage < stage)
		enter_stage(test, ++test->stage);
}
