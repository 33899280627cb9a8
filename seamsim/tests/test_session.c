// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who gets into the P-SEAMLDR and when: INSTALL sessions, the busy caller, the erratum,
 * and faults as they hit sessions and leaves.
 */
#include "support.h"

#include <string.h>

#define NR_LPS		3
#define INSTALL_LEAF	(SEAMCALL_P_SEAMLDR | SEAMLDR_INSTALL)
#define INFO_LEAF	(SEAMCALL_P_SEAMLDR | SEAMLDR_INFO)
#define TEST_VMCS_PA	TEST_FREE_PA
#define NSEC_PER_MSEC	1000000ULL

static u64 install_on(struct machine *machine, unsigned int vcpu, u64 *rdx)
{
	struct sim_regs regs = { .rcx = TEST_PARAMS_PA };
	u64 status = call_regs(machine, vcpu, INSTALL_LEAF, &regs);

	if (rdx)
		*rdx = regs.rdx;
	return status;
}

/* A booted machine, shut down, with a good image in memory. */
static struct machine *machine_to_update(void)
{
	struct machine *machine = machine_new(NR_LPS);
	struct image *image = image_new(1);

	machine_boot(machine);
	image_load(machine, image);
	image_free(image);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0));
	return machine;
}

static void only_the_last_lp_installs(void **state)
{
	struct machine *machine = machine_to_update();

	(void)state;
	/* In any order, and only the last one's RCX is read. */
	assert_int_equal(SEAMLDR_SUCCESS, call(machine, 2, INSTALL_LEAF, 1, 0, 0));
	assert_int_equal(SEAMLDR_SUCCESS, call(machine, 0, INSTALL_LEAF, ~0ULL, 0, 0));
	assert_int_equal(MODULE_SHUTDOWN, machine->sim->module.state);
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 1, NULL));
	assert_int_equal(MODULE_LOADED, machine->sim->module.state);
	machine_free(machine);
}

static void first_call_blocks_the_module(void **state)
{
	struct machine *machine = machine_new(NR_LPS);

	(void)state;
	machine_boot(machine);
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 0, NULL));
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 1, TDH_SYS_RD, 0));
	/* That is SEAM_READY's doing: without the check the module answers. */
	machine_option(machine, "check_off=module-blocked");
	assert_int_equal(SEAMCALL_DONE, try_call(machine, 1, TDH_SYS_RD, 0));
	machine_free(machine);
}

static void session_without_the_last_lp_never_ends(void **state)
{
	struct machine *machine = machine_to_update();

	(void)state;
	for (unsigned int i = 0; i + 1 < NR_LPS; i++)
		assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, i, NULL));
	assert_false(machine->sim->seamldr.seam_ready);
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 0, TDH_SYS_RD, 0));
	machine_free(machine);
}

static void lp_may_call_once_in_a_session(void **state)
{
	struct machine *machine = machine_to_update();
	u64 rdx = ~0ULL;

	(void)state;
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 0, NULL));
	assert_int_equal(SEAMLDR_EBADCALL, install_on(machine, 0, &rdx));
	assert_int_equal(SEAMLDR_RECOVERABLE, rdx);
	machine_option(machine, "check_off=install-called-twice");
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 0, NULL));
	machine_option(machine, "check_on=install-called-twice");

	/* The session goes on as if nothing had been. */
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 1, NULL));
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 2, NULL));
	assert_int_equal(MODULE_LOADED, machine->sim->module.state);
	machine_free(machine);
}

/* The trap that a caller must know: repeating the call that failed opens a session. */
static void repeating_the_failed_call_alone_blocks_the_module(void **state)
{
	struct machine *machine = machine_to_update();
	struct seamldr_params *params = machine_ram(machine, TEST_PARAMS_PA);

	(void)state;
	params->version = 1;
	assert_int_equal(SEAMLDR_EBADPARAM, install(machine, NULL));
	assert_true(machine->sim->seamldr.seam_ready);
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, NR_LPS - 1, NULL));
	assert_false(machine->sim->seamldr.seam_ready);
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 0, TDH_SYS_RD, 0));
	machine_free(machine);
}

static void second_caller_is_turned_away(void **state)
{
	struct machine *machine = machine_to_update();
	struct seamldr *seamldr = &machine->sim->seamldr;

	(void)state;
	atomic_store(&seamldr->occupied, true);
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 1, INSTALL_LEAF, 0));
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 1, INFO_LEAF, TEST_INFO_PA));
	assert_int_equal(0, seamldr->nr_called);
	/* Who was turned away does not let others in. */
	assert_true(atomic_load(&seamldr->occupied));

	machine_option(machine, "check_off=seamldr-busy");
	assert_int_equal(SEAMCALL_DONE, try_call(machine, 1, INFO_LEAF, TEST_INFO_PA));
	atomic_store(&seamldr->occupied, false);
	machine_option(machine, "check_on=all");
	assert_int_equal(SEAMLDR_SUCCESS, install(machine, NULL));
	machine_free(machine);
}

static void info_tells(void **state)
{
	struct machine *machine = machine_new(1);
	struct seamldr_info *info = machine_ram(machine, TEST_INFO_PA);
	u16 svn;

	(void)state;
	machine_option(machine, "seamldr=2.1.03");
	machine_option(machine, "seamldr_features=2");
	machine_option(machine, "updates=7");
	machine_option(machine, "svn=1.9");
	memset(info, 0xff, sizeof(*info));
	assert_int_equal(SEAMLDR_SUCCESS, call(machine, 0, INFO_LEAF, TEST_INFO_PA, 0, 0));
	assert_int_equal(0, info->version);
	assert_int_equal(0, info->attributes);
	assert_int_equal(SEAM_VENDOR_INTEL, info->vendor_id);
	assert_int_equal(2, info->major);
	assert_int_equal(1, info->minor);
	assert_int_equal(3, info->update);
	assert_int_equal(7, info->num_remaining_updates);
	assert_int_equal(2, info->features0);
	assert_int_equal(1, info->seam_ready);
	assert_int_equal(1, info->p_seam_ready);
	assert_int_equal(1, info->seam_info.valid);
	memcpy(&svn, info->seam_info.tee_tcb_svn, sizeof(svn));
	assert_int_equal(0x0109, svn);
	machine_free(machine);
}

static void info_of_a_debug_platform(void **state)
{
	struct machine *machine = machine_new(1);
	struct seamldr_info *info = machine_ram(machine, TEST_INFO_PA);

	(void)state;
	machine_option(machine, "debug_platform=1");
	assert_int_equal(SEAMLDR_SUCCESS, call(machine, 0, INFO_LEAF, TEST_INFO_PA, 0, 0));
	assert_int_equal(SEAMLDR_INFO_DEBUG, info->attributes);
	assert_int_equal(1, info->seam_debug);
	machine_free(machine);
}

static void other_leaves_of_the_seamldr(void **state)
{
	struct machine *machine = machine_new(1);

	(void)state;
	assert_int_equal(SEAMLDR_EBADCALL,
			 call(machine, 0, SEAMCALL_P_SEAMLDR | SEAMLDR_SHUTDOWN, 0, 0, 0));
	assert_int_equal(SEAMLDR_EBADCALL,
			 call(machine, 0, SEAMCALL_P_SEAMLDR | 0x1000, 0, 0, 0));
	machine_free(machine);
}

static void load_vmcs(struct machine *machine, unsigned int vcpu)
{
	struct vmx_insn vmptrld = { .op = VMX_VMPTRLD, .operand = TEST_VMCS_PA };

	/* Of the revision that the VMXON region has. */
	memcpy(machine_ram(machine, TEST_VMCS_PA), machine_ram(machine, TEST_VMXON_PA),
	       sizeof(u32));
	assert_int_equal(VMX_SUCCEED, vmx_execute(machine->sim, vcpu, &vmptrld));
}

static u64 current_vmcs(struct machine *machine, unsigned int vcpu)
{
	struct vmx_insn vmptrst = { .op = VMX_VMPTRST };

	assert_int_equal(VMX_SUCCEED, vmx_execute(machine->sim, vcpu, &vmptrst));
	return vmptrst.value;
}

static void erratum_costs_the_current_vmcs(void **state)
{
	struct machine *machine = machine_to_update();

	(void)state;
	machine_option(machine, "erratum=1");
	load_vmcs(machine, 0);
	load_vmcs(machine, 1);
	assert_int_equal(SEAMLDR_SUCCESS, call(machine, 0, INFO_LEAF, TEST_INFO_PA, 0, 0));
	assert_int_equal(VMCS_NONE, current_vmcs(machine, 0));
	assert_int_equal(1, machine->sim->vcpu[0].vmx.vmcs_lost);
	/* Only on the CPU that called; INSTALL is no better than INFO. */
	assert_int_equal(TEST_VMCS_PA, current_vmcs(machine, 1));
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 1, NULL));
	assert_int_equal(VMCS_NONE, current_vmcs(machine, 1));

	/* Nothing to lose is no loss. */
	assert_int_equal(SEAMLDR_SUCCESS, call(machine, 0, INFO_LEAF, TEST_INFO_PA, 0, 0));
	assert_int_equal(1, machine->sim->vcpu[0].vmx.vmcs_lost);
	machine_free(machine);
}

static void vmcs_stays_where_seamret_is_sound(void **state)
{
	struct machine *machine = machine_new(1);

	(void)state;
	load_vmcs(machine, 0);
	assert_int_equal(SEAMLDR_SUCCESS, call(machine, 0, INFO_LEAF, TEST_INFO_PA, 0, 0));
	assert_int_equal(TEST_VMCS_PA, current_vmcs(machine, 0));

	/* And no call to the module, nor one that did not get in, clears it anywhere. */
	machine_option(machine, "erratum=1");
	machine_option(machine, "fault=SEAMLDR.INFO:any:1:0:cf");
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_INIT, 0, 0, 0));
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 0, INFO_LEAF, TEST_INFO_PA));
	assert_int_equal(TEST_VMCS_PA, current_vmcs(machine, 0));
	machine_free(machine);
}

static void fault_on_the_last_lp_is_recoverable(void **state)
{
	struct machine *machine = machine_to_update();
	u64 rdx;

	(void)state;
	machine_option(machine, "fault=SEAMLDR.INSTALL:last:1:8000000000030001");
	assert_int_equal(SEAMLDR_ENOENTROPY, install(machine, &rdx));
	assert_int_equal(SEAMLDR_RECOVERABLE, rdx);
	assert_int_equal(MODULE_SHUTDOWN, machine->sim->module.state);
	assert_true(machine->sim->seamldr.seam_ready);

	/* The session repeated as a whole. */
	assert_int_equal(SEAMLDR_SUCCESS, install(machine, &rdx));
	assert_int_equal(MODULE_LOADED, machine->sim->module.state);
	machine_free(machine);
}

static void fault_on_the_last_lp_is_unrecoverable(void **state)
{
	struct machine *machine = machine_to_update();
	u64 rdx;

	(void)state;
	machine_option(machine, "fault=SEAMLDR.INSTALL:last:1:8000000000010002:1");
	assert_int_equal(SEAMLDR_ENOMEM, install(machine, &rdx));
	assert_int_equal(SEAMLDR_UNRECOVERABLE, rdx);
	assert_int_equal(MODULE_ABSENT, machine->sim->module.state);
	assert_false(machine->sim->seamldr.seam_ready);
	machine_free(machine);
}

static void fault_before_the_last_lp_spoils_the_session(void **state)
{
	struct machine *machine = machine_to_update();

	(void)state;
	machine_option(machine, "fault=SEAMLDR.INSTALL:first:1:8000000000010003");
	assert_int_equal(SEAMLDR_EUNSPECERR, install_on(machine, 2, NULL));
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 0, NULL));
	assert_false(machine->sim->seamldr.seam_ready);
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 1, NULL));

	/* Ended by its last LP like any other, with nothing installed. */
	assert_int_equal(MODULE_SHUTDOWN, machine->sim->module.state);
	assert_int_equal(0, machine->sim->seamldr.nr_called);
	assert_true(machine->sim->seamldr.seam_ready);
	assert_int_equal(SEAMLDR_SUCCESS, install(machine, NULL));
	assert_int_equal(MODULE_LOADED, machine->sim->module.state);
	machine_free(machine);
}

static void install_that_finds_another_caller_inside(void **state)
{
	struct machine *machine = machine_to_update();

	(void)state;
	machine_option(machine, "fault=SEAMLDR.INSTALL:1:1-2:0:cf");
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 0, NULL));
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 1, INSTALL_LEAF, 0));
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 1, INSTALL_LEAF, 0));
	assert_int_equal(1, machine->sim->seamldr.nr_called);
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 1, NULL));
	assert_int_equal(SEAMLDR_SUCCESS, install_on(machine, 2, NULL));
	assert_int_equal(MODULE_LOADED, machine->sim->module.state);
	machine_free(machine);
}

static void faults_strike_the_calls_they_name(void **state)
{
	static const struct {
		const char *fault;
		/* Whether the calls on vCPUs 0, 1, 0, 1, 0 are struck. */
		bool struck[5];
	} cases[] = {
		{ "fault=TDH.SYS.RD:any:2:8000020200000000", { 0, 1, 0, 0, 0 } },
		{ "fault=TDH.SYS.RD:any:2+:8000020200000000", { 0, 1, 1, 1, 1 } },
		{ "fault=TDH.SYS.RD:any:2-3:8000020200000000", { 0, 1, 1, 0, 0 } },
		{ "fault=TDH.SYS.RD:0:2:8000020200000000", { 0, 0, 1, 0, 0 } },
		{ "fault=TDH.SYS.RD:1:1+:0x8000020200000000", { 0, 1, 0, 1, 0 } },
		{ "fault=TDH.SYS.INIT:any:1:8000020200000000", { 0, 0, 0, 0, 0 } },
	};
	const u64 minor_version = 0x0800000100000003;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct machine *machine = machine_new(2);

		machine_boot(machine);
		machine_option(machine, cases[i].fault);
		for (size_t j = 0; j < ARRAY_SIZE(cases[i].struck); j++)
			assert_int_equal(cases[i].struck[j] ? TDX_SYS_BUSY : TDX_SUCCESS,
					 call(machine, j % 2, TDH_SYS_RD, 0, minor_version, 0));
		machine_option(machine, "fault=clear");
		assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_RD, 0, minor_version, 0));
		machine_free(machine);
	}
}

static void struck_leaf_has_no_effect(void **state)
{
	struct machine *machine = machine_new(1);

	(void)state;
	machine_option(machine, "fault=TDH.SYS.INIT:any:1:8000020300000000");
	machine_option(machine, "fault=TDH.SYS.INIT:any:2:0:cf");
	assert_int_equal(TDX_RND_NO_ENTROPY, call(machine, 0, TDH_SYS_INIT, 0, 0, 0));
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 0, TDH_SYS_INIT, 0));
	assert_int_equal(MODULE_LOADED, machine->sim->module.state);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_INIT, 0, 0, 0));
	machine_free(machine);
}

static void latency_is_waited_for(void **state)
{
	struct machine *machine = machine_new(1);
	u64 started;

	(void)state;
	machine_option(machine, "latency=TDH.SYS.INIT:5000000");
	started = log_now();
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_INIT, 0, 0, 0));
	assert_true(log_now() - started >= 5 * NSEC_PER_MSEC);
	machine_free(machine);
}

static void calls_are_counted(void **state)
{
	struct machine *machine = machine_new(1);
	unsigned int leaf = leaf_by_name("TDH.SYS.INIT");

	(void)state;
	call(machine, 0, TDH_SYS_INIT, 1, 0, 0);
	call(machine, 0, TDH_SYS_INIT, 0, 0, 0);
	assert_int_equal(2, machine->sim->nr_calls[leaf]);
	assert_int_equal(1, machine->sim->nr_failed[leaf]);
	machine_option(machine, "reset=counters");
	assert_int_equal(0, machine->sim->nr_calls[leaf]);
	machine_free(machine);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_last_lp_installs),
		cmocka_unit_test(first_call_blocks_the_module),
		cmocka_unit_test(session_without_the_last_lp_never_ends),
		cmocka_unit_test(lp_may_call_once_in_a_session),
		cmocka_unit_test(repeating_the_failed_call_alone_blocks_the_module),
		cmocka_unit_test(second_caller_is_turned_away),
		cmocka_unit_test(info_tells),
		cmocka_unit_test(info_of_a_debug_platform),
		cmocka_unit_test(other_leaves_of_the_seamldr),
		cmocka_unit_test(erratum_costs_the_current_vmcs),
		cmocka_unit_test(vmcs_stays_where_seamret_is_sound),
		cmocka_unit_test(fault_on_the_last_lp_is_recoverable),
		cmocka_unit_test(fault_on_the_last_lp_is_unrecoverable),
		cmocka_unit_test(fault_before_the_last_lp_spoils_the_session),
		cmocka_unit_test(install_that_finds_another_caller_inside),
		cmocka_unit_test(faults_strike_the_calls_they_name),
		cmocka_unit_test(struck_leaf_has_no_effect),
		cmocka_unit_test(latency_is_waited_for),
		cmocka_unit_test(calls_are_counted),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
