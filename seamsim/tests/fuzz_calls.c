// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any sequence of SEAMCALLs, VMX instructions and damaged memory: no crash, and no state
 * that firmware cannot be in. An input is a program for the interpreter below; libFuzzer
 * finds the interesting ones, test_random.c runs some at random.
 */
#include "fuzz_calls.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define MAX_VCPUS	4
#define NR_UPDATES	16
#define FEATURES_COMPAT	"features0=0x800000140002"

/* Pages that TDs may be made of, one after the other. */
#define FUZZ_PAGE(n)	(TEST_FREE_PA + (n) * PAGE_SIZE)

struct program {
	const u8 *at;
	const u8 *end;
};

/* What is past the end reads as 0, so that every input is a program. */
static u8 next_byte(struct program *program)
{
	return program->at < program->end ? *program->at++ : 0;
}

static u64 next_raw(struct program *program)
{
	u64 value = 0;

	for (size_t i = 0; i < sizeof(value); i++)
		value = value << 8 | next_byte(program);
	return value;
}

/* An operand that means something to some leaf; now and then anything. */
static u64 next_operand(struct program *program)
{
	static const u64 values[] = {
		0, 1, 2, 3, TEST_TDX_KEYID, TEST_TDX_KEYID + 1, TEST_TDX_KEYID + 2, ~0ULL,
		TEST_TDMR_LIST_PA, TEST_INFO_PA, TEST_PARAMS_PA, TEST_SIGSTRUCT_PA,
		TEST_VMXON_PA, TEST_IMAGE_PA, SHUTDOWN_AVOID_COMPAT_SENSITIVE, TEST_TDMR_SIZE,
		FUZZ_PAGE(0), FUZZ_PAGE(1), FUZZ_PAGE(2), FUZZ_PAGE(3), FUZZ_PAGE(4),
		FUZZ_PAGE(5), FUZZ_PAGE(6), FUZZ_PAGE(7), FUZZ_PAGE(8), FUZZ_PAGE(9),
		FUZZ_PAGE(10), FUZZ_PAGE(11), FUZZ_PAGE(12), TEST_RAM_SIZE,
	};
	u8 which = next_byte(program);

	return which < ARRAY_SIZE(values) ? values[which] :
	       which & 1 ? next_raw(program) : FUZZ_PAGE(which);
}

static u64 next_leaf(struct program *program)
{
	unsigned int index = next_byte(program) % NR_LEAVES;

	if (index < NR_SEAMLDR_LEAVES)
		return SEAMCALL_P_SEAMLDR | index;
	return index - NR_SEAMLDR_LEAVES;
}

static void check_session(const struct sim *sim)
{
	const struct seamldr *seamldr = &sim->seamldr;
	unsigned int nr_called = 0;

	for (unsigned int i = 0; i < sim->nr_vcpus; i++)
		nr_called += seamldr->called[i];
	assert_int_equal(nr_called, seamldr->nr_called);
	assert_true(nr_called < sim->nr_vcpus);
	assert_false(nr_called && seamldr->seam_ready);
	assert_int_equal(NR_UPDATES, seamldr->num_remaining_updates + seamldr->nr_installed);
	assert_false(atomic_load(&seamldr->occupied));
}

static void check_module(const struct sim *sim)
{
	const struct module *module = &sim->module;
	bool ready = module->state == MODULE_READY;

	assert_true(module->state <= MODULE_DISABLED);
	for (unsigned int i = 0; i < sim->nr_vcpus; i++)
		assert_false(ready && !module->lp_init[i]);
	assert_false(ready && module->handoff_valid);
	assert_false(ready && !module->nr_tdmrs);
	assert_false(module->state == MODULE_SHUTDOWN && !module->handoff_valid);
	assert_false(module->state == MODULE_ABSENT && sim->seamldr.seam_ready);
	assert_int_equal(0, atomic_load(&module->lps_inside));
}

static void do_seamcall(struct machine *machine, unsigned int vcpu, struct program *program)
{
	struct sim_regs regs = { .rax = next_leaf(program) };

	regs.rcx = next_operand(program);
	regs.rdx = next_operand(program);
	regs.r8 = next_operand(program);
	regs.r9 = next_operand(program);
	seamcall(machine->sim, vcpu, &regs);
}

static void do_vmx(struct machine *machine, unsigned int vcpu, struct program *program)
{
	struct vmx_insn insn = {
		.op = next_byte(program) % (VMX_VMRESUME + 1),
		.operand = next_operand(program),
		.value = next_operand(program),
	};

	vmx_execute(machine->sim, vcpu, &insn);
}

/* A sequence that a kernel goes through, so that what comes after is reached at all. */
static void do_all_lps(struct machine *machine, struct program *program)
{
	static const u64 leaves[] = {
		TDH_SYS_LP_INIT, SEAMCALL_P_SEAMLDR | SEAMLDR_INSTALL,
	};
	u64 leaf = leaves[next_byte(program) % ARRAY_SIZE(leaves)];

	for (unsigned int i = 0; i < machine->sim->nr_vcpus; i++)
		try_call(machine, i, leaf, TEST_PARAMS_PA);
}

static void damage(struct machine *machine, struct program *program)
{
	static const u64 pages[] = {
		TEST_PARAMS_PA, TEST_SIGSTRUCT_PA, TEST_TDMR_LIST_PA, TEST_TDMR_INFO_PA,
		TEST_IMAGE_PA, TEST_FREE_PA, TEST_VMXON_PA,
	};
	u64 pa = pages[next_byte(program) % ARRAY_SIZE(pages)];
	unsigned int offset = next_byte(program) << 4 | (next_byte(program) & 0xf);

	*(u8 *)machine_ram(machine, pa + offset) ^= next_byte(program);
}

static void read_state(struct machine *machine)
{
	json_object_put(sim_state_json(machine->sim));
}

static void step(struct machine *machine, const struct image *image, struct program *program)
{
	u8 what = next_byte(program);
	unsigned int vcpu = what % machine->sim->nr_vcpus;

	switch (what >> 4) {
	case 0:
		do_vmx(machine, vcpu, program);
		break;
	case 1:
		damage(machine, program);
		break;
	case 2:
	case 3:
		do_all_lps(machine, program);
		break;
	case 4:
		image_load(machine, image);
		break;
	case 5:
		read_state(machine);
		break;
	default:
		do_seamcall(machine, vcpu, program);
	}
}

void fuzz_calls(const u8 *bytes, size_t size)
{
	struct program program = { .at = bytes, .end = bytes + size };
	u8 how = next_byte(&program);
	struct machine *machine = machine_new(1 + how % MAX_VCPUS);
	static struct image *image;

	if (!image)
		image = image_new(2);
	image_load(machine, image);
	if (how & 0x10)
		machine_option(machine, "erratum=1");
	if (how & 0x20)
		machine_option(machine, FEATURES_COMPAT);
	if (how & 0x40)
		machine_option(machine, "build_erratum=1");
	if (how & 0x80)
		machine_boot(machine);

	while (program.at < program.end) {
		step(machine, image, &program);
		check_session(machine->sim);
		check_module(machine->sim);
	}
	machine_free(machine);
}
