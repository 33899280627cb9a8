// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDs: what each leaf refuses and whose refusal it is, what is busy when, the life of
 * a TD from end to end, and what becomes of it in an update.
 */
#include "td_support.h"

#include <json-c/json.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOT_RAM_PA		(TEST_TDMR_SIZE - PAGE_SIZE)
#define OUTSIDE_TDMR_PA		(2 * TEST_TDMR_SIZE)
#define SHARED_GPA		(1UL << TD_SHARED_BIT_GPAW48)
#define LEVEL_2M		1UL
#define OTHER_LP		1
#define UNKNOWN_VMCS_FIELD	0x6802
#define VMCS_FIELD(field)	((u64)TDVPS_CLASS_VMCS << FIELD_CLASS_SHIFT | (field))
#define TD_FIELD(class, code)	((u64)(class) << FIELD_CLASS_SHIFT | (code))
#define SOME_VALUE		0x1234

/* One refusal each: provokes it and returns the status. */

static u64 create(struct test_td *test, u64 tdr, u64 hkid)
{
	return test_td_call(test, TDH_MNG_CREATE, tdr, hkid, 0, 0);
}

static u64 create_misaligned(struct test_td *test)
{
	return create(test, test_td_page(test) + sizeof(u64), TEST_TD_HKID);
}

static u64 create_outside_tdmr(struct test_td *test)
{
	return create(test, OUTSIDE_TDMR_PA, TEST_TD_HKID);
}

static u64 create_in_used_page(struct test_td *test)
{
	test_td_build(test, STAGE_CREATED);
	return create(test, test->tdr, TEST_TD_HKID + 1);
}

static u64 create_with_shared_keyid(struct test_td *test)
{
	return create(test, test_td_page(test), TD_HKID_FIRST - 1);
}

static u64 create_with_global_keyid(struct test_td *test)
{
	return create(test, test_td_page(test), TEST_TDX_KEYID);
}

static u64 create_with_used_hkid(struct test_td *test)
{
	test_td_build(test, STAGE_CREATED);
	return create(test, test_td_page(test), TEST_TD_HKID);
}

static u64 key_config_no_td(struct test_td *test)
{
	return test_td_call(test, TDH_MNG_KEY_CONFIG, test_td_page(test), 0, 0, 0);
}

static u64 key_config_same_package(struct test_td *test)
{
	test_td_build(test, STAGE_CREATED);
	assert_int_equal(TDX_SUCCESS,
			 test_td_call(test, TDH_MNG_KEY_CONFIG, test->tdr, 0, 0, 0));
	return test_td_call(test, TDH_MNG_KEY_CONFIG, test->tdr, 0, 0, 0);
}

/* With the check off the package still has its key, so take the state away only. */
static u64 addcx_without_keys(struct test_td *test)
{
	test_td_build(test, STAGE_CREATED);
	return test_td_call(test, TDH_MNG_ADDCX, test_td_page(test), test->tdr, 0, 0);
}

static u64 addcx_too_many(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	return test_td_call(test, TDH_MNG_ADDCX, test_td_page(test), test->tdr, 0, 0);
}

static u64 mng_init(struct test_td *test)
{
	return test_td_call(test, TDH_MNG_INIT, test->tdr, test->params_pa, 0, 0);
}

static u64 init_without_tdcs(struct test_td *test)
{
	test_td_build(test, STAGE_KEYS);
	return mng_init(test);
}

static u64 init_twice(struct test_td *test)
{
	test_td_build(test, STAGE_INITIALIZED);
	return mng_init(test);
}

static u64 init_params_misaligned(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	memmove((u8 *)test->params + sizeof(u64), test->params, sizeof(*test->params));
	test->params_pa += sizeof(u64);
	return mng_init(test);
}

static u64 init_params_not_ram(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	return test_td_call(test, TDH_MNG_INIT, test->tdr, NOT_RAM_PA, 0, 0);
}

static u64 init_reserved(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	test->params->reserved1[0] = 1;
	return mng_init(test);
}

static u64 init_unknown_attribute(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	test->params->attributes = BIT_ULL(1);
	return mng_init(test);
}

static u64 init_without_fixed_xfam(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	test->params->xfam = 0;
	return mng_init(test);
}

static u64 init_unknown_config_flag(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	test->params->config_flags |= BIT_ULL(63);
	return mng_init(test);
}

static u64 init_uncached_ept(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	test->params->eptp_controls &= ~EPTP_MEMORY_TYPE_MASK;
	return mng_init(test);
}

static u64 init_with_six_levels(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	test->params->eptp_controls = EPTP_WRITE_BACK |
				      (EPTP_WALK_5_LEVELS + 1) << EPTP_WALK_SHIFT;
	return mng_init(test);
}

static u64 init_without_vcpus(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	test->params->max_vcpus = 0;
	return mng_init(test);
}

static u64 init_slow_tsc(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	test->params->tsc_frequency = TD_TSC_FREQUENCY_MIN - 1;
	return mng_init(test);
}

static u64 rd_without_tdcs(struct test_td *test)
{
	test_td_build(test, STAGE_KEYS);
	return test_td_call(test, TDH_MNG_RD, test->tdr, 0, 0, 0);
}

static u64 rd_uninitialized(struct test_td *test)
{
	test_td_build(test, STAGE_TDCS);
	return test_td_call(test, TDH_MNG_RD, test->tdr, 0, 0, 0);
}

static u64 rd_unknown_field(struct test_td *test)
{
	test_td_build(test, STAGE_INITIALIZED);
	return test_td_call(test, TDH_MNG_RD, test->tdr, TD_FIELD(63, 0), 0, 0);
}

static u64 rd_without_key(struct test_td *test)
{
	test_td_build(test, STAGE_BLOCKED);
	return test_td_call(test, TDH_MNG_RD, test->tdr,
			    TD_FIELD(TDCS_CLASS_EXECUTION_CONTROLS, TDCS_XFAM), 0, 0);
}

static u64 vp_addcx_too_many(struct test_td *test)
{
	test_td_build(test, STAGE_VCPU_PAGES);
	return test_td_call(test, TDH_VP_ADDCX, test_td_page(test), test->tdvpr, 0, 0);
}

static u64 vp_addcx_no_vcpu(struct test_td *test)
{
	test_td_build(test, STAGE_INITIALIZED);
	return test_td_call(test, TDH_VP_ADDCX, test_td_page(test), test->tdr, 0, 0);
}

static u64 vp_init_without_pages(struct test_td *test)
{
	test_td_build(test, STAGE_VCPU_CREATED);
	return test_td_call(test, TDH_VP_INIT, test->tdvpr, 0, 0, 0);
}

static u64 vp_init_with_id(struct test_td *test, u64 tdvpr, u64 id)
{
	u64 leaf = TDH_VP_INIT | (u64)VP_INIT_VERSION_X2APIC_ID << SEAMCALL_VERSION_SHIFT;

	return test_td_call(test, leaf, tdvpr, 0, id, 0);
}

static u64 vp_init_one_too_many(struct test_td *test)
{
	test->params->max_vcpus = 1;
	test_td_build(test, STAGE_VCPU_READY);
	return vp_init_with_id(test, test_td_add_vcpu(test), 1);
}

static u64 vp_init_same_id(struct test_td *test)
{
	test_td_build(test, STAGE_VCPU_READY);
	return vp_init_with_id(test, test_td_add_vcpu(test), 0);
}

static u64 vp_rd_before_init(struct test_td *test)
{
	test_td_build(test, STAGE_VCPU_PAGES);
	return test_td_call(test, TDH_VP_RD, test->tdvpr, VMCS_FIELD(VMCS_NOTIFY_WINDOW), 0, 0);
}

static u64 vp_rd_on_other_lp(struct test_td *test)
{
	test_td_build(test, STAGE_VCPU_READY);
	return call(test->machine, OTHER_LP, TDH_VP_RD, test->tdvpr,
		    VMCS_FIELD(VMCS_NOTIFY_WINDOW), 0);
}

static u64 vp_rd_unknown_field(struct test_td *test)
{
	test_td_build(test, STAGE_VCPU_READY);
	return test_td_call(test, TDH_VP_RD, test->tdvpr, VMCS_FIELD(UNKNOWN_VMCS_FIELD), 0, 0);
}

static u64 vp_wr_unknown_field(struct test_td *test)
{
	test_td_build(test, STAGE_VCPU_READY);
	return test_td_call(test, TDH_VP_WR, test->tdvpr, VMCS_FIELD(UNKNOWN_VMCS_FIELD), 0, 0);
}

static u64 vp_flush_on_other_lp(struct test_td *test)
{
	test_td_build(test, STAGE_VCPU_READY);
	return call(test->machine, OTHER_LP, TDH_VP_FLUSH, test->tdvpr, 0, 0);
}

static u64 vpflushdone_unflushed(struct test_td *test)
{
	test_td_build(test, STAGE_VCPU_READY);
	return test_td_call(test, TDH_MNG_VPFLUSHDONE, test->tdr, 0, 0, 0);
}

static u64 cache_wb_nothing(struct test_td *test)
{
	return test_td_call(test, TDH_PHYMEM_CACHE_WB, 0, 0, 0, 0);
}

static u64 freeid_cached(struct test_td *test)
{
	test_td_build(test, STAGE_BLOCKED);
	return test_td_call(test, TDH_MNG_KEY_FREEID, test->tdr, 0, 0, 0);
}

static u64 reclaim(struct test_td *test, u64 pa)
{
	return test_td_call(test, TDH_PHYMEM_PAGE_RECLAIM, pa, 0, 0, 0);
}

static u64 reclaim_free_page(struct test_td *test)
{
	return reclaim(test, test_td_page(test));
}

static u64 reclaim_of_living_td(struct test_td *test)
{
	test_td_build(test, STAGE_RUNNABLE);
	return reclaim(test, test->tdcx);
}

static u64 reclaim_tdr_first(struct test_td *test)
{
	test_td_build(test, STAGE_TEARDOWN);
	return reclaim(test, test->tdr);
}

static u64 wbinvd_used_page(struct test_td *test)
{
	test_td_build(test, STAGE_CREATED);
	return test_td_call(test, TDH_PHYMEM_PAGE_WBINVD, test->tdr, 0, 0, 0);
}

static u64 sept_add(struct test_td *test, u64 gpa_and_level)
{
	return test_td_call(test, TDH_MEM_SEPT_ADD, gpa_and_level, test->tdr,
			    test_td_page(test), 0);
}

static u64 sept_add_leaf_level(struct test_td *test)
{
	test_td_build(test, STAGE_TABLES);
	return sept_add(test, TEST_TD_HEAP);
}

static u64 sept_add_above_root(struct test_td *test)
{
	test_td_build(test, STAGE_INITIALIZED);
	return sept_add(test, EPTP_WALK_4_LEVELS + 1);
}

static u64 sept_add_without_parent(struct test_td *test)
{
	test_td_build(test, STAGE_INITIALIZED);
	return sept_add(test, LEVEL_2M);
}

static u64 sept_add_twice(struct test_td *test)
{
	test_td_build(test, STAGE_TABLES);
	return sept_add(test, LEVEL_2M);
}

static u64 page_add(struct test_td *test, u64 gpa, u64 source)
{
	return test_td_call(test, TDH_MEM_PAGE_ADD, gpa, test->tdr, test_td_page(test), source);
}

static u64 page_add_shared_gpa(struct test_td *test)
{
	test_td_build(test, STAGE_TABLES);
	return page_add(test, SHARED_GPA | TEST_TD_HEAP, test_td_page(test));
}

static u64 page_add_without_table(struct test_td *test)
{
	test_td_build(test, STAGE_INITIALIZED);
	return page_add(test, TEST_TD_HEAP, test_td_page(test));
}

static u64 page_add_twice(struct test_td *test)
{
	test_td_build(test, STAGE_IMAGE);
	return page_add(test, TEST_TD_DATA, test_td_page(test));
}

static u64 page_add_source_misaligned(struct test_td *test)
{
	test_td_build(test, STAGE_TABLES);
	return page_add(test, TEST_TD_HEAP, test_td_page(test) + sizeof(u64));
}

static u64 page_add_source_private(struct test_td *test)
{
	test_td_build(test, STAGE_TABLES);
	return page_add(test, TEST_TD_HEAP, test->tdcx);
}

static u64 page_add_source_not_ram(struct test_td *test)
{
	test_td_build(test, STAGE_TABLES);
	return page_add(test, TEST_TD_HEAP, NOT_RAM_PA);
}

static u64 page_add_when_finalized(struct test_td *test)
{
	test_td_build(test, STAGE_RUNNABLE);
	return page_add(test, TEST_TD_HEAP, test_td_page(test));
}

static u64 extend_misaligned(struct test_td *test)
{
	test_td_build(test, STAGE_IMAGE);
	return test_td_call(test, TDH_MR_EXTEND, TEST_TD_DATA + sizeof(u64), test->tdr, 0, 0);
}

static u64 extend_without_table(struct test_td *test)
{
	test_td_build(test, STAGE_INITIALIZED);
	return test_td_call(test, TDH_MR_EXTEND, TEST_TD_DATA, test->tdr, 0, 0);
}

static u64 extend_unmapped(struct test_td *test)
{
	test_td_build(test, STAGE_TABLES);
	return test_td_call(test, TDH_MR_EXTEND, TEST_TD_HEAP, test->tdr, 0, 0);
}

static u64 aug(struct test_td *test, u64 gpa)
{
	return test_td_call(test, TDH_MEM_PAGE_AUG, gpa, test->tdr, test_td_page(test), 0);
}

static u64 aug_before_finalize(struct test_td *test)
{
	test_td_build(test, STAGE_IMAGE);
	return aug(test, TEST_TD_HEAP);
}

static u64 aug_mapped(struct test_td *test)
{
	test_td_build(test, STAGE_RUNNABLE);
	return aug(test, TEST_TD_DATA);
}

static u64 block(struct test_td *test, u64 gpa)
{
	return test_td_call(test, TDH_MEM_RANGE_BLOCK, gpa, test->tdr, 0, 0);
}

static u64 block_twice(struct test_td *test)
{
	test_td_build(test, STAGE_RUNNABLE);
	assert_int_equal(TDX_SUCCESS, block(test, TEST_TD_DATA));
	return block(test, TEST_TD_DATA);
}

static u64 block_free(struct test_td *test)
{
	test_td_build(test, STAGE_RUNNABLE);
	return block(test, TEST_TD_HEAP);
}

static u64 track(struct test_td *test)
{
	return test_td_call(test, TDH_MEM_TRACK, test->tdr, 0, 0, 0);
}

static u64 track_before_finalize(struct test_td *test)
{
	test_td_build(test, STAGE_IMAGE);
	return track(test);
}

static u64 track_with_late_vcpu(struct test_td *test)
{
	test_td_build(test, STAGE_RUNNABLE);
	test_td_model(test)->inside[0] = 1;
	assert_int_equal(TDX_SUCCESS, track(test));
	return track(test);
}

static u64 page_remove(struct test_td *test, u64 gpa)
{
	return test_td_call(test, TDH_MEM_PAGE_REMOVE, gpa, test->tdr, 0, 0);
}

static u64 remove_free(struct test_td *test)
{
	test_td_build(test, STAGE_IMAGE);
	return page_remove(test, TEST_TD_HEAP);
}

static u64 remove_unblocked(struct test_td *test)
{
	test_td_build(test, STAGE_RUNNABLE);
	assert_int_equal(TDX_SUCCESS, track(test));
	return page_remove(test, TEST_TD_DATA);
}

static u64 remove_untracked(struct test_td *test)
{
	test_td_build(test, STAGE_RUNNABLE);
	assert_int_equal(TDX_SUCCESS, block(test, TEST_TD_DATA));
	return page_remove(test, TEST_TD_DATA);
}

/* The epoch has moved on, but one vCPU is still in the guest with the old one. */
static u64 remove_with_late_vcpu(struct test_td *test)
{
	test_td_build(test, STAGE_RUNNABLE);
	assert_int_equal(TDX_SUCCESS, block(test, TEST_TD_DATA));
	test_td_model(test)->inside[0] = 1;
	assert_int_equal(TDX_SUCCESS, track(test));
	return page_remove(test, TEST_TD_DATA);
}

static u64 enter_before_finalize(struct test_td *test)
{
	struct sim_regs regs = { };

	test_td_build(test, STAGE_IMAGE);
	return test_td_enter(test, 0, &regs);
}

static u64 enter_on_other_lp(struct test_td *test)
{
	struct sim_regs regs = { };

	test_td_build(test, STAGE_RUNNABLE);
	return test_td_enter(test, OTHER_LP, &regs);
}

#define OPERAND(status, operand)	((status) | (operand))

/* A NULL name: this one cannot be switched off, the model could not go on. */
static const struct refusal {
	const char *name;
	u64 status;
	u64 (*provoke)(struct test_td *test);
} refusals[] = {
	{ "td-page-address", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_RCX), create_misaligned },
	{ "td-page-in-tdmr", OPERAND(TDX_OPERAND_ADDR_RANGE_ERROR, TDX_OPERAND_RCX),
	  create_outside_tdmr },
	{ NULL, OPERAND(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_RCX), create_in_used_page },
	{ NULL, OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_RDX), create_with_shared_keyid },
	{ NULL, OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_RDX), create_with_global_keyid },
	{ "td-hkid-free", OPERAND(TDX_HKID_NOT_FREE, TDX_OPERAND_RDX), create_with_used_hkid },
	{ NULL, OPERAND(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_RCX), key_config_no_td },
	{ "td-key-configured", TDX_KEY_CONFIGURED, key_config_same_package },
	{ "td-lifecycle", TDX_LIFECYCLE_STATE_INCORRECT, addcx_without_keys },
	{ "td-tdcx-number", TDX_TDCX_NUM_INCORRECT, addcx_too_many },
	{ "td-tdcx-number", TDX_TDCX_NUM_INCORRECT, init_without_tdcs },
	{ NULL, TDX_OP_STATE_INCORRECT, init_twice },
	{ "td-params-address", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_RDX),
	  init_params_misaligned },
	{ NULL, OPERAND(TDX_OPERAND_ADDR_RANGE_ERROR, TDX_OPERAND_RDX), init_params_not_ram },
	{ "td-params-reserved", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_RDX), init_reserved },
	{ "td-params-attributes", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_ATTRIBUTES),
	  init_unknown_attribute },
	{ "td-params-xfam", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_XFAM),
	  init_without_fixed_xfam },
	{ "td-params-config-flags", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_EXEC_CONTROLS),
	  init_unknown_config_flag },
	{ "td-params-eptp", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_EPTP_CONTROLS),
	  init_uncached_ept },
	{ NULL, OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_EPTP_CONTROLS), init_with_six_levels },
	{ "td-params-max-vcpus", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_MAX_VCPUS),
	  init_without_vcpus },
	{ "td-params-tsc", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_TSC_FREQUENCY),
	  init_slow_tsc },
	{ NULL, OPERAND(TDX_TDCS_NOT_ALLOCATED, TDX_OPERAND_TDR), rd_without_tdcs },
	{ NULL, TDX_OP_STATE_INCORRECT, rd_uninitialized },
	{ NULL, OPERAND(TDX_METADATA_FIELD_ID_INCORRECT, TDX_OPERAND_RDX), rd_unknown_field },
	{ "td-keys", OPERAND(TDX_TD_KEYS_NOT_CONFIGURED, TDX_OPERAND_TDR), rd_without_key },
	{ "td-tdvpx-number", TDX_TDVPX_NUM_INCORRECT, vp_addcx_too_many },
	{ NULL, OPERAND(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_RDX), vp_addcx_no_vcpu },
	{ "td-tdvpx-number", TDX_TDVPX_NUM_INCORRECT, vp_init_without_pages },
	{ "td-vcpu-number", TDX_MAX_VCPUS_EXCEEDED, vp_init_one_too_many },
	{ "td-x2apic-id", OPERAND(TDX_X2APIC_ID_NOT_UNIQUE, TDX_OPERAND_R8), vp_init_same_id },
	{ "td-vcpu-state", TDX_VCPU_STATE_INCORRECT, vp_rd_before_init },
	{ "td-vcpu-association", TDX_VCPU_ASSOCIATED, vp_rd_on_other_lp },
	{ NULL, OPERAND(TDX_METADATA_FIELD_NOT_READABLE, TDX_OPERAND_RDX),
	  vp_rd_unknown_field },
	{ "td-field-writable", OPERAND(TDX_METADATA_FIELD_NOT_WRITABLE, TDX_OPERAND_RDX),
	  vp_wr_unknown_field },
	{ "td-vcpu-association", TDX_VCPU_NOT_ASSOCIATED, vp_flush_on_other_lp },
	{ "td-vps-flushed", TDX_FLUSHVP_NOT_DONE, vpflushdone_unflushed },
	{ "td-hkid-to-wbcache", TDX_NO_HKID_READY_TO_WBCACHE, cache_wb_nothing },
	{ "td-wbcache-done", TDX_WBCACHE_NOT_COMPLETE, freeid_cached },
	{ NULL, OPERAND(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_RCX), reclaim_free_page },
	{ "td-lifecycle", TDX_LIFECYCLE_STATE_INCORRECT, reclaim_of_living_td },
	{ "td-pages-reclaimed", TDX_TD_ASSOCIATED_PAGES_EXIST, reclaim_tdr_first },
	{ "td-page-not-in-use", OPERAND(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_RCX),
	  wbinvd_used_page },
	{ "td-gpa-level", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_RCX), sept_add_leaf_level },
	{ NULL, OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_RCX), sept_add_above_root },
	{ NULL, OPERAND(TDX_EPT_WALK_FAILED, TDX_OPERAND_RCX), sept_add_without_parent },
	{ "td-sept-entry-state", OPERAND(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_RCX),
	  sept_add_twice },
	{ NULL, OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_RCX), page_add_shared_gpa },
	{ NULL, OPERAND(TDX_EPT_WALK_FAILED, TDX_OPERAND_RCX), page_add_without_table },
	{ "td-sept-entry-state", OPERAND(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_RCX),
	  page_add_twice },
	{ "td-source-address", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_R9),
	  page_add_source_misaligned },
	{ "td-source-address", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_R9),
	  page_add_source_private },
	{ NULL, OPERAND(TDX_OPERAND_ADDR_RANGE_ERROR, TDX_OPERAND_R9),
	  page_add_source_not_ram },
	{ NULL, TDX_OP_STATE_INCORRECT, page_add_when_finalized },
	{ "td-gpa", OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_RCX), extend_misaligned },
	{ NULL, OPERAND(TDX_EPT_WALK_FAILED, TDX_OPERAND_RCX), extend_without_table },
	{ NULL, OPERAND(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_RCX), extend_unmapped },
	{ "td-op-state", TDX_OP_STATE_INCORRECT, aug_before_finalize },
	{ "td-sept-entry-state", OPERAND(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_RCX),
	  aug_mapped },
	{ NULL, TDX_GPA_RANGE_ALREADY_BLOCKED, block_twice },
	{ "td-sept-entry-state", OPERAND(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_RCX),
	  block_free },
	{ "td-op-state", TDX_OP_STATE_INCORRECT, track_before_finalize },
	{ "td-epoch-busy", TDX_PREVIOUS_TLB_EPOCH_BUSY, track_with_late_vcpu },
	{ "td-sept-entry-state", OPERAND(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_RCX),
	  remove_free },
	{ "td-range-blocked", OPERAND(TDX_GPA_RANGE_NOT_BLOCKED, TDX_OPERAND_RCX),
	  remove_unblocked },
	{ "td-tlb-tracking", OPERAND(TDX_TLB_TRACKING_NOT_DONE, TDX_OPERAND_RCX),
	  remove_untracked },
	{ "td-tlb-tracking", OPERAND(TDX_TLB_TRACKING_NOT_DONE, TDX_OPERAND_RCX),
	  remove_with_late_vcpu },
	{ NULL, TDX_OP_STATE_INCORRECT, enter_before_finalize },
	{ NULL, TDX_VCPU_ASSOCIATED, enter_on_other_lp },
};

static void check_refusal(void **state)
{
	const struct refusal *refusal = *state;
	struct test_td *test = test_td_new();

	assert_int_equal(refusal->status, refusal->provoke(test));
	test_td_free(test);
}

static void check_switched_off(void **state)
{
	const struct refusal *refusal = *state;
	struct test_td *test = test_td_new();
	char option[64];

	snprintf(option, sizeof(option), "check_off=%s", refusal->name);
	machine_option(test->machine, option);
	assert_int_equal(TDX_SUCCESS, refusal->provoke(test));
	test_td_free(test);
}

/* Who fails when another LP holds the TD, the vCPU or the Secure EPT. */
static const struct contention {
	u64 leaf;
	bool tdr_in_rdx;
	bool vcpu;
	enum td_access td_access;
	enum td_access vcpu_access;
	enum td_access sept_access;
} contentions[] = {
	{ .leaf = TDH_MNG_KEY_CONFIG, .td_access = TD_EXCLUSIVE },
	{ .leaf = TDH_MNG_ADDCX, .tdr_in_rdx = true, .td_access = TD_EXCLUSIVE },
	{ .leaf = TDH_MNG_INIT, .td_access = TD_EXCLUSIVE },
	{ .leaf = TDH_MNG_RD, .td_access = TD_SHARED },
	{ .leaf = TDH_MNG_VPFLUSHDONE, .td_access = TD_EXCLUSIVE },
	{ .leaf = TDH_MNG_KEY_FREEID, .td_access = TD_EXCLUSIVE },
	{ .leaf = TDH_VP_CREATE, .tdr_in_rdx = true, .td_access = TD_SHARED },
	{ .leaf = TDH_MR_FINALIZE, .td_access = TD_EXCLUSIVE },
	{ .leaf = TDH_MR_EXTEND, .tdr_in_rdx = true, .td_access = TD_EXCLUSIVE },
	{ .leaf = TDH_MEM_TRACK, .td_access = TD_SHARED },
	{ .leaf = TDH_MEM_SEPT_ADD, .tdr_in_rdx = true, .td_access = TD_SHARED,
	  .sept_access = TD_SHARED },
	{ .leaf = TDH_MEM_PAGE_ADD, .tdr_in_rdx = true, .td_access = TD_EXCLUSIVE,
	  .sept_access = TD_SHARED },
	{ .leaf = TDH_MEM_PAGE_AUG, .tdr_in_rdx = true, .td_access = TD_SHARED,
	  .sept_access = TD_SHARED },
	{ .leaf = TDH_MEM_RANGE_BLOCK, .tdr_in_rdx = true, .td_access = TD_SHARED,
	  .sept_access = TD_EXCLUSIVE },
	{ .leaf = TDH_MEM_PAGE_REMOVE, .tdr_in_rdx = true, .td_access = TD_SHARED,
	  .sept_access = TD_EXCLUSIVE },
	{ .leaf = TDH_VP_INIT, .vcpu = true, .td_access = TD_EXCLUSIVE,
	  .vcpu_access = TD_EXCLUSIVE },
	{ .leaf = TDH_VP_ADDCX, .vcpu = true, .tdr_in_rdx = true, .td_access = TD_SHARED,
	  .vcpu_access = TD_EXCLUSIVE },
	{ .leaf = TDH_VP_FLUSH, .vcpu = true, .td_access = TD_SHARED,
	  .vcpu_access = TD_EXCLUSIVE },
	{ .leaf = TDH_VP_ENTER, .vcpu = true, .td_access = TD_SHARED,
	  .vcpu_access = TD_EXCLUSIVE },
	{ .leaf = TDH_VP_RD, .vcpu = true, .td_access = TD_SHARED, .vcpu_access = TD_SHARED },
	{ .leaf = TDH_VP_WR, .vcpu = true, .td_access = TD_SHARED, .vcpu_access = TD_SHARED },
};

static bool is_busy(struct test_td *test, const struct contention *contention,
		    unsigned int operand)
{
	u64 target = contention->vcpu ? test->tdvpr : test->tdr;
	u64 page = test_td_page(test);
	u64 status;

	if (contention->tdr_in_rdx)
		status = test_td_call(test, contention->leaf, page, target, 0, 0);
	else
		status = test_td_call(test, contention->leaf, target, 0, 0, 0);
	return status == OPERAND(TDX_OPERAND_BUSY, operand);
}

/* Another's exclusive lock bars every user, another's shared one only exclusive users. */
static void check_lock(struct test_td *test, const struct contention *contention,
		       struct td_resource *lock, enum td_access access, unsigned int operand)
{
	if (access == TD_UNLOCKED)
		return;
	lock->exclusive = true;
	assert_true(is_busy(test, contention, operand));
	lock->exclusive = false;
	lock->sharers = 1;
	assert_int_equal(access == TD_EXCLUSIVE, is_busy(test, contention, operand));
	lock->sharers = 0;
}

/* One machine a lock: a leaf that is let through leaves the TD changed. */
static void busy_operands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(contentions); i++) {
		const struct contention *contention = &contentions[i];
		struct test_td *test = test_td_new();
		struct td *td;

		test_td_build(test, STAGE_RUNNABLE);
		td = test_td_model(test);
		check_lock(test, contention, &td->lock, contention->td_access, TDX_OPERAND_TDR);
		check_lock(test, contention, &td->sept_lock, contention->sept_access,
			   TDX_OPERAND_SEPT);
		check_lock(test, contention, &LIST_FIRST(&td->vcpus)->lock,
			   contention->vcpu_access, TDX_OPERAND_TDVPR);
		assert_int_equal(0, td->lock.sharers + td->sept_lock.sharers);
		test_td_free(test);
	}
}

static void remove_page(struct test_td *test, u64 gpa, u64 pa)
{
	struct sim_regs regs = { .rcx = gpa, .rdx = test->tdr };

	assert_int_equal(TDX_SUCCESS, block(test, gpa));
	assert_int_equal(TDX_SUCCESS, track(test));
	assert_int_equal(TDX_SUCCESS, call_regs(test->machine, 0, TDH_MEM_PAGE_REMOVE, &regs));
	assert_int_equal(pa, regs.rcx);
}

static void reclaim_everything(struct test_td *test)
{
	const struct td_state *tds = test->machine->sim->td;

	for (u64 pa = TEST_FREE_PA; pa < test->next_page; pa += PAGE_SIZE)
		if (pa != test->tdr && td_page_find(tds, pa))
			assert_int_equal(TDX_SUCCESS, reclaim(test, pa));
	assert_int_equal(TDX_SUCCESS, reclaim(test, test->tdr));
	assert_null(tds->pages);
	assert_true(LIST_EMPTY(&tds->tds));
}

static void lives_and_goes(void **state)
{
	struct test_td *test = test_td_new();

	(void)state;
	test_td_build(test, STAGE_RUNNABLE);
	remove_page(test, TEST_TD_PROGRAM, test->program_pa);
	remove_page(test, TEST_TD_DATA, test->data_pa);
	test_td_build(test, STAGE_TEARDOWN);
	reclaim_everything(test);
	assert_int_equal(HKID_FREE, test->machine->sim->td->hkids[TEST_TD_HKID].state);

	/* And once more with the same key and the same pages. */
	test->stage = STAGE_NOTHING;
	test->next_page = TEST_FREE_PA + PAGE_SIZE;
	test_td_build(test, STAGE_RUNNABLE);
	test_td_free(test);
}

static void pages_tell_their_owner(void **state)
{
	struct test_td *test = test_td_new();
	struct sim_regs regs;

	(void)state;
	test_td_build(test, STAGE_RUNNABLE);
	regs = (struct sim_regs){ .rcx = test->data_pa };
	assert_int_equal(TDX_SUCCESS, call_regs(test->machine, 0, TDH_PHYMEM_PAGE_RDMD, &regs));
	assert_int_equal(PT_REG, regs.rcx);
	assert_int_equal(test->tdr, regs.rdx);
	assert_true(td_page_is_private(test->machine->sim, test->data_pa + 1));

	regs = (struct sim_regs){ .rcx = test_td_page(test) };
	assert_false(td_page_is_private(test->machine->sim, regs.rcx));
	assert_int_equal(TDX_SUCCESS, call_regs(test->machine, 0, TDH_PHYMEM_PAGE_RDMD, &regs));
	assert_int_equal(PT_NDA, regs.rcx);
	test_td_free(test);
}

static void failed_walk_tells_where(void **state)
{
	struct test_td *test = test_td_new();
	struct sim_regs regs = { .rcx = TEST_TD_HEAP };

	(void)state;
	test_td_build(test, STAGE_INITIALIZED);
	assert_int_equal(TDX_SUCCESS, sept_add(test, EPTP_WALK_4_LEVELS));
	regs.rdx = test->tdr;
	regs.r8 = test_td_page(test);
	assert_int_equal(OPERAND(TDX_EPT_WALK_FAILED, TDX_OPERAND_RCX),
			 call_regs(test->machine, 0, TDH_MEM_PAGE_ADD, &regs));
	assert_int_equal((EPTP_WALK_4_LEVELS - 1) | SEPT_FREE << SEPT_INFO_STATE_SHIFT, regs.rdx);
	test_td_free(test);
}

static void wbinvd_ignores_the_keyid(void **state)
{
	struct test_td *test = test_td_new();
	u64 keyid = (u64)TEST_TD_HKID << test->machine->sim->config.phys_bits;

	(void)state;
	assert_int_equal(TDX_SUCCESS,
			 test_td_call(test, TDH_PHYMEM_PAGE_WBINVD, test_td_page(test) | keyid,
				      0, 0, 0));
	test_td_free(test);
}

static void hash(EVP_MD_CTX *context, const void *bytes, size_t size)
{
	assert_int_equal(1, EVP_DigestUpdate(context, bytes, size));
}

/* As the specification words it, byte by byte. */
static void hash_record(EVP_MD_CTX *context, const char *name, u64 gpa)
{
	u8 record[128] = { };

	memcpy(record, name, strlen(name));
	for (unsigned int i = 0; i < 8; i++)
		record[16 + i] = gpa >> (8 * i);
	hash(context, record, sizeof(record));
}

static void hash_page(EVP_MD_CTX *context, u64 gpa, const u8 *page)
{
	hash_record(context, "MEM.PAGE.ADD", gpa);
	for (unsigned int offset = 0; offset < 4096; offset += 256) {
		hash_record(context, "MR.EXTEND", gpa + offset);
		hash(context, page + offset, 256);
	}
}

static void expected_mrtd(struct test_td *test, u8 mrtd[SHA384_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert_int_equal(1, EVP_DigestInit_ex(context, EVP_sha384(), NULL));
	hash_page(context, TEST_TD_PROGRAM, machine_ram(test->machine, test->program_pa));
	hash_page(context, TEST_TD_DATA, machine_ram(test->machine, test->data_pa));
	assert_int_equal(1, EVP_DigestFinal_ex(context, mrtd, NULL));
	EVP_MD_CTX_free(context);
}

static void read_mrtd(struct test_td *test, u8 mrtd[SHA384_SIZE])
{
	for (unsigned int i = 0; i < TDCS_MRTD_ELEMENTS; i++) {
		struct sim_regs regs = {
			.rcx = test->tdr,
			.rdx = TD_FIELD(TDCS_CLASS_MEASUREMENT, i),
		};

		assert_int_equal(TDX_SUCCESS, call_regs(test->machine, 0, TDH_MNG_RD, &regs));
		memcpy(mrtd + i * sizeof(regs.r8), &regs.r8, sizeof(regs.r8));
	}
}

static void assert_mrtd(struct test_td *test, bool right)
{
	u8 expected[SHA384_SIZE], seen[SHA384_SIZE];

	expected_mrtd(test, expected);
	read_mrtd(test, seen);
	assert_int_equal(right, !memcmp(expected, seen, sizeof(seen)));
}

static const struct td_insn counting[] = {
	{ .op = TD_OP_COUNT, .a = TEST_TD_DATA, .b = SOME_VALUE },
	{ .op = TD_OP_JUMP, .a = 0 },
};

static void measured_as_specified(void **state)
{
	struct test_td *test = test_td_new();

	(void)state;
	test->program = counting;
	test->nr_insns = ARRAY_SIZE(counting);
	test_td_build(test, STAGE_RUNNABLE);
	assert_mrtd(test, true);
	test_td_free(test);
}

static void update_in_build(const char *option, bool mrtd_is_right)
{
	struct test_td *test = test_td_new();
	struct image *image = image_new(1);

	machine_option(test->machine, option);
	test_td_build(test, STAGE_TABLES);
	update(test->machine, image);
	test_td_build(test, STAGE_RUNNABLE);
	assert_mrtd(test, mrtd_is_right);
	image_free(image);
	test_td_free(test);
}

static void update_during_a_build(void **state)
{
	(void)state;
	update_in_build("build_erratum=0", true);
}

static void update_during_a_build_with_the_erratum(void **state)
{
	(void)state;
	update_in_build("build_erratum=1", false);
}

static void erratum_spares_finished_tds(void **state)
{
	struct test_td *test = test_td_new();
	struct image *image = image_new(1);

	(void)state;
	machine_option(test->machine, "build_erratum=1");
	test_td_build(test, STAGE_RUNNABLE);
	update(test->machine, image);
	assert_mrtd(test, true);
	image_free(image);
	test_td_free(test);
}

/* Only builds that began under a module with the feature, and have not ended. */
static void builds_are_counted(void **state)
{
	static const struct {
		const char *features;
		enum test_td_stage stage;
		unsigned int nr;
	} rows[] = {
		{ "features0=0x800000140002", STAGE_TDCS, 0 },
		{ "features0=0x800000140002", STAGE_INITIALIZED, 1 },
		{ "features0=0x800000140002", STAGE_IMAGE, 1 },
		{ "features0=0x800000140002", STAGE_RUNNABLE, 0 },
		{ "features0=0x140002", STAGE_INITIALIZED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct test_td *test = test_td_new();

		machine_option(test->machine, rows[i].features);
		test_td_build(test, rows[i].stage);
		assert_int_equal(rows[i].nr, td_nr_building(test->machine->sim));
		test_td_free(test);
	}
}

static void tds_with_five_levels(void **state)
{
	struct test_td *test = test_td_new();

	(void)state;
	test->params->config_flags |= TD_CONFIG_MAX_GPAW;
	test->params->eptp_controls = EPTP_WRITE_BACK | EPTP_WALK_5_LEVELS << EPTP_WALK_SHIFT;
	test_td_build(test, STAGE_INITIALIZED);
	assert_int_equal(TDX_SUCCESS, sept_add(test, EPTP_WALK_5_LEVELS));
	assert_int_equal(TDX_SUCCESS, sept_add(test, SHARED_GPA | EPTP_WALK_4_LEVELS));
	assert_int_equal(OPERAND(TDX_EPT_WALK_FAILED, TDX_OPERAND_RCX),
			 sept_add(test, SHARED_GPA | LEVEL_2M));
	assert_int_equal(OPERAND(TDX_OPERAND_INVALID, TDX_OPERAND_RCX),
			 sept_add(test, 1ULL << TD_SHARED_BIT_GPAW52 | EPTP_WALK_4_LEVELS));
	test_td_free(test);
}

static void abandoned_build_is_not_counted(void **state)
{
	struct test_td *test = test_td_new();

	(void)state;
	machine_option(test->machine, "features0=0x800000140002");
	test_td_build(test, STAGE_VCPU_READY);
	assert_int_equal(1, td_nr_building(test->machine->sim));
	assert_int_equal(TDX_SUCCESS, test_td_call(test, TDH_VP_FLUSH, test->tdvpr, 0, 0, 0));
	assert_int_equal(TDX_SUCCESS, test_td_call(test, TDH_MNG_VPFLUSHDONE, test->tdr, 0, 0, 0));
	assert_int_equal(0, td_nr_building(test->machine->sim));
	test_td_free(test);
}

static void wr_returns_the_former_value(void **state)
{
	struct test_td *test = test_td_new();
	struct sim_regs regs;

	(void)state;
	test_td_build(test, STAGE_VCPU_READY);
	regs = (struct sim_regs) {
		.rcx = test->tdvpr, .rdx = VMCS_FIELD(VMCS_NOTIFY_WINDOW),
		.r8 = SOME_VALUE, .r9 = ~0ULL,
	};
	assert_int_equal(TDX_SUCCESS, call_regs(test->machine, 0, TDH_VP_WR, &regs));
	assert_int_equal(0, regs.r8);

	/* Only the bits of the mask. */
	regs.r8 = ~0ULL;
	regs.r9 = BIT_ULL(0);
	assert_int_equal(TDX_SUCCESS, call_regs(test->machine, 0, TDH_VP_WR, &regs));
	assert_int_equal(SOME_VALUE, regs.r8);
	assert_int_equal(TDX_SUCCESS, call_regs(test->machine, 0, TDH_VP_RD, &regs));
	assert_int_equal(SOME_VALUE | BIT_ULL(0), regs.r8);
	test_td_free(test);
}

static struct test_td *counting_td(enum test_td_stage stage)
{
	struct test_td *test = test_td_new();

	test->program = counting;
	test->nr_insns = ARRAY_SIZE(counting);
	test_td_build(test, stage);
	return test;
}

static void flushed_vcpu_may_move(void **state)
{
	struct test_td *test = counting_td(STAGE_FLUSHED);
	struct sim_regs regs = { };

	(void)state;
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, OTHER_LP, &regs));
	assert_int_equal(TDX_VCPU_NOT_ASSOCIATED,
			 test_td_call(test, TDH_VP_FLUSH, test->tdvpr, 0, 0, 0));
	test_td_free(test);
}

static void turn_vmx_off_and_on(struct test_td *test, unsigned int lp)
{
	struct vmx_insn vmxoff = { .op = VMX_VMXOFF };
	struct vmx_insn vmxon = {
		.op = VMX_VMXON, .operand = TEST_VMXON_PA + lp * PAGE_SIZE,
	};

	assert_int_equal(VMX_SUCCEED, vmx_execute(test->machine->sim, lp, &vmxoff));
	assert_int_equal(VMX_SUCCEED, vmx_execute(test->machine->sim, lp, &vmxon));
}

static void vmxoff_spoils_vcpus_of_its_lp(void **state)
{
	struct test_td *test = counting_td(STAGE_RUNNABLE);
	struct sim_regs regs = { };

	(void)state;
	turn_vmx_off_and_on(test, OTHER_LP);
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
	turn_vmx_off_and_on(test, 0);
	assert_int_equal(TDX_NON_RECOVERABLE_TD | EXIT_TRIPLE_FAULT,
			 test_td_enter(test, 0, &regs));
	test_td_free(test);
}

static void vmxoff_spares_flushed_vcpus(void **state)
{
	struct test_td *test = counting_td(STAGE_FLUSHED);
	struct sim_regs regs = { };

	(void)state;
	turn_vmx_off_and_on(test, 0);
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
	test_td_free(test);
}

static void lost_module_takes_the_tds_along(void **state)
{
	struct test_td *test = test_td_new();
	struct sim *sim = test->machine->sim;

	(void)state;
	test_td_build(test, STAGE_RUNNABLE);
	td_reset(sim);
	assert_true(LIST_EMPTY(&sim->td->tds));
	assert_false(td_page_is_private(sim, test->data_pa));
	assert_int_equal(HKID_FREE, sim->td->hkids[TEST_TD_HKID].state);
	test_td_free(test);
}

static void state_shows_tds(void **state)
{
	struct test_td *test = test_td_new();
	struct json_object *array, *member;

	(void)state;
	test_td_build(test, STAGE_RUNNABLE);
	array = td_state_json(test->machine->sim);
	assert_int_equal(1, json_object_array_length(array));
	assert_true(json_object_object_get_ex(json_object_array_get_idx(array, 0), "mrtd", &member));
	assert_int_equal(2 * SHA384_SIZE, strlen(json_object_get_string(member)));
	json_object_put(array);
	test_td_free(test);
}

static const struct CMUnitTest functions[] = {
	cmocka_unit_test(busy_operands),
	cmocka_unit_test(lives_and_goes),
	cmocka_unit_test(pages_tell_their_owner),
	cmocka_unit_test(failed_walk_tells_where),
	cmocka_unit_test(wbinvd_ignores_the_keyid),
	cmocka_unit_test(measured_as_specified),
	cmocka_unit_test(update_during_a_build),
	cmocka_unit_test(update_during_a_build_with_the_erratum),
	cmocka_unit_test(erratum_spares_finished_tds),
	cmocka_unit_test(builds_are_counted),
	cmocka_unit_test(tds_with_five_levels),
	cmocka_unit_test(abandoned_build_is_not_counted),
	cmocka_unit_test(wr_returns_the_former_value),
	cmocka_unit_test(flushed_vcpu_may_move),
	cmocka_unit_test(vmxoff_spoils_vcpus_of_its_lp),
	cmocka_unit_test(vmxoff_spares_flushed_vcpus),
	cmocka_unit_test(lost_module_takes_the_tds_along),
	cmocka_unit_test(state_shows_tds),
};

static char *test_name(const char *what, const struct refusal *refusal)
{
	char *name = NULL;

	if (asprintf(&name, "%s: %s (row %zu)", what,
		     refusal->name ? refusal->name : "what it could not go on with",
		     refusal - refusals) < 0)
		abort();
	return name;
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(functions) + 2 * ARRAY_SIZE(refusals)] = { };
	size_t nr = ARRAY_SIZE(functions), failed;

	memcpy(tests, functions, sizeof(functions));
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		tests[nr].name = test_name("refuses", &refusals[i]);
		tests[nr].test_func = check_refusal;
		tests[nr++].initial_state = (void *)&refusals[i];
		if (!refusals[i].name)
			continue;
		tests[nr].name = test_name("passes without", &refusals[i]);
		tests[nr].test_func = check_switched_off;
		tests[nr++].initial_state = (void *)&refusals[i];
	}

	failed = cmocka_run_group_tests_name("td", tests, NULL, NULL);
	for (size_t i = ARRAY_SIZE(functions); i < nr; i++)
		free((char *)tests[i].name);
	return failed;
}
