// SPDX-License-Identifier: GPL-2.0-only
/* TDH.SYS.*: each refusal and whose it is, the global state machine, the metadata. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../metadata.h"
#include "../td_abi.h"

#define NR_LPS			2
/* In units of 25 MHz. */
#define TEST_TSC_FREQUENCY	100

/* "TDX Module ABI Specification", global metadata field ids. */
#define MD_MINOR_VERSION	0x0800000100000003ULL
#define MD_MAJOR_VERSION	0x0800000100000004ULL
#define MD_UPDATE_VERSION	0x0800000100000005ULL
#define MD_TDX_FEATURES0	0x0A00000300000008ULL
#define MD_MODULE_HV		0x8900000100000000ULL
#define MD_MIN_UPDATE_HV	0x8900000100000001ULL
#define MD_NO_DOWNGRADE		0x8900000000000002ULL
#define MD_NUM_HANDOFF_PAGES	0x8900000100000003ULL

static u64 invalid(unsigned int operand)
{
	return TDX_OPERAND_INVALID | operand;
}

static void sys_init(struct machine *machine)
{
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_INIT, 0, 0, 0));
}

static void lp_init(struct machine *machine, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		assert_int_equal(TDX_SUCCESS, call(machine, i, TDH_SYS_LP_INIT, 0, 0, 0));
}

/* Up to where CONFIG is pending. */
static void init_all(struct machine *machine)
{
	u64 *list = machine_ram(machine, TEST_TDMR_LIST_PA);
	u64 *info = machine_ram(machine, TEST_TDMR_INFO_PA);

	list[0] = TEST_TDMR_INFO_PA;
	info[1] = TEST_TDMR_SIZE;
	sys_init(machine);
	lp_init(machine, NR_LPS);
}

static u64 config(struct machine *machine, u64 list_pa, u64 nr, u64 keyid)
{
	return call(machine, 0, TDH_SYS_CONFIG, list_pa, nr, keyid);
}

/* Up to a new module that was installed by an update and waits for TDH.SYS.INIT. */
static void install_update(struct machine *machine)
{
	struct image *image = image_new(1);

	machine_boot(machine);
	image_load(machine, image);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0));
	assert_int_equal(SEAMLDR_SUCCESS, install(machine, NULL));
	image_free(image);
}

/* Each brings about one refusal, and returns the status. */

static u64 sys_init_operand(struct machine *machine)
{
	return call(machine, 0, TDH_SYS_INIT, 1, 0, 0);
}

static u64 sys_init_twice(struct machine *machine)
{
	sys_init(machine);
	return call(machine, 0, TDH_SYS_INIT, 0, 0, 0);
}

static u64 lp_init_first(struct machine *machine)
{
	return call(machine, 0, TDH_SYS_LP_INIT, 0, 0, 0);
}

static u64 lp_init_twice(struct machine *machine)
{
	sys_init(machine);
	lp_init(machine, 1);
	return call(machine, 0, TDH_SYS_LP_INIT, 0, 0, 0);
}

static u64 config_when_ready(struct machine *machine)
{
	machine_boot(machine);
	return config(machine, TEST_TDMR_LIST_PA, 1, TEST_TDX_KEYID);
}

static u64 config_one_lp_missing(struct machine *machine)
{
	init_all(machine);
	machine->sim->module.lp_init[NR_LPS - 1] = false;
	return config(machine, TEST_TDMR_LIST_PA, 1, TEST_TDX_KEYID);
}

static u64 config_list_misaligned(struct machine *machine)
{
	init_all(machine);
	*(u64 *)machine_ram(machine, TEST_TDMR_LIST_PA + 8) = TEST_TDMR_INFO_PA;
	return config(machine, TEST_TDMR_LIST_PA + 8, 1, TEST_TDX_KEYID);
}

static u64 config_no_tdmr(struct machine *machine)
{
	init_all(machine);
	return config(machine, TEST_TDMR_LIST_PA, 0, TEST_TDX_KEYID);
}

static u64 config_shared_keyid(struct machine *machine)
{
	init_all(machine);
	return config(machine, TEST_TDMR_LIST_PA, 1, TEST_TDX_KEYID - 1);
}

static u64 key_config_before_config(struct machine *machine)
{
	init_all(machine);
	return call(machine, 0, TDH_SYS_KEY_CONFIG, 0, 0, 0);
}

static u64 key_config_same_package(struct machine *machine)
{
	machine_option(machine, "packages=2");
	init_all(machine);
	assert_int_equal(TDX_SUCCESS, config(machine, TEST_TDMR_LIST_PA, 1, TEST_TDX_KEYID));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_KEY_CONFIG, 0, 0, 0));
	return call(machine, 0, TDH_SYS_KEY_CONFIG, 0, 0, 0);
}

static u64 tdmr_init_unknown(struct machine *machine)
{
	machine_boot(machine);
	return call(machine, 0, TDH_SYS_TDMR_INIT, TEST_TDMR_SIZE, 0, 0);
}

static u64 rd_unknown(struct machine *machine)
{
	machine_boot(machine);
	return call(machine, 0, TDH_SYS_RD, 0, 1, 0);
}

static u64 rd_without_lp_init(struct machine *machine)
{
	sys_init(machine);
	return call(machine, 0, TDH_SYS_RD, 0, MD_MINOR_VERSION, 0);
}

static u64 rd_when_loaded(struct machine *machine)
{
	machine->sim->module.lp_init[0] = true;
	return call(machine, 0, TDH_SYS_RD, 0, MD_MINOR_VERSION, 0);
}

static u64 shutdown_not_ready(struct machine *machine)
{
	init_all(machine);
	return call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0);
}

static u64 rd_after_shutdown(struct machine *machine)
{
	machine_boot(machine);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0));
	return call(machine, 0, TDH_SYS_RD, 0, MD_MINOR_VERSION, 0);
}

static u64 shutdown_reserved(struct machine *machine)
{
	machine_boot(machine);
	return call(machine, 0, TDH_SYS_SHUTDOWN, BIT_ULL(17), 0, 0);
}

static u64 shutdown_version_above(struct machine *machine)
{
	machine_option(machine, "module_hv=2");
	machine_boot(machine);
	return call(machine, 0, TDH_SYS_SHUTDOWN, 3, 0, 0);
}

static u64 shutdown_version_below(struct machine *machine)
{
	machine_option(machine, "module_hv=2");
	machine_option(machine, "min_update_hv=1");
	machine_boot(machine);
	return call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0);
}

static u64 shutdown_downgrade(struct machine *machine)
{
	machine_option(machine, "module_hv=2");
	machine_option(machine, "no_downgrade=1");
	machine_boot(machine);
	return call(machine, 0, TDH_SYS_SHUTDOWN, 1, 0, 0);
}

static u64 shutdown_compat_unsupported(struct machine *machine)
{
	machine_boot(machine);
	return call(machine, 0, TDH_SYS_SHUTDOWN, SHUTDOWN_AVOID_COMPAT_SENSITIVE, 0, 0);
}

/* A TD between TDH.MNG.INIT and TDH.MR.FINALIZE. */
static void begin_td(struct machine *machine)
{
	struct td_params *params = machine_ram(machine, TEST_FREE_PA);
	u64 tdr = TEST_FREE_PA + PAGE_SIZE;

	params->xfam = XFAM_FIXED1;
	params->max_vcpus = 1;
	params->eptp_controls = EPTP_WRITE_BACK | EPTP_WALK_4_LEVELS << EPTP_WALK_SHIFT;
	params->tsc_frequency = TEST_TSC_FREQUENCY;
	assert_int_equal(TDX_SUCCESS,
			 call(machine, 0, TDH_MNG_CREATE, tdr, TEST_TDX_KEYID + 1, 0));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_MNG_KEY_CONFIG, tdr, 0, 0));
	for (u64 pa = tdr + PAGE_SIZE; pa <= tdr + TDCS_SIZE; pa += PAGE_SIZE)
		assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_MNG_ADDCX, pa, tdr, 0));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_MNG_INIT, tdr, TEST_FREE_PA, 0));
}

static u64 shutdown_build_going_on(struct machine *machine)
{
	machine_option(machine, "features0=0x800000140002");
	machine_boot(machine);
	begin_td(machine);
	return call(machine, 0, TDH_SYS_SHUTDOWN, SHUTDOWN_AVOID_COMPAT_SENSITIVE, 0, 0);
}

static u64 shutdown_lp_inside(struct machine *machine)
{
	machine_boot(machine);
	atomic_store(&machine->sim->module.lps_inside, 1);
	return call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0);
}

static u64 update_when_loaded(struct machine *machine)
{
	install_update(machine);
	memset(machine->sim->module.lp_init, true, NR_LPS);
	return call(machine, 0, TDH_SYS_UPDATE, 0, 0, 0);
}

static u64 update_one_lp_missing(struct machine *machine)
{
	install_update(machine);
	sys_init(machine);
	lp_init(machine, NR_LPS - 1);
	return call(machine, 0, TDH_SYS_UPDATE, 0, 0, 0);
}

static u64 update_without_handoff(struct machine *machine)
{
	init_all(machine);
	return call(machine, 0, TDH_SYS_UPDATE, 0, 0, 0);
}

static u64 update_foreign_handoff(struct machine *machine)
{
	install_update(machine);
	machine->sim->module.handoff_version = 1;
	sys_init(machine);
	lp_init(machine, NR_LPS);
	return call(machine, 0, TDH_SYS_UPDATE, 0, 0, 0);
}

static u64 info_misaligned(struct machine *machine)
{
	return call(machine, 0, SEAMCALL_P_SEAMLDR | SEAMLDR_INFO, TEST_INFO_PA + 8, 0, 0);
}

static const struct refusal {
	const char *name;
	u64 status;
	u64 (*provoke)(struct machine *machine);
} refusals[] = {
	{ "sys-init-operand", TDX_OPERAND_INVALID | TDX_OPERAND_RCX, sys_init_operand },
	{ "sys-init-state", TDX_SYS_INIT_NOT_PENDING, sys_init_twice },
	{ "lp-init-state", TDX_SYS_LP_INIT_NOT_PENDING, lp_init_first },
	{ "lp-init-done", TDX_SYS_LP_INIT_DONE, lp_init_twice },
	{ "config-state", TDX_SYS_CONFIG_NOT_PENDING, config_when_ready },
	{ "config-lps", TDX_SYS_CONFIG_NOT_PENDING, config_one_lp_missing },
	{ "config-operands", TDX_OPERAND_INVALID | TDX_OPERAND_RCX, config_list_misaligned },
	{ "config-operands", TDX_OPERAND_INVALID | TDX_OPERAND_RDX, config_no_tdmr },
	{ "config-operands", TDX_OPERAND_INVALID | TDX_OPERAND_R8, config_shared_keyid },
	{ "key-config-state", TDX_SYS_KEY_CONFIG_NOT_PENDING, key_config_before_config },
	{ "key-config-twice", TDX_KEY_CONFIGURED, key_config_same_package },
	{ "tdmr-init-base", TDX_OPERAND_INVALID | TDX_OPERAND_RCX, tdmr_init_unknown },
	{ "rd-field", TDX_METADATA_FIELD_ID_INCORRECT, rd_unknown },
	{ "module-lp-init", TDX_SYS_LP_INIT_NOT_DONE, rd_without_lp_init },
	{ "module-not-ready", TDX_SYS_NOT_READY, rd_when_loaded },
	{ "module-not-ready", TDX_SYS_NOT_READY, shutdown_not_ready },
	{ "module-shutdown", TDX_SYS_SHUTDOWN, rd_after_shutdown },
	{ "shutdown-reserved", TDX_OPERAND_INVALID | TDX_OPERAND_RCX, shutdown_reserved },
	{ "shutdown-version", TDX_OPERAND_INVALID | TDX_OPERAND_RCX, shutdown_version_above },
	{ "shutdown-version", TDX_OPERAND_INVALID | TDX_OPERAND_RCX, shutdown_version_below },
	{ "shutdown-downgrade", TDX_OPERAND_INVALID | TDX_OPERAND_RCX, shutdown_downgrade },
	{ "shutdown-compat-bit", TDX_OPERAND_INVALID | TDX_OPERAND_RCX,
	  shutdown_compat_unsupported },
	{ "shutdown-compat-sensitive", TDX_UPDATE_COMPAT_SENSITIVE | 1 << 16,
	  shutdown_build_going_on },
	{ "shutdown-busy", TDX_SYS_BUSY, shutdown_lp_inside },
	{ "update-state", TDX_SYS_STATE_INCORRECT, update_when_loaded },
	{ "update-lps", TDX_SYS_STATE_INCORRECT, update_one_lp_missing },
	{ "update-handoff", TDX_SYS_INVALID_HANDOFF, update_without_handoff },
	{ "update-handoff", TDX_SYS_INVALID_HANDOFF, update_foreign_handoff },
	{ "info-address", SEAMLDR_EBADPARAM, info_misaligned },
};

static void check_refusal(void **state)
{
	const struct refusal *refusal = *state;
	struct machine *machine = machine_new(NR_LPS);

	assert_int_equal(refusal->status, refusal->provoke(machine));
	machine_free(machine);
}

static void check_switched_off(void **state)
{
	const struct refusal *refusal = *state;
	struct machine *machine = machine_new(NR_LPS);
	char option[64];

	snprintf(option, sizeof(option), "check_off=%s", refusal->name);
	machine_option(machine, option);
	assert_int_equal(0, refusal->provoke(machine));
	machine_free(machine);
}

static void refused_shutdown_changes_nothing(void **state)
{
	struct machine *machine = machine_new(NR_LPS);

	(void)state;
	assert_int_equal(invalid(TDX_OPERAND_RCX), shutdown_version_above(machine));
	assert_int_equal(MODULE_READY, machine->sim->module.state);
	assert_false(machine->sim->module.handoff_valid);
	machine_free(machine);
}

static void operands_come_before_busy(void **state)
{
	struct machine *machine = machine_new(NR_LPS);

	(void)state;
	machine_boot(machine);
	atomic_store(&machine->sim->module.lps_inside, 1);
	assert_int_equal(invalid(TDX_OPERAND_RCX),
			 call(machine, 0, TDH_SYS_SHUTDOWN, 1, 0, 0));
	machine_free(machine);
}

static void compat_bit_is_taken_with_the_feature(void **state)
{
	struct machine *machine = machine_new(NR_LPS);

	(void)state;
	machine_option(machine, "features0=0x800000140002");
	machine_boot(machine);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_SHUTDOWN,
					   SHUTDOWN_AVOID_COMPAT_SENSITIVE, 0, 0));
	machine_free(machine);
}

/* The flag asks; without it, the update goes ahead and the build is the host's loss. */
static void build_does_not_matter_without_the_flag(void **state)
{
	struct machine *machine = machine_new(NR_LPS);

	(void)state;
	machine_option(machine, "features0=0x800000140002");
	machine_boot(machine);
	begin_td(machine);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0));
	machine_free(machine);
}

static void shut_down_module_answers_nothing_else(void **state)
{
	static const u64 leaves[] = {
		TDH_SYS_INIT, TDH_SYS_LP_INIT, TDH_SYS_RD, TDH_SYS_CONFIG, TDH_SYS_KEY_CONFIG,
		TDH_SYS_TDMR_INIT, TDH_SYS_SHUTDOWN, TDH_SYS_UPDATE, TDH_PHYMEM_PAGE_RDMD,
		TDH_MNG_CREATE,
	};
	struct machine *machine = machine_new(NR_LPS);

	(void)state;
	machine_boot(machine);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0));
	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++)
		assert_int_equal(TDX_SYS_SHUTDOWN, call(machine, 1, leaves[i], 0, 0, 0));
	machine_free(machine);
}

static void disabled_module_is_gone(void **state)
{
	struct machine *machine = machine_new(NR_LPS);

	(void)state;
	machine_boot(machine);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_DISABLE, 0, 0, 0));
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 0, TDH_SYS_RD, 0));
	assert_int_equal(MODULE_READY, machine->sim->module.state_before_disable);
	machine_free(machine);
}

static void unknown_leaf(void **state)
{
	struct machine *machine = machine_new(NR_LPS);

	(void)state;
	machine_boot(machine);
	assert_int_equal(invalid(TDX_OPERAND_RAX), call(machine, 0, 5, 0, 0, 0));
	assert_int_equal(invalid(TDX_OPERAND_RAX),
			 call(machine, 0, SEAMCALL_LEAF_MASK, 0, 0, 0));
	machine_free(machine);
}

static void tdmr_is_initialized_in_one_call(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	struct sim_regs regs = { .rcx = 0 };

	(void)state;
	machine_boot(machine);
	assert_int_equal(TDX_SUCCESS, call_regs(machine, 0, TDH_SYS_TDMR_INIT, &regs));
	assert_int_equal(TEST_TDMR_SIZE, regs.rdx);
	machine_free(machine);
}

static void every_package_gets_its_key(void **state)
{
	struct machine *machine = machine_new(4);
	struct module *module = &machine->sim->module;

	(void)state;
	machine_option(machine, "packages=2");
	/* Asks for MODULE_READY at its end. */
	machine_boot(machine);
	assert_true(module->key_configured[0]);
	assert_true(module->key_configured[1]);
	machine_free(machine);
}

static u64 metadata(struct machine *machine, u64 field)
{
	struct sim_regs regs = { .rdx = field };

	assert_int_equal(TDX_SUCCESS, call_regs(machine, 0, TDH_SYS_RD, &regs));
	return regs.r8;
}

static void metadata_follows_the_running_module(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	struct image *image = image_new(1);

	(void)state;
	machine_option(machine, "module_hv=2");
	machine_option(machine, "min_update_hv=1");
	machine_boot(machine);
	assert_int_equal(1, metadata(machine, MD_MAJOR_VERSION));
	assert_int_equal(5, metadata(machine, MD_MINOR_VERSION));
	assert_int_equal(6, metadata(machine, MD_UPDATE_VERSION));
	assert_int_equal(2, metadata(machine, MD_MODULE_HV));
	assert_int_equal(1, metadata(machine, MD_MIN_UPDATE_HV));
	assert_int_equal(0, metadata(machine, MD_NO_DOWNGRADE));
	assert_int_equal(0x140002, metadata(machine, MD_TDX_FEATURES0));

	machine_option(machine, "image_features0=0x800000140002");
	image->sig.module_hv = 3;
	image->sig.min_update_hv = 2;
	image->sig.no_downgrade = 1;
	image->sig.num_handoff_pages = 4;
	image_sign(image);
	update(machine, image);
	assert_int_equal(8, metadata(machine, MD_UPDATE_VERSION));
	assert_int_equal(3, metadata(machine, MD_MODULE_HV));
	assert_int_equal(2, metadata(machine, MD_MIN_UPDATE_HV));
	assert_int_equal(1, metadata(machine, MD_NO_DOWNGRADE));
	assert_int_equal(4, metadata(machine, MD_NUM_HANDOFF_PAGES));
	assert_int_equal(0x800000140002, metadata(machine, MD_TDX_FEATURES0));
	image_free(image);
	machine_free(machine);
}

static void metadata_that_linux_reads(void **state)
{
	static const struct {
		u64 field;
		u64 value;
	} fields[] = {
		{ 0x9100000100000008, 64 },
		{ 0x9100000100000009, 16 },
		{ 0x9100000100000010, 16 },
		{ 0x9100000100000011, 16 },
		{ 0x9100000100000012, 16 },
		{ 0x9800000100000000, 4096 },
		{ 0x9800000100000100, 4 * 4096 },
		{ 0x9800000100000200, 6 * 4096 },
		{ 0x1900000300000000, ~0ULL },
		{ 0x1900000300000001, 0 },
		{ 0x1900000300000002, 0x600E7 },
		{ 0x1900000300000003, 3 },
		{ 0x9900000100000004, 1 },
		{ 0x9900000100000008, 576 },
		{ 0x9900000300000400, 0xFFFFFFFF80000008 },
		{ 0x9900000300000500, 0xFFFF },
		{ 0x9900000300000501, 0 },
	};
	struct machine *machine = machine_new(NR_LPS);

	(void)state;
	machine_boot(machine);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		assert_int_equal(fields[i].value, metadata(machine, fields[i].field));
	machine_free(machine);
}

/* PAMTs and keys are kept: no CONFIG, KEY.CONFIG or TDMR.INIT. */
static void update_keeps_the_configuration(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	struct image *image = image_new(1);

	(void)state;
	machine_boot(machine);
	update(machine, image);
	assert_int_equal(1, machine->sim->module.nr_updates);
	assert_int_equal(1, machine->sim->module.nr_tdmrs);
	assert_true(machine->sim->module.key_configured[0]);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_TDMR_INIT, 0, 0, 0));
	image_free(image);
	machine_free(machine);
}

static void update_is_timed(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	const struct update_times *times = &machine->sim->module.times;
	struct image *image = image_new(1);

	(void)state;
	machine_boot(machine);
	update(machine, image);
	assert_true(times->shutdown && times->shutdown <= times->install_first);
	assert_true(times->install_first <= times->install_last);
	assert_true(times->install_last <= times->sys_init);
	assert_true(times->sys_init <= times->lp_init_last);
	assert_true(times->lp_init_last <= times->update);
	image_free(image);
	machine_free(machine);
}

static void outside_vmx_operation(void **state)
{
	struct machine *machine = machine_new(1);
	struct vmx_insn vmxoff = { .op = VMX_VMXOFF };

	(void)state;
	assert_int_equal(VMX_SUCCEED, vmx_execute(machine->sim, 0, &vmxoff));
	assert_int_equal(SEAMCALL_UD, try_call(machine, 0, TDH_SYS_INIT, 0));
	assert_int_equal(SEAMCALL_UD,
			 try_call(machine, 0, SEAMCALL_P_SEAMLDR | SEAMLDR_INFO, TEST_INFO_PA));
	assert_int_equal(MODULE_LOADED, machine->sim->module.state);
	machine_free(machine);
}

static const struct CMUnitTest functions[] = {
	cmocka_unit_test(refused_shutdown_changes_nothing),
	cmocka_unit_test(operands_come_before_busy),
	cmocka_unit_test(compat_bit_is_taken_with_the_feature),
	cmocka_unit_test(build_does_not_matter_without_the_flag),
	cmocka_unit_test(shut_down_module_answers_nothing_else),
	cmocka_unit_test(disabled_module_is_gone),
	cmocka_unit_test(unknown_leaf),
	cmocka_unit_test(tdmr_is_initialized_in_one_call),
	cmocka_unit_test(every_package_gets_its_key),
	cmocka_unit_test(metadata_follows_the_running_module),
	cmocka_unit_test(metadata_that_linux_reads),
	cmocka_unit_test(update_keeps_the_configuration),
	cmocka_unit_test(update_is_timed),
	cmocka_unit_test(outside_vmx_operation),
};

static char *test_name(const char *what, const struct refusal *refusal)
{
	char *name = NULL;

	if (asprintf(&name, "%s: %s (row %zu)", what, refusal->name, refusal - refusals) < 0)
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
		tests[nr].name = test_name("passes without", &refusals[i]);
		tests[nr].test_func = check_switched_off;
		tests[nr++].initial_state = (void *)&refusals[i];
	}

	failed = cmocka_run_group_tests_name("module", tests, NULL, NULL);
	for (size_t i = ARRAY_SIZE(functions); i < nr; i++)
		free((char *)tests[i].name);
	return failed;
}
