// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPUs in parallel, as they are in QEMU. Of most use under ThreadSanitizer, but the
 * outcomes are checked without it as well.
 */
#include "support.h"

#include <json-c/json.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "../control.h"
#include "../platform.h"

#define NR_LPS		4
#define MSR_IA32_VMX_BASIC	0x480
#define NR_UPDATES	8
#define NR_ROUNDS	300
#define INSTALL_LEAF	(SEAMCALL_P_SEAMLDR | SEAMLDR_INSTALL)
#define INFO_LEAF	(SEAMCALL_P_SEAMLDR | SEAMLDR_INFO)

struct lp {
	struct machine *machine;
	pthread_barrier_t *barrier;
	pthread_t thread;
	unsigned int vcpu;
	/* Asserts only work in the main thread: threads count. */
	unsigned int nr_wrong;
	unsigned int nr_busy;
	unsigned int nr_done;
};

static void run_on_all(struct machine *machine, void *(*run)(void *), struct lp lps[NR_LPS])
{
	pthread_barrier_t barrier;

	pthread_barrier_init(&barrier, NULL, NR_LPS);
	for (unsigned int i = 0; i < NR_LPS; i++) {
		lps[i] = (struct lp){ .machine = machine, .barrier = &barrier, .vcpu = i };
		assert_int_equal(0, pthread_create(&lps[i].thread, NULL, run, &lps[i]));
	}
	for (unsigned int i = 0; i < NR_LPS; i++)
		assert_int_equal(0, pthread_join(lps[i].thread, NULL));
	pthread_barrier_destroy(&barrier);
}

static enum seamcall_result do_call(struct lp *lp, u64 leaf, u64 rcx, u64 *status)
{
	struct sim_regs regs = { .rax = leaf, .rcx = rcx };
	enum seamcall_result result = seamcall(lp->machine->sim, lp->vcpu, &regs);

	*status = regs.rax;
	return result;
}

static void expect_success(struct lp *lp, u64 leaf, u64 rcx)
{
	u64 status;

	if (do_call(lp, leaf, rcx, &status) != SEAMCALL_DONE || status)
		lp->nr_wrong++;
}

/* All at once, each again until it finds nobody inside. */
static void install_until_let_in(struct lp *lp)
{
	u64 status;

	while (do_call(lp, INSTALL_LEAF, TEST_PARAMS_PA, &status) == SEAMCALL_VMFAIL_INVALID) {
		lp->nr_busy++;
		sched_yield();
	}
	if (status)
		lp->nr_wrong++;
}

static void *update_in_step(void *context)
{
	struct lp *lp = context;

	for (unsigned int i = 0; i < NR_UPDATES; i++) {
		if (!lp->vcpu)
			expect_success(lp, TDH_SYS_SHUTDOWN, 0);
		pthread_barrier_wait(lp->barrier);
		install_until_let_in(lp);
		pthread_barrier_wait(lp->barrier);
		if (!lp->vcpu)
			expect_success(lp, TDH_SYS_INIT, 0);
		pthread_barrier_wait(lp->barrier);
		expect_success(lp, TDH_SYS_LP_INIT, 0);
		pthread_barrier_wait(lp->barrier);
		if (!lp->vcpu)
			expect_success(lp, TDH_SYS_UPDATE, 0);
		pthread_barrier_wait(lp->barrier);
	}
	return NULL;
}

static void updates_with_all_lps_at_once(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	struct image *image = image_new(2);
	struct lp lps[NR_LPS];

	(void)state;
	machine_boot(machine);
	image_load(machine, image);
	run_on_all(machine, update_in_step, lps);
	for (unsigned int i = 0; i < NR_LPS; i++)
		assert_int_equal(0, lps[i].nr_wrong);
	assert_int_equal(NR_UPDATES, machine->sim->module.nr_updates);
	assert_int_equal(NR_UPDATES, machine->sim->seamldr.nr_installed);
	assert_int_equal(MODULE_READY, machine->sim->module.state);
	image_free(image);
	machine_free(machine);
}

static void *ask_for_info(void *context)
{
	struct lp *lp = context;
	u64 status;

	pthread_barrier_wait(lp->barrier);
	for (unsigned int i = 0; i < NR_ROUNDS / 10; i++) {
		if (do_call(lp, INFO_LEAF, TEST_INFO_PA, &status) == SEAMCALL_DONE)
			lp->nr_done++;
		else
			lp->nr_busy++;
	}
	return NULL;
}

static void seamldr_has_room_for_one(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	unsigned int nr_done = 0, nr_busy = 0;
	struct lp lps[NR_LPS];

	(void)state;
	/* Long enough inside for others to come. */
	machine_option(machine, "latency=SEAMLDR.INFO:1000000");
	run_on_all(machine, ask_for_info, lps);
	for (unsigned int i = 0; i < NR_LPS; i++) {
		nr_done += lps[i].nr_done;
		nr_busy += lps[i].nr_busy;
	}
	assert_int_equal(NR_LPS * (NR_ROUNDS / 10), nr_done + nr_busy);
	assert_true(nr_done > 0);
	assert_true(nr_busy > 0);
	assert_int_equal(nr_busy, machine->sim->nr_failed[leaf_index(INFO_LEAF)]);
	machine_free(machine);
}

static void *shut_down_at_once(void *context)
{
	struct lp *lp = context;
	u64 status = TDX_SYS_BUSY;

	pthread_barrier_wait(lp->barrier);
	if (lp->vcpu) {
		/* Stays inside for a while. */
		if (do_call(lp, TDH_SYS_RD, 0, &status) != SEAMCALL_DONE)
			lp->nr_wrong++;
		return NULL;
	}
	while (status == TDX_SYS_BUSY) {
		if (do_call(lp, TDH_SYS_SHUTDOWN, 0, &status) != SEAMCALL_DONE)
			lp->nr_wrong++;
		lp->nr_busy += status == TDX_SYS_BUSY;
		sched_yield();
	}
	lp->nr_wrong += status != TDX_SUCCESS;
	return NULL;
}

static void shutdown_waits_for_lps_inside(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	struct lp lps[NR_LPS];

	(void)state;
	machine_boot(machine);
	machine_option(machine, "latency=TDH.SYS.RD:20000000");
	run_on_all(machine, shut_down_at_once, lps);
	for (unsigned int i = 0; i < NR_LPS; i++)
		assert_int_equal(0, lps[i].nr_wrong);
	assert_int_equal(MODULE_SHUTDOWN, machine->sim->module.state);
	machine_free(machine);
}

static __thread char state_text[CONTROL_MAX_SIZE];

static void *anything(void *context)
{
	static const u64 leaves[] = {
		TDH_SYS_RD, INFO_LEAF, TDH_SYS_SHUTDOWN, INSTALL_LEAF, TDH_SYS_INIT,
		TDH_SYS_LP_INIT, TDH_SYS_UPDATE, TDH_PHYMEM_PAGE_RDMD, TDH_SYS_TDMR_INIT,
		TDH_MNG_CREATE,
	};
	struct lp *lp = context;
	struct sim *sim = lp->machine->sim;
	char option[] = "latency=TDH.SYS.RD:1000\nerratum=1";
	unsigned int seed = lp->vcpu + 1;
	u64 status;

	pthread_barrier_wait(lp->barrier);
	for (unsigned int i = 0; i < NR_ROUNDS; i++) {
		seed = seed * 1103515245 + 12345;
		do_call(lp, leaves[(seed >> 16) % ARRAY_SIZE(leaves)], TEST_PARAMS_PA, &status);

		switch ((seed >> 8) % 16) {
		case 0:
			lp->nr_wrong += control_options(sim, option, sizeof(option)) != CONTROL_OK;
			break;
		case 1:
			lp->nr_wrong += control_state(sim, state_text,
						      sizeof(state_text)) ==
					CONTROL_TOO_SMALL;
			break;
		case 2:
			platform_write_cr4(sim, lp->vcpu, platform_read_cr4(sim, lp->vcpu, 0));
			platform_execute_rdmsr(sim, MSR_IA32_VMX_BASIC, &status);
			break;
		}
	}
	return NULL;
}

/* Nothing to expect of it, but that it is silent under ThreadSanitizer. */
static void anything_at_any_time(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	struct image *image = image_new(1);
	struct lp lps[NR_LPS];

	(void)state;
	machine_boot(machine);
	image_load(machine, image);
	run_on_all(machine, anything, lps);
	for (unsigned int i = 0; i < NR_LPS; i++)
		assert_int_equal(0, lps[i].nr_wrong);
	image_free(image);
	machine_free(machine);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates_with_all_lps_at_once),
		cmocka_unit_test(seamldr_has_room_for_one),
		cmocka_unit_test(shutdown_waits_for_lps_inside),
		cmocka_unit_test(anything_at_any_time),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
