// SPDX-License-Identifier: GPL-2.0
/*
 * TDs under KVM, without any update: that they are built, run, exit for everything
 * that a guest can want, and leave nothing behind. The ground that td_update_test.c
 * stands on. Needs the TDX host emulator's guest interpreter, else it is skipped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "td_emulator.h"
#include "td_plain_vm.h"
#include "td_programs.h"
#include "td_vmm.h"

#define TIMEOUT_MS		20000
#define NR_COUNTS		50
#define NR_MOVES		8
#define MOVE_USEC		150000
/* KVM writes to a new vCPU three times: it is there for as long as the moves last. */
#define SLOW_WRITES		"latency=TDH.VP.WR:400000000"
#define LATENCY_NONE		"latency=clear"
#define MAX_TEST_VCPUS		4
#define SOME_VALUE		0x5eedU
#define SOME_VECTOR		0x41
#define ARRAY_LENGTH(a)		(sizeof(a) / sizeof((a)[0]))

/* More TDs than any host has private KeyIDs: a leaked one would show. */
#define NR_TDS_IN_A_ROW		64

#define MSR_IA32_APICBASE	0x1b
#define APICBASE_X2APIC_ENABLED	0xc00U

FIXTURE(td) {
	struct td *td;
};

FIXTURE_SETUP(td)
{
	const char *why;

	self->td = NULL;
	if (!td_supported(&why))
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(td)
{
	td_destroy(self->td);
}

static unsigned int nr_test_vcpus(void)
{
	long nr = sysconf(_SC_NPROCESSORS_ONLN);

	return nr < MAX_TEST_VCPUS ? nr : MAX_TEST_VCPUS;
}

/* For calls that leave what went wrong in the TD. */
#define ASSERT_TD_OK(which, expression) do {				\
	const struct td *_td = (which);					\
									\
	ASSERT_EQ(0, (expression)) {					\
		TH_LOG("%s failed, SEAMCALL status 0x%llx", td_where(_td), \
		       (unsigned long long)td_hw_error(_td));		\
	}								\
} while (0)

TEST_F(td, counts_step_by_step)
{
	struct td_vcpu_status status;

	self->td = td_new_counting(1);
	ASSERT_NE(NULL, self->td);
	for (unsigned int i = 1; i <= NR_COUNTS; i++) {
		ASSERT_TD_OK(self->td, td_step(self->td, 0, 1));
		ASSERT_EQ(0, td_wait_stop(self->td, 0, TIMEOUT_MS));
		td_status(self->td, 0, &status);
		ASSERT_EQ(TD_PAUSED, (int)status.stop);
		ASSERT_EQ(i, status.count);
	}
}

static void *add_vcpus(void *arg)
{
	return (void *)(long)td_add_vcpus(arg);
}

/* Of no effect, and no error here, if it has ended. */
static void move_thread(pthread_t thread, unsigned int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	pthread_setaffinity_np(thread, sizeof(cpus), &cpus);
}

/* The module associates a vCPU with a CPU already while it is initialized. */
TEST_F(td, vcpu_is_migrated_while_it_is_initialized)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_COUNT, .a = TD_DATA(0), .b = TD_PORT_COUNT },
		{ .op = TD_OP_JUMP, .a = 0 },
	};
	pthread_t thread;
	const char *why;
	void *ret;

	self->td = td_new(1);
	ASSERT_NE(NULL, self->td);
	td_program(self->td, 0, program, sizeof(program));
	ASSERT_TD_OK(self->td, td_init(self->td));

	ASSERT_EQ(0, emulator_option(SLOW_WRITES, &why));
	ASSERT_EQ(0, pthread_create(&thread, NULL, add_vcpus, self->td));
	for (unsigned int i = 0; i < NR_MOVES; i++) {
		move_thread(thread, i % nr_test_vcpus());
		usleep(MOVE_USEC);
	}
	ASSERT_EQ(0, pthread_join(thread, &ret));
	ASSERT_EQ(0, emulator_option(LATENCY_NONE, &why));
	ASSERT_EQ(NULL, ret);

	ASSERT_TD_OK(self->td, td_add_image(self->td));
	ASSERT_TD_OK(self->td, td_finalize(self->td));
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_counts(self->td, NR_COUNTS, TIMEOUT_MS));
}

TEST_F(td, counts_on_all_vcpus)
{
	self->td = td_new_counting(nr_test_vcpus());
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_counts(self->td, NR_COUNTS, TIMEOUT_MS));
	td_pause(self->td);
	EXPECT_EQ(0U, td_nr_lost(self->td));
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_counts(self->td, NR_COUNTS, TIMEOUT_MS));
	EXPECT_EQ(0U, td_nr_lost(self->td));
}

TEST_F(td, vcpus_move_between_cpus)
{
	unsigned int nr = nr_test_vcpus();

	self->td = td_new_counting(nr);
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));
	for (unsigned int i = 0; i < NR_MOVES; i++) {
		for (unsigned int vcpu = 0; vcpu < nr; vcpu++)
			ASSERT_TD_OK(self->td, td_move(self->td, vcpu, (vcpu + i) % nr));
		ASSERT_EQ(0, td_wait_counts(self->td, NR_COUNTS, TIMEOUT_MS));
	}
	EXPECT_EQ(0U, td_nr_lost(self->td));
}

static int get_mrtd(struct td *td, unsigned char mrtd[TD_MRTD_SIZE])
{
	int ret = td_step(td, 0, 1);

	if (!ret)
		ret = td_wait_stop(td, 0, TIMEOUT_MS);
	return ret ? ret : td_mrtd(td, mrtd);
}

TEST_F(td, equal_images_have_equal_measurements)
{
	unsigned char first[TD_MRTD_SIZE], second[TD_MRTD_SIZE];

	self->td = td_new_counting(1);
	ASSERT_NE(NULL, self->td);
	ASSERT_EQ(0, get_mrtd(self->td, first));
	td_destroy(self->td);

	self->td = td_new_counting(1);
	ASSERT_NE(NULL, self->td);
	ASSERT_EQ(0, get_mrtd(self->td, second));
	EXPECT_EQ(0, memcmp(first, second, TD_MRTD_SIZE));
}

TEST_F(td, other_images_have_other_measurements)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_MRTD, .b = TD_PORT_MRTD },
		{ .op = TD_OP_COUNT, .a = TD_DATA(0), .b = TD_PORT_COUNT },
		{ .op = TD_OP_JUMP, .a = 0 },
	};
	unsigned char first[TD_MRTD_SIZE], second[TD_MRTD_SIZE];

	self->td = td_new_counting(1);
	ASSERT_NE(NULL, self->td);
	ASSERT_EQ(0, get_mrtd(self->td, first));
	td_destroy(self->td);

	self->td = td_new_with(1, program, sizeof(program));
	ASSERT_NE(NULL, self->td);
	ASSERT_EQ(0, get_mrtd(self->td, second));
	EXPECT_NE(0, memcmp(first, second, TD_MRTD_SIZE));
}

TEST_F(td, accepts_memory_it_touches)
{
	struct td_vcpu_status status;

	self->td = td_new_touching(SOME_VALUE);
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_values(self->td, 0, 1, TIMEOUT_MS));
	td_status(self->td, 0, &status);
	EXPECT_EQ(SOME_VALUE, status.value);
}

TEST_F(td, finds_memory_that_was_prefaulted)
{
	struct td_vcpu_status status;

	self->td = td_new_touching(SOME_VALUE);
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_prefault(self->td, 0, TD_HEAP(0), PAGE_SIZE));
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_values(self->td, 0, 1, TIMEOUT_MS));
	td_status(self->td, 0, &status);
	EXPECT_EQ(SOME_VALUE, status.value);
}

/* KVM blocks, tracks and removes the page under a running vCPU. */
TEST_F(td, discarded_memory_comes_back_empty)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_VMCALL, .a = TD_BLOCK(0, 0) },
		{ .op = TD_OP_ACCEPT, .a = TD_HEAP(0) },
		{ .op = TD_OP_STORE, .a = TD_HEAP(0), .b = SOME_VALUE },
		{ .op = TD_OP_OUT, .a = TD_HEAP(0), .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
		{ .op = TD_OP_ACCEPT, .a = TD_HEAP(0) },
		{ .op = TD_OP_OUT, .a = TD_HEAP(0), .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
	};
	struct td_vcpu_status status;

	self->td = td_new_with_blocks(1, program, sizeof(program),
				      &td_enable_apic, sizeof(td_enable_apic));
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_values(self->td, 0, 1, TIMEOUT_MS));
	ASSERT_TD_OK(self->td, td_discard(self->td, TD_HEAP(0), PAGE_SIZE));
	ASSERT_TD_OK(self->td, td_interrupt(self->td, 0, SOME_VECTOR));
	ASSERT_EQ(0, td_wait_values(self->td, 0, 2, TIMEOUT_MS));
	td_status(self->td, 0, &status);
	EXPECT_EQ(0U, status.value);
}

TEST_F(td, converts_memory_to_shared_and_back)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_ACCEPT, .a = TD_HEAP(0) },
		{ .op = TD_OP_STORE, .a = TD_HEAP(0), .b = SOME_VALUE },
		{ .op = TD_OP_VMCALL, .a = TD_BLOCK(0, 0) },
		{ .op = TD_OP_VMCALL, .a = TD_BLOCK(0, 1) },
		{ .op = TD_OP_ACCEPT, .a = TD_HEAP(0) },
		{ .op = TD_OP_OUT, .a = TD_HEAP(0), .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
	};
	static const struct td_vmcall_block blocks[] = {
		{ .r11 = TDVMCALL_MAP_GPA, .r12 = TD_HEAP(0) | TD_SHARED, .r13 = PAGE_SIZE },
		{ .r11 = TDVMCALL_MAP_GPA, .r12 = TD_HEAP(0), .r13 = PAGE_SIZE },
	};
	struct td_vcpu_status status;

	self->td = td_new_with_blocks(1, program, sizeof(program), blocks, sizeof(blocks));
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_values(self->td, 0, 1, TIMEOUT_MS));
	td_status(self->td, 0, &status);
	EXPECT_EQ(0U, status.value);
}

TEST_F(td, shares_memory_with_the_host)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_VMCALL, .a = TD_BLOCK(0, 0) },
		{ .op = TD_OP_OUT, .a = TD_HEAP(0) | TD_SHARED, .b = TD_PORT_VALUE },
		{ .op = TD_OP_STORE, .a = TD_HEAP(0) | TD_SHARED, .b = SOME_VALUE },
		{ .op = TD_OP_OUT, .a = TD_HEAP(0) | TD_SHARED, .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
	};
	static const struct td_vmcall_block map_shared = {
		.r11 = TDVMCALL_MAP_GPA, .r12 = TD_HEAP(0) | TD_SHARED, .r13 = PAGE_SIZE,
	};
	struct td_vcpu_status status;

	self->td = td_new_with_blocks(1, program, sizeof(program),
				      &map_shared, sizeof(map_shared));
	ASSERT_NE(NULL, self->td);
	td_shared_write(self->td, TD_HEAP(0), SOME_VALUE + 1);
	ASSERT_TD_OK(self->td, td_step(self->td, 0, 0));
	ASSERT_EQ(0, td_wait_values(self->td, 0, 2, TIMEOUT_MS));
	td_status(self->td, 0, &status);
	EXPECT_EQ(SOME_VALUE, status.value);
	EXPECT_EQ(SOME_VALUE, td_shared_read(self->td, TD_HEAP(0)));
}

TEST_F(td, takes_an_nmi)
{
	struct td_vcpu_status status;

	self->td = td_new_counting_nmis();
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_step(self->td, 0, 1));
	ASSERT_EQ(0, td_wait_stop(self->td, 0, TIMEOUT_MS));
	ASSERT_TD_OK(self->td, td_nmi(self->td, 0));
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_counts(self->td, NR_COUNTS, TIMEOUT_MS));
	td_status(self->td, 0, &status);
	EXPECT_EQ(1U, status.value);
}

TEST_F(td, reaches_mmio)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_VMCALL, .a = TD_BLOCK(0, 0) },
		{ .op = TD_OP_VMCALL, .a = TD_BLOCK(0, 1) },
		{ .op = TD_OP_OUT, .a = TD_BLOCK_R11(0, 1), .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
	};
	static const struct td_vmcall_block blocks[] = {
		{
			.r11 = TDVMCALL_MMIO, .r12 = sizeof(__u64), .r13 = TDVMCALL_WRITE,
			.r14 = TD_MMIO_BASE | TD_SHARED, .r15 = SOME_VALUE,
		}, {
			.r11 = TDVMCALL_MMIO, .r12 = sizeof(__u64), .r13 = TDVMCALL_READ,
			.r14 = TD_MMIO_BASE | TD_SHARED,
		},
	};
	struct td_vcpu_status status;

	self->td = td_new_with_blocks(1, program, sizeof(program), blocks, sizeof(blocks));
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_values(self->td, 0, 1, TIMEOUT_MS));
	td_status(self->td, 0, &status);
	EXPECT_EQ(2U, status.nr_mmio);
	EXPECT_EQ(TD_MMIO_BASE, status.mmio_gpa);
	EXPECT_EQ(SOME_VALUE, status.value);
}

/* KVM answers CPUID and RDMSR itself: the leaf's answer is in R12 or R11. */
TEST_F(td, reads_an_msr_through_kvm)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_VMCALL, .a = TD_BLOCK(0, 0) },
		{ .op = TD_OP_VMCALL, .a = TD_BLOCK(0, 1) },
		{ .op = TD_OP_OUT, .a = TD_BLOCK_R11(0, 1), .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
	};
	static const struct td_vmcall_block blocks[] = {
		{ .r11 = TDVMCALL_CPUID },
		{ .r11 = TDVMCALL_RDMSR, .r12 = MSR_IA32_APICBASE },
	};
	struct td_vcpu_status status;

	self->td = td_new_with_blocks(1, program, sizeof(program), blocks, sizeof(blocks));
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_values(self->td, 0, 1, TIMEOUT_MS));
	td_status(self->td, 0, &status);
	EXPECT_EQ(APICBASE_X2APIC_ENABLED, status.value & APICBASE_X2APIC_ENABLED);
}

TEST_F(td, halts_until_an_interrupt)
{
	struct td_vcpu_status status;

	self->td = td_new_halting();
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));
	for (unsigned int i = 1; i <= NR_COUNTS; i++) {
		ASSERT_EQ(0, td_wait_values(self->td, 0, i, TIMEOUT_MS));
		td_status(self->td, 0, &status);
		ASSERT_EQ(i, status.nr_values);
		ASSERT_EQ(i - 1, status.value);
		ASSERT_TD_OK(self->td, td_interrupt(self->td, 0, SOME_VECTOR));
	}
}

TEST_F(td, time_slices_end)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_YIELD },
		{ .op = TD_OP_COUNT, .a = TD_DATA(0), .b = TD_PORT_COUNT },
		{ .op = TD_OP_JUMP, .a = 0 },
	};

	self->td = td_new_with(1, program, sizeof(program));
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_counts(self->td, NR_COUNTS, TIMEOUT_MS));
}

TEST_F(td, shuts_down_on_triple_fault)
{
	static const struct td_insn program[] = {
		{ .op = TD_OP_INVALID },
	};
	struct td_vcpu_status status;

	self->td = td_new_with(1, program, sizeof(program));
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));
	ASSERT_EQ(0, td_wait_stop(self->td, 0, TIMEOUT_MS));
	td_status(self->td, 0, &status);
	EXPECT_EQ(TD_SHUT_DOWN, (int)status.stop);
}

TEST_F(td, destroyed_at_each_stage_of_its_build)
{
	int (*const stages[])(struct td *td) = {
		td_init, td_add_vcpus, td_add_image, td_finalize, td_run,
	};

	for (size_t last = 0; last < ARRAY_LENGTH(stages); last++) {
		self->td = td_new(1);
		ASSERT_NE(NULL, self->td);
		for (size_t i = 0; i <= last; i++)
			ASSERT_TD_OK(self->td, stages[i](self->td));
		td_destroy(self->td);
		self->td = NULL;
	}
}

TEST_F_TIMEOUT(td, leaves_no_key_behind, 120)
{
	for (unsigned int i = 0; i < NR_TDS_IN_A_ROW; i++) {
		self->td = td_new_counting(1);
		ASSERT_NE(NULL, self->td) {
			TH_LOG("TD %u: %m", i);
		}
		td_destroy(self->td);
		self->td = NULL;
	}
}

TEST_F(td, refuses_to_finalize_what_is_not_built)
{
	self->td = td_new(1);
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_init(self->td));
	ASSERT_TD_OK(self->td, td_add_vcpus(self->td));
	ASSERT_TD_OK(self->td, td_finalize(self->td));
	EXPECT_EQ(-EINVAL, td_finalize(self->td));
	EXPECT_EQ(-EINVAL, td_add_image(self->td));
}

TEST_F(td, plain_vm_beside_it)
{
	struct plain_vm vm;
	bool keeps;
	int ret;

	self->td = td_new_counting(1);
	ASSERT_NE(NULL, self->td);
	ASSERT_TD_OK(self->td, td_run(self->td));

	ret = plain_vm_create(&vm);
	keeps = !ret && plain_vm_keeps(&vm, SOME_VALUE);
	EXPECT_EQ(0, td_wait_counts(self->td, NR_COUNTS, TIMEOUT_MS));
	plain_vm_destroy(&vm);
	ASSERT_EQ(0, ret);
	EXPECT_TRUE(keeps);
	EXPECT_EQ(0, td_wait_counts(self->td, NR_COUNTS, TIMEOUT_MS));
}

TEST_HARNESS_MAIN
