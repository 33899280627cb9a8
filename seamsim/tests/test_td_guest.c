// SPDX-License-Identifier: GPL-2.0-only
/* The guest behind TDH.VP.ENTER: each instruction, each exit, and the way back in. */
#include "td_support.h"

#include <string.h>

#define PORT		0x510
#define SOME_VALUE	0x123456789aULL
#define OTHER_VALUE	0x55ULL
#define SOME_LEAF	0x10001
#define BLOCK_OFFSET	2048
#define BLOCK_GPA	(TEST_TD_PROGRAM + BLOCK_OFFSET)
#define R11_WORD	1
#define R12_WORD	2
#define REFUSED		1
#define VMCS_FIELD(field)	((u64)TDVPS_CLASS_VMCS << FIELD_CLASS_SHIFT | (field))
#define TD_FIELD(class, code)	((u64)(class) << FIELD_CLASS_SHIFT | (code))
#define SHARED_GPA	(TEST_TD_HEAP | 1UL << TD_SHARED_BIT_GPAW48)
#define TRIPLE_FAULT	(TDX_NON_RECOVERABLE_TD | EXIT_TRIPLE_FAULT)

static struct test_td *run_program(const struct td_insn *program, size_t nr)
{
	struct test_td *test = test_td_new();

	test->program = program;
	test->nr_insns = nr;
	test_td_build(test, STAGE_RUNNABLE);
	return test;
}

#define PROGRAM(name, ...)						\
	static const struct td_insn name[] = { __VA_ARGS__ };		\
	struct test_td *test = run_program(name, ARRAY_SIZE(name));	\
	struct sim_regs regs = { }

#define HALT	{ .op = TD_OP_HLT }

static u64 *data(struct test_td *test)
{
	return machine_ram(test->machine, test->data_pa);
}

static u64 *block(struct test_td *test)
{
	return machine_ram(test->machine, test->program_pa + BLOCK_OFFSET);
}

static struct guest *guest(struct test_td *test)
{
	return &LIST_FIRST(&test_td_model(test)->vcpus)->guest;
}

static void assert_io_write(struct test_td *test, struct sim_regs *regs, u64 port, u32 value)
{
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, regs));
	assert_int_equal(TDVMCALL_SHARED_REGISTERS, regs->rcx);
	assert_int_equal(0, regs->r10);
	assert_int_equal(TDVMCALL_IO, regs->r11);
	assert_int_equal(sizeof(u32), regs->r12);
	assert_int_equal(TDVMCALL_DIRECTION_WRITE, regs->r13);
	assert_int_equal(port, regs->r14);
	assert_int_equal(value, regs->r15);
}

static void assert_violation(struct test_td *test, struct sim_regs *regs, u64 gpa, u64 access,
			     u64 extended)
{
	assert_int_equal(EXIT_EPT_VIOLATION, test_td_enter(test, 0, regs));
	assert_int_equal(access, regs->rcx);
	assert_int_equal(extended, regs->rdx);
	assert_int_equal(gpa, regs->r8);
}

static void aug(struct test_td *test, u64 gpa)
{
	u64 pa = test_td_page(test);

	memset(machine_ram(test->machine, pa), 0xff, PAGE_SIZE);
	assert_int_equal(TDX_SUCCESS,
			 test_td_call(test, TDH_MEM_PAGE_AUG, gpa, test->tdr, pa, 0));
}

static void counts_in_its_memory(void **state)
{
	PROGRAM(program, { .op = TD_OP_COUNT, .a = TEST_TD_DATA, .b = PORT },
		{ .op = TD_OP_JUMP, .a = 0 });

	(void)state;
	for (u64 i = 1; i < 10; i++) {
		assert_io_write(test, &regs, PORT, i);
		assert_int_equal(i, data(test)[0]);
	}
	test_td_free(test);
}

static void counts_on_after_an_update(void **state)
{
	struct image *image = image_new(1);
	PROGRAM(program, { .op = TD_OP_COUNT, .a = TEST_TD_DATA, .b = PORT },
		{ .op = TD_OP_JUMP, .a = 0 });

	(void)state;
	for (u64 i = 1; i < 10; i++) {
		assert_io_write(test, &regs, PORT, i);
		update(test->machine, image);
	}
	image_free(image);
	test_td_free(test);
}

/* A status that an entry is refused with costs the guest nothing. */
static void counts_on_after_a_failed_entry(void **state)
{
	PROGRAM(program, { .op = TD_OP_COUNT, .a = TEST_TD_DATA, .b = PORT },
		{ .op = TD_OP_JUMP, .a = 0 });

	(void)state;
	assert_io_write(test, &regs, PORT, 1);
	machine_option(test->machine, "fault=TDH.VP.ENTER:any:1:0x8000020000000080");
	assert_int_equal(TDX_OPERAND_BUSY | TDX_OPERAND_TDR, test_td_enter(test, 0, &regs));
	assert_io_write(test, &regs, PORT, 2);
	test_td_free(test);
}

static void refused_io_is_fatal(void **state)
{
	PROGRAM(program, { .op = TD_OP_OUT, .a = TEST_TD_DATA, .b = PORT });

	(void)state;
	assert_io_write(test, &regs, PORT, 0);
	regs.r10 = REFUSED;
	assert_int_equal(TRIPLE_FAULT, test_td_enter(test, 0, &regs));
	assert_int_equal(TRIPLE_FAULT, test_td_enter(test, 0, &regs));
	test_td_free(test);
}

static void stores_and_copies(void **state)
{
	PROGRAM(program, { .op = TD_OP_STORE, .a = TEST_TD_DATA, .b = SOME_VALUE },
		{ .op = TD_OP_COPY, .a = TEST_TD_DATA, .b = TEST_TD_DATA + sizeof(u64) },
		{ .op = TD_OP_OUT, .a = TEST_TD_DATA + sizeof(u64), .b = PORT });

	(void)state;
	assert_io_write(test, &regs, PORT, (u32)SOME_VALUE);
	assert_int_equal(SOME_VALUE, data(test)[0]);
	assert_int_equal(SOME_VALUE, data(test)[1]);
	test_td_free(test);
}

static void zeros_are_no_program(void **state)
{
	PROGRAM(program, { .op = TD_OP_INVALID });

	(void)state;
	assert_int_equal(TRIPLE_FAULT, test_td_enter(test, 0, &regs));
	test_td_free(test);
}

static void misaligned_access_is_fatal(void **state)
{
	PROGRAM(program, { .op = TD_OP_STORE, .a = TEST_TD_DATA + 1 });

	(void)state;
	assert_int_equal(TRIPLE_FAULT, test_td_enter(test, 0, &regs));
	test_td_free(test);
}

static void vp_wr(struct test_td *test, u64 field, u64 value)
{
	assert_int_equal(TDX_SUCCESS,
			 test_td_call(test, TDH_VP_WR, test->tdvpr, field, value, ~0ULL));
}

/* The entry of SHARED_GPA in a table of the EPT for shared memory. */
static u64 *shared_entry(struct test_td *test, u64 table, unsigned int level)
{
	u64 *entries = machine_ram(test->machine, table);

	return &entries[(SHARED_GPA >> (PAGE_SHIFT + level * SEPT_INDEX_BITS)) % SEPT_ENTRIES];
}

/* Tables down to @level, where the entry is left for the caller. */
static u64 *map_shared(struct test_td *test, unsigned int level)
{
	u64 table = test_td_page(test);

	vp_wr(test, VMCS_FIELD(VMCS_SHARED_EPT_POINTER), table);
	for (unsigned int i = EPTP_WALK_4_LEVELS; i > level; i--) {
		u64 next = test_td_page(test);

		*shared_entry(test, table, i) = next | EPT_ALL_RIGHTS;
		table = next;
	}
	*shared_entry(test, table, level) = EPT_SUPPRESS_VE;
	return shared_entry(test, table, level);
}

static void shares_memory_with_the_vmm(void **state)
{
	u64 pa, *entry;
	PROGRAM(program, { .op = TD_OP_STORE, .a = SHARED_GPA, .b = SOME_VALUE },
		{ .op = TD_OP_OUT, .a = SHARED_GPA, .b = PORT });

	(void)state;
	entry = map_shared(test, 0);
	assert_violation(test, &regs, SHARED_GPA, EPT_VIOLATION_WRITE, EXT_QUALIFICATION_NONE);
	pa = test_td_page(test);
	*entry = pa | EPT_VIOLATION_READ;
	assert_violation(test, &regs, SHARED_GPA, EPT_VIOLATION_WRITE, EXT_QUALIFICATION_NONE);
	*entry = pa | EPT_ALL_RIGHTS;
	assert_io_write(test, &regs, PORT, (u32)SOME_VALUE);
	assert_int_equal(SOME_VALUE, *(u64 *)machine_ram(test->machine, pa));
	test_td_free(test);
}

static void large_pages_are_shared_too(void **state)
{
	u64 *entry;
	PROGRAM(program, { .op = TD_OP_OUT, .a = SHARED_GPA, .b = PORT });

	(void)state;
	entry = map_shared(test, 1);
	*entry = EPT_LARGE_PAGE | EPT_ALL_RIGHTS;
	*(u32 *)machine_ram(test->machine, SHARED_GPA % (1UL << 21)) = OTHER_VALUE;
	assert_io_write(test, &regs, PORT, OTHER_VALUE);
	test_td_free(test);
}

/* The guest would get a #VE, which this one has no handler for. */
static void shared_memory_that_is_mmio_is_fatal(void **state)
{
	u64 *entry;
	PROGRAM(program, { .op = TD_OP_STORE, .a = SHARED_GPA });

	(void)state;
	entry = map_shared(test, 0);
	*entry = 0;
	assert_int_equal(TRIPLE_FAULT, test_td_enter(test, 0, &regs));
	test_td_free(test);
}

static void shared_access_without_an_ept_is_fatal(void **state)
{
	PROGRAM(program, { .op = TD_OP_STORE, .a = SHARED_GPA });

	(void)state;
	assert_int_equal(TRIPLE_FAULT, test_td_enter(test, 0, &regs));
	test_td_free(test);
}

static void access_beyond_all_addresses_is_fatal(void **state)
{
	PROGRAM(program, { .op = TD_OP_STORE, .a = SHARED_GPA << 1 });

	(void)state;
	assert_int_equal(TRIPLE_FAULT, test_td_enter(test, 0, &regs));
	test_td_free(test);
}

static void program_in_shared_memory_is_fatal(void **state)
{
	PROGRAM(program, HALT);

	(void)state;
	map_shared(test, 0);
	guest(test)->program = SHARED_GPA;
	assert_int_equal(TRIPLE_FAULT, test_td_enter(test, 0, &regs));
	test_td_free(test);
}

static void unmapped_memory_is_asked_for_and_accepted(void **state)
{
	PROGRAM(program, { .op = TD_OP_ACCEPT, .a = TEST_TD_HEAP },
		{ .op = TD_OP_ACCEPT, .a = TEST_TD_HEAP },
		{ .op = TD_OP_OUT, .a = TEST_TD_HEAP, .b = PORT });

	(void)state;
	assert_violation(test, &regs, TEST_TD_HEAP, EPT_VIOLATION_WRITE,
			 EXT_QUALIFICATION_ACCEPT);
	assert_violation(test, &regs, TEST_TD_HEAP, EPT_VIOLATION_WRITE,
			 EXT_QUALIFICATION_ACCEPT);
	aug(test, TEST_TD_HEAP);
	assert_io_write(test, &regs, PORT, 0);
	test_td_free(test);
}

static void unaccepted_memory_is_pending(void **state)
{
	PROGRAM(program, { .op = TD_OP_STORE, .a = TEST_TD_HEAP });

	(void)state;
	assert_violation(test, &regs, TEST_TD_HEAP, EPT_VIOLATION_WRITE, EXT_QUALIFICATION_NONE);
	aug(test, TEST_TD_HEAP);
	assert_violation(test, &regs, TEST_TD_HEAP, EPT_VIOLATION_WRITE,
			 EXT_QUALIFICATION_PENDING);
	test_td_free(test);
}

static void blocked_memory_is_out_of_reach(void **state)
{
	PROGRAM(program, { .op = TD_OP_OUT, .a = TEST_TD_DATA, .b = PORT });

	(void)state;
	assert_int_equal(TDX_SUCCESS, test_td_call(test, TDH_MEM_RANGE_BLOCK, TEST_TD_DATA,
						   test->tdr, 0, 0));
	assert_violation(test, &regs, TEST_TD_DATA, EPT_VIOLATION_READ, EXT_QUALIFICATION_NONE);
	test_td_free(test);
}

static void vmcall_carries_registers_both_ways(void **state)
{
	PROGRAM(program, { .op = TD_OP_STORE, .a = BLOCK_GPA + R11_WORD * sizeof(u64),
			   .b = SOME_LEAF },
		{ .op = TD_OP_STORE, .a = BLOCK_GPA + R12_WORD * sizeof(u64), .b = SOME_VALUE },
		{ .op = TD_OP_VMCALL, .a = BLOCK_GPA }, HALT);

	(void)state;
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
	assert_int_equal(SOME_LEAF, regs.r11);
	assert_int_equal(SOME_VALUE, regs.r12);
	regs.r10 = REFUSED;
	regs.r11 = OTHER_VALUE;
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
	assert_int_equal(TDVMCALL_HLT, regs.r11);
	assert_int_equal(REFUSED, block(test)[0]);
	assert_int_equal(OTHER_VALUE, block(test)[R11_WORD]);
	assert_int_equal(SOME_VALUE, block(test)[R12_WORD]);
	test_td_free(test);
}

/* The memory for the answer may have gone meanwhile: the answer waits. */
static void answer_outlasts_an_ept_violation(void **state)
{
	PROGRAM(program, { .op = TD_OP_ACCEPT, .a = TEST_TD_HEAP },
		{ .op = TD_OP_VMCALL, .a = TEST_TD_HEAP },
		{ .op = TD_OP_OUT, .a = TEST_TD_HEAP + R11_WORD * sizeof(u64), .b = PORT });

	(void)state;
	aug(test, TEST_TD_HEAP);
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
	assert_int_equal(TDX_SUCCESS, test_td_call(test, TDH_MEM_RANGE_BLOCK, TEST_TD_HEAP,
						   test->tdr, 0, 0));
	regs.r11 = OTHER_VALUE;
	assert_violation(test, &regs, TEST_TD_HEAP, EPT_VIOLATION_WRITE, EXT_QUALIFICATION_NONE);
	td_sept_find(test_td_model(test), TEST_TD_HEAP)->state = SEPT_PRESENT;
	assert_io_write(test, &regs, PORT, OTHER_VALUE);
	test_td_free(test);
}

static void time_slice_ends(void **state)
{
	PROGRAM(program, { .op = TD_OP_JUMP, .a = 0 });

	(void)state;
	assert_int_equal(EXIT_OTHER_SMI, test_td_enter(test, 0, &regs));
	assert_int_equal(EXIT_OTHER_SMI, test_td_enter(test, 0, &regs));
	test_td_free(test);
}

static void yields(void **state)
{
	PROGRAM(program, { .op = TD_OP_YIELD },
		{ .op = TD_OP_OUT, .a = TEST_TD_DATA, .b = PORT });

	(void)state;
	assert_int_equal(EXIT_OTHER_SMI, test_td_enter(test, 0, &regs));
	assert_io_write(test, &regs, PORT, 0);
	test_td_free(test);
}

static void reports_its_measurement(void **state)
{
	u8 mrtd[TD_MEASUREMENT_SIZE];
	PROGRAM(program, { .op = TD_OP_MRTD, .b = PORT }, HALT);

	(void)state;
	for (size_t i = 0; i < sizeof(mrtd); i += sizeof(u32)) {
		assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
		assert_int_equal(TDVMCALL_IO, regs.r11);
		memcpy(mrtd + i, &regs.r15, sizeof(u32));
	}
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
	assert_int_equal(TDVMCALL_HLT, regs.r11);
	assert_memory_equal(test_td_model(test)->mrtd, mrtd, sizeof(mrtd));
	test_td_free(test);
}

static struct pi_desc *use_posted_interrupts(struct test_td *test)
{
	u64 pa = test_td_page(test);

	vp_wr(test, VMCS_FIELD(VMCS_POSTED_INTR_DESC_ADDR), pa);
	vp_wr(test, VMCS_FIELD(VMCS_PIN_BASED_CONTROLS), PIN_BASED_POSTED_INTERRUPTS);
	return machine_ram(test->machine, pa);
}

static void takes_posted_interrupts(void **state)
{
	struct pi_desc *desc;
	PROGRAM(program, HALT, { .op = TD_OP_INTERRUPTS, .a = TEST_TD_DATA },
		{ .op = TD_OP_OUT, .a = TEST_TD_DATA, .b = PORT });

	(void)state;
	desc = use_posted_interrupts(test);
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
	assert_int_equal(TDVMCALL_HLT, regs.r11);
	assert_int_equal(TDVMCALL_INTERRUPTS_ENABLED, regs.r12);
	desc->pir[0] = BIT_ULL(33) | BIT_ULL(34);
	desc->pir[PI_DESC_PIR_WORDS - 1] = BIT_ULL(0);
	desc->control = PI_CONTROL_ON | BIT_ULL(1);
	assert_io_write(test, &regs, PORT, 3);
	assert_int_equal(0, desc->pir[0] | desc->pir[PI_DESC_PIR_WORDS - 1]);
	assert_int_equal(BIT_ULL(1), desc->control);
	test_td_free(test);
}

static void interrupt_before_hlt_is_not_missed(void **state)
{
	struct pi_desc *desc;
	PROGRAM(program, { .op = TD_OP_YIELD }, HALT,
		{ .op = TD_OP_OUT, .a = TEST_TD_DATA, .b = PORT }, HALT);

	(void)state;
	desc = use_posted_interrupts(test);
	desc->pir[0] = BIT_ULL(33);
	desc->control = PI_CONTROL_ON;
	assert_int_equal(EXIT_OTHER_SMI, test_td_enter(test, 0, &regs));
	assert_io_write(test, &regs, PORT, 0);
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
	assert_int_equal(TDVMCALL_HLT, regs.r11);
	test_td_free(test);
}

static void halts_again_when_woken_for_nothing(void **state)
{
	PROGRAM(program, HALT);

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
		assert_int_equal(TDVMCALL_HLT, regs.r11);
	}
	test_td_free(test);
}

static void leaves_quiet_descriptors_alone(void **state)
{
	struct pi_desc *desc;
	PROGRAM(program, HALT);

	(void)state;
	desc = use_posted_interrupts(test);
	desc->pir[0] = BIT_ULL(33);
	assert_int_equal(EXIT_TDCALL, test_td_enter(test, 0, &regs));
	assert_int_equal(BIT_ULL(33), desc->pir[0]);
	assert_int_equal(0, guest(test)->nr_interrupts);
	test_td_free(test);
}

static void takes_nmis(void **state)
{
	PROGRAM(program, { .op = TD_OP_NMIS, .a = TEST_TD_DATA },
		{ .op = TD_OP_OUT, .a = TEST_TD_DATA, .b = PORT });

	(void)state;
	vp_wr(test, TD_FIELD(TDVPS_CLASS_MANAGEMENT, TDVPS_PEND_NMI), 1);
	assert_true(guest(test)->nmi_pending);
	assert_io_write(test, &regs, PORT, 1);
	assert_false(guest(test)->nmi_pending);
	test_td_free(test);
}

static void pending_interrupts_show(void **state)
{
	u64 field = FIELD_NON_ARCH | TD_FIELD(TDVPS_CLASS_OTHER_GUEST, TDVPS_VCPU_STATE_DETAILS);
	PROGRAM(program, HALT);

	(void)state;
	regs.rcx = test->tdvpr;
	regs.rdx = field;
	assert_int_equal(TDX_SUCCESS, call_regs(test->machine, 0, TDH_VP_RD, &regs));
	assert_int_equal(0, regs.r8);
	guest(test)->irr[1] = 1;
	assert_int_equal(TDX_SUCCESS, call_regs(test->machine, 0, TDH_VP_RD, &regs));
	assert_int_equal(VCPU_STATE_DETAILS_INTR_PENDING, regs.r8);
	test_td_free(test);
}

static void program_without_memory(void **state)
{
	struct test_td *test = test_td_new();
	struct sim_regs regs = { };

	(void)state;
	test_td_build(test, STAGE_VCPU_READY);
	test_td_build(test, STAGE_TABLES);
	assert_int_equal(TDX_SUCCESS, test_td_call(test, TDH_MR_FINALIZE, test->tdr, 0, 0, 0));
	assert_violation(test, &regs, TEST_TD_PROGRAM, EPT_VIOLATION_READ,
			 EXT_QUALIFICATION_NONE);
	test_td_free(test);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_in_its_memory),
		cmocka_unit_test(counts_on_after_an_update),
		cmocka_unit_test(counts_on_after_a_failed_entry),
		cmocka_unit_test(refused_io_is_fatal),
		cmocka_unit_test(stores_and_copies),
		cmocka_unit_test(zeros_are_no_program),
		cmocka_unit_test(misaligned_access_is_fatal),
		cmocka_unit_test(shares_memory_with_the_vmm),
		cmocka_unit_test(large_pages_are_shared_too),
		cmocka_unit_test(shared_memory_that_is_mmio_is_fatal),
		cmocka_unit_test(shared_access_without_an_ept_is_fatal),
		cmocka_unit_test(access_beyond_all_addresses_is_fatal),
		cmocka_unit_test(program_in_shared_memory_is_fatal),
		cmocka_unit_test(unmapped_memory_is_asked_for_and_accepted),
		cmocka_unit_test(unaccepted_memory_is_pending),
		cmocka_unit_test(blocked_memory_is_out_of_reach),
		cmocka_unit_test(vmcall_carries_registers_both_ways),
		cmocka_unit_test(answer_outlasts_an_ept_violation),
		cmocka_unit_test(time_slice_ends),
		cmocka_unit_test(yields),
		cmocka_unit_test(reports_its_measurement),
		cmocka_unit_test(takes_posted_interrupts),
		cmocka_unit_test(interrupt_before_hlt_is_not_missed),
		cmocka_unit_test(halts_again_when_woken_for_nothing),
		cmocka_unit_test(leaves_quiet_descriptors_alone),
		cmocka_unit_test(takes_nmis),
		cmocka_unit_test(pending_interrupts_show),
		cmocka_unit_test(program_without_memory),
	};

	return cmocka_run_group_tests_name("td_guest", tests, NULL, NULL);
}
