// SPDX-License-Identifier: GPL-2.0
/*
 * What TDs and KVM go through while the TDX module is shut down: an update got half-way,
 * and no image could be installed. Nothing that userspace asks for may warn or hang, and
 * the same TD goes on once an image is installed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "td_programs.h"
#include "td_update.h"

#define NR_TDS			4
#define NR_TDS_AFTERWARDS	8
/* The pages of a TD's area behind program and data. */
#define NR_HEAP_PAGES		14
#define SOME_VALUE		0x5eedU
#define SOME_VECTOR		0x41
#define DRIVER			"tdx_host"
/* Slow enough that a shutdown comes between two of them. */
#define SLOW_AUG		"latency=TDH.MEM.PAGE.AUG:200000000"
#define LATENCY_NONE		"latency=clear"

FIXTURE(td_shutdown) {
	struct td *tds[NR_TDS];
	struct image images[2];
	struct upload_result result;
};

FIXTURE_SETUP(td_shutdown)
{
	const char *why;

	if (!td_supported(&why) || !update_images_load(self->images, &why))
		SKIP(return, "%s", why);
	if (!module_state_is("ready"))
		SKIP(return, "the kernel does not know states of the module");
}

FIXTURE_TEARDOWN(td_shutdown)
{
	const char *why;

	emulator_option(FAULT_NONE "\n" LATENCY_NONE, &why);
	for (size_t i = 0; i < NR_TDS; i++)
		td_destroy(self->tds[i]);
	if (module_state_is("shutdown"))
		module_bring_back(&self->images[0], &self->result);
	update_images_free(self->images);
}

#define ASSERT_SHUT_DOWN()						\
	ASSERT_EQ(0, module_shut_down(&self->images[1], &self->result))

#define ASSERT_BACK()							\
	ASSERT_EQ(0, module_bring_back(&self->images[0], &self->result))

/*
 * The first update since boot: no image is kept to which the kernel could go back. Must
 * come first in this file.
 */
TEST_F_TIMEOUT(td_shutdown, one_failure_without_a_kept_image, TEST_TIMEOUT_SEC)
{
	self->tds[0] = new_running_td(2);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_COUNTING(self->tds[0]);

	ASSERT_OPTION(FAULT_ONE_INSTALL);
	ASSERT_EQ(0, module_update(&self->images[0], &self->result));
	ASSERT_STRNE("", self->result.error);
	if (module_state_is("ready"))
		SKIP(return, "an image is kept: this is not the first update since boot");
	ASSERT_TRUE(module_state_is("shutdown"));
	ASSERT_TRUE(td_fails_by(self->tds[0], 2, EAGAIN));

	ASSERT_BACK();
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_COUNTING(self->tds[0]);
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

/* Must come before any test whose TDs cannot give their KeyIDs back. */
TEST_F_TIMEOUT(td_shutdown, cpu_goes_and_comes_without_tds, TEST_TIMEOUT_SEC)
{
	unsigned int cpu = nr_cpus() - 1;

	if (!cpu)
		SKIP(return, "there is one CPU only");
	ASSERT_SHUT_DOWN();
	ASSERT_EQ(0, cpu_set_online(cpu, false));
	EXPECT_EQ(0, module_update(&self->images[0], &self->result));
	EXPECT_STREQ("preparing:device-busy", self->result.error);
	ASSERT_EQ(0, cpu_set_online(cpu, true));

	ASSERT_BACK();
	self->tds[0] = new_running_td(1);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_EQ(0, td_move(self->tds[0], 0, cpu));
	ASSERT_COUNTING(self->tds[0]);
}

/* Where a vCPU is tried must not matter to where it goes on. */
TEST_F_TIMEOUT(td_shutdown, vcpu_fails_on_each_cpu, TEST_TIMEOUT_SEC)
{
	unsigned int nr = nr_cpus();

	self->tds[0] = new_running_td(1);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_SHUT_DOWN();
	ASSERT_TRUE(td_fails_by(self->tds[0], 1, EAGAIN));
	for (unsigned int cpu = 0; cpu < nr; cpu++) {
		ASSERT_EQ(0, td_move(self->tds[0], 0, cpu));
		ASSERT_EQ(0, td_run(self->tds[0]));
		ASSERT_TRUE(td_fails_by(self->tds[0], 1, EAGAIN));
	}

	ASSERT_BACK();
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_COUNTING(self->tds[0]);
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

/* KVM tells the module of a vCPU's shared memory when it first runs. */
TEST_F_TIMEOUT(td_shutdown, vcpu_that_never_ran_finds_shared_memory, TEST_TIMEOUT_SEC)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_VMCALL, .a = TD_BLOCK(1, 0) },
		{ .op = TD_OP_STORE, .a = TD_HEAP(1) | TD_SHARED, .b = SOME_VALUE },
		{ .op = TD_OP_OUT, .a = TD_HEAP(1) | TD_SHARED, .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
	};
	static const struct td_vmcall_block map_shared = {
		.r11 = TDVMCALL_MAP_GPA, .r12 = TD_HEAP(1) | TD_SHARED, .r13 = PAGE_SIZE,
	};
	struct td_vcpu_status status;

	if (nr_cpus() < 2)
		SKIP(return, "there is one CPU only");
	self->tds[0] = td_new_with_blocks(2, program, sizeof(program),
					  &map_shared, sizeof(map_shared));
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_SHUT_DOWN();
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_TRUE(td_fails_by(self->tds[0], 2, EAGAIN));

	ASSERT_BACK();
	ASSERT_EQ(0, td_step(self->tds[0], 1, 0));
	ASSERT_EQ(0, td_wait_values(self->tds[0], 1, 1, TIMEOUT_MS));
	td_status(self->tds[0], 1, &status);
	EXPECT_EQ(SOME_VALUE, status.value);
	EXPECT_EQ(SOME_VALUE, td_shared_read(self->tds[0], TD_HEAP(1)));
}

TEST_F_TIMEOUT(td_shutdown, memory_is_not_prefaulted, TEST_TIMEOUT_SEC)
{
	struct td_vcpu_status status;

	self->tds[0] = td_new_touching(SOME_VALUE);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_SHUT_DOWN();
	EXPECT_EQ(-EAGAIN, td_prefault(self->tds[0], 0, TD_HEAP(0), PAGE_SIZE));

	ASSERT_BACK();
	ASSERT_EQ(0, td_prefault(self->tds[0], 0, TD_HEAP(0), PAGE_SIZE));
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_EQ(0, td_wait_values(self->tds[0], 0, 1, TIMEOUT_MS));
	td_status(self->tds[0], 0, &status);
	EXPECT_EQ(SOME_VALUE, status.value);
}

/* The module is shut down while KVM maps what the guest accepts. */
TEST_F_TIMEOUT(td_shutdown, faults_are_taken_again, TEST_TIMEOUT_SEC)
{
	struct td_insn program[NR_HEAP_PAGES + 2];
	struct td_vcpu_status status;

	for (unsigned int i = 0; i < NR_HEAP_PAGES; i++)
		program[i] = (struct td_insn) {
			.op = TD_OP_ACCEPT, .a = TD_HEAP(0) + i * PAGE_SIZE,
		};
	program[NR_HEAP_PAGES] = (struct td_insn) {
		.op = TD_OP_OUT, .a = TD_DATA(0), .b = TD_PORT_VALUE,
	};
	program[NR_HEAP_PAGES + 1] = (struct td_insn) { .op = TD_OP_HLT };
	self->tds[0] = td_new_with(1, program, sizeof(program));
	ASSERT_NE(NULL, self->tds[0]);

	ASSERT_OPTION(SLOW_AUG);
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_SHUT_DOWN();
	ASSERT_TRUE(td_fails_by(self->tds[0], 1, EAGAIN));
	td_status(self->tds[0], 0, &status);
	ASSERT_EQ(0U, status.nr_values) {
		TH_LOG("the guest was faster than the shutdown");
	}

	ASSERT_OPTION(LATENCY_NONE);
	ASSERT_BACK();
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_EQ(0, td_wait_values(self->tds[0], 0, 1, TIMEOUT_MS));
}

TEST_F_TIMEOUT(td_shutdown, nmi_comes_afterwards, TEST_TIMEOUT_SEC)
{
	struct td_vcpu_status status;

	self->tds[0] = td_new_counting_nmis();
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_SHUT_DOWN();
	ASSERT_TRUE(td_fails_by(self->tds[0], 1, EAGAIN));
	td_status(self->tds[0], 0, &status);
	ASSERT_EQ(0U, status.value);

	/* Before and between two tries to run it. */
	ASSERT_EQ(0, td_nmi(self->tds[0], 0));
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_TRUE(td_fails_by(self->tds[0], 1, EAGAIN));
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_TRUE(td_fails_by(self->tds[0], 1, EAGAIN));

	ASSERT_BACK();
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_COUNTING(self->tds[0]);
	td_status(self->tds[0], 0, &status);
	EXPECT_EQ(1U, status.value);
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

TEST_F_TIMEOUT(td_shutdown, interrupt_comes_afterwards, TEST_TIMEOUT_SEC)
{
	struct td_vcpu_status status;

	self->tds[0] = td_new_halting();
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_EQ(0, td_wait_values(self->tds[0], 0, 1, TIMEOUT_MS));
	ASSERT_SHUT_DOWN();
	ASSERT_EQ(0, td_interrupt(self->tds[0], 0, SOME_VECTOR));
	ASSERT_TRUE(td_fails_by(self->tds[0], 1, EAGAIN));

	ASSERT_BACK();
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_EQ(0, td_wait_values(self->tds[0], 0, 2, TIMEOUT_MS));
	td_status(self->tds[0], 0, &status);
	EXPECT_EQ(1U, status.value);
}

TEST_F_TIMEOUT(td_shutdown, no_td_can_be_built, TEST_TIMEOUT_SEC)
{
	ASSERT_SHUT_DOWN();
	self->tds[0] = td_new(1);
	ASSERT_NE(NULL, self->tds[0]);
	EXPECT_EQ(-EAGAIN, td_init(self->tds[0]));

	ASSERT_BACK();
	self->tds[1] = new_running_td(1);
	ASSERT_NE(NULL, self->tds[1]);
	ASSERT_COUNTING(self->tds[1]);
}

/* Accepts all of its memory, so that the next TD to get these pages would show it. */
static struct td *new_td_with_heap(void)
{
	struct td_insn program[NR_HEAP_PAGES + 2];
	struct td *td;

	for (unsigned int i = 0; i < NR_HEAP_PAGES; i++)
		program[i] = (struct td_insn) {
			.op = TD_OP_ACCEPT, .a = TD_HEAP(0) + i * PAGE_SIZE,
		};
	program[NR_HEAP_PAGES] = (struct td_insn) {
		.op = TD_OP_COUNT, .a = TD_DATA(0), .b = TD_PORT_COUNT,
	};
	program[NR_HEAP_PAGES + 1] = (struct td_insn) { .op = TD_OP_JUMP, .a = NR_HEAP_PAGES };
	td = td_new_with(1, program, sizeof(program));
	if (td && (td_run(td) || td_wait_counts(td, NR_COUNTS, TIMEOUT_MS))) {
		td_destroy(td);
		return NULL;
	}
	return td;
}

static unsigned int nr_that_can_be_built(unsigned int nr)
{
	unsigned int built = 0;

	for (unsigned int i = 0; i < nr; i++) {
		struct td *td = new_td_with_heap();

		built += !!td;
		td_destroy(td);
	}
	return built;
}

/* The module does not give the pages of such a TD back: no other TD may get them. */
TEST_F_TIMEOUT(td_shutdown, memory_of_destroyed_td_is_not_used_again, TEST_TIMEOUT_SEC)
{
	self->tds[0] = new_td_with_heap();
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_SHUT_DOWN();
	td_destroy(self->tds[0]);
	self->tds[0] = NULL;

	ASSERT_BACK();
	EXPECT_EQ((unsigned int)NR_TDS_AFTERWARDS, nr_that_can_be_built(NR_TDS_AFTERWARDS));
}

/* Memory cannot be taken from a TD in this state: it ends, others don't. */
TEST_F_TIMEOUT(td_shutdown, memory_that_is_discarded_ends_the_td, TEST_TIMEOUT_SEC)
{
	self->tds[0] = new_td_with_heap();
	ASSERT_NE(NULL, self->tds[0]);
	self->tds[1] = new_running_td(1);
	ASSERT_NE(NULL, self->tds[1]);
	ASSERT_COUNTING(self->tds[1]);
	ASSERT_SHUT_DOWN();
	ASSERT_EQ(0, td_discard(self->tds[0], TD_HEAP(0), NR_HEAP_PAGES * PAGE_SIZE));

	ASSERT_BACK();
	ASSERT_EQ(0, td_run(self->tds[0]));
	EXPECT_TRUE(td_fails_by(self->tds[0], 1, EIO));
	ASSERT_EQ(0, td_run(self->tds[1]));
	ASSERT_COUNTING(self->tds[1]);
	EXPECT_EQ((unsigned int)NR_TDS_AFTERWARDS, nr_that_can_be_built(NR_TDS_AFTERWARDS));
	EXPECT_EQ(0U, td_nr_lost(self->tds[1]));
}

/* What a CPU holds of a TD cannot be taken off it in this state. */
TEST_F_TIMEOUT(td_shutdown, cpu_stays_while_there_is_a_td, TEST_TIMEOUT_SEC)
{
	unsigned int cpu = nr_cpus() - 1;

	if (!cpu)
		SKIP(return, "there is one CPU only");
	self->tds[0] = new_running_td(1);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_EQ(0, td_move(self->tds[0], 0, cpu));
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_SHUT_DOWN();
	ASSERT_TRUE(td_fails_by(self->tds[0], 1, EAGAIN));
	EXPECT_EQ(-EBUSY, cpu_set_online(cpu, false));
	ASSERT_EQ(0, cpu_set_online(cpu, true));

	ASSERT_BACK();
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_EQ(0, cpu_set_online(cpu, false));
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_EQ(0, cpu_set_online(cpu, true));
	ASSERT_COUNTING(self->tds[0]);
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

/* The driver is how an image gets in: the way back must be open to one loaded anew. */
TEST_F_TIMEOUT(td_shutdown, driver_is_loaded_anew, TEST_TIMEOUT_SEC)
{
	if (access("/sys/module/" DRIVER "/initstate", R_OK))
		SKIP(return, DRIVER " is no module");
	self->tds[0] = new_running_td(2);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_SHUT_DOWN();
	ASSERT_TRUE(td_fails_by(self->tds[0], 2, EAGAIN));

	ASSERT_EQ(0, system("rmmod " DRIVER));
	ASSERT_NE(0, access(UPLOAD_DIR, F_OK));
	ASSERT_EQ(0, system("modprobe " DRIVER));
	ASSERT_TRUE(module_state_is("shutdown"));

	ASSERT_BACK();
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_COUNTING(self->tds[0]);
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

TEST_HARNESS_MAIN
