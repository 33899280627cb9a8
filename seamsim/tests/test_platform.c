// SPDX-License-Identifier: GPL-2.0-only
/* MSRs, CPUID and CR4 as a TDX host shows them. */
#include "support.h"

#include "../platform.h"

#define CR4_PAE		BIT_ULL(5)
#define CR4_VMXE	BIT_ULL(13)

static u64 rdmsr(struct machine *machine, u32 msr)
{
	u64 value = 0;

	assert_true(platform_execute_rdmsr(machine->sim, msr, &value));
	return value;
}

static void msrs_of_a_tdx_host(void **state)
{
	struct machine *machine = machine_new(1);
	u64 value;

	(void)state;
	assert_int_equal(5, rdmsr(machine, 0x3A));
	assert_int_equal(48ULL << 32 | 15, rdmsr(machine, 0x87));
	for (u32 msr = 0x480; msr <= 0x492; msr++)
		rdmsr(machine, msr);
	/* What Linux warns of otherwise. */
	assert_int_equal(0, rdmsr(machine, 0x481) >> 48);
	assert_int_equal(0, rdmsr(machine, 0x491) >> 36);
	assert_false(platform_rdmsr(machine->sim, 0x47F, &value));
	assert_false(platform_rdmsr(machine->sim, 0x493, &value));
	assert_false(platform_rdmsr(machine->sim, 0xC0000080, &value));
	machine_free(machine);
}

static void vmx_basic_tells_of_the_erratum(void **state)
{
	struct machine *machine = machine_new(1);
	u64 sound = BIT_ULL(60) | BIT_ULL(55) | BIT_ULL(54) | 6ULL << 50 | 4096ULL << 32 | 0x12;

	(void)state;
	assert_int_equal(sound, rdmsr(machine, 0x480));
	machine_option(machine, "erratum=1");
	assert_int_equal(sound & ~BIT_ULL(60), rdmsr(machine, 0x480));
	machine_free(machine);
}

static void cpuid_is_patched(void **state)
{
	struct machine *machine = machine_new(2);
	struct sim_regs regs = { .rax = 0x663, .rcx = 1, .rdx = 2 };

	(void)state;
	machine_option(machine, "cpuid=0x806f8:0xc06f2");
	assert_true(platform_patch_cpuid(machine->sim, 1, 1, 0, &regs));
	assert_int_equal(0xc06f2, regs.rax);
	assert_int_equal(1 | BIT_ULL(5), regs.rcx);
	assert_int_equal(2 | BIT_ULL(27), regs.rdx);

	regs = (struct sim_regs){ .rcx = 1 };
	assert_true(platform_patch_cpuid(machine->sim, 0, 7, 0, &regs));
	assert_int_equal(1 | BIT_ULL(28), regs.rcx);
	assert_false(platform_patch_cpuid(machine->sim, 0, 7, 1, &regs));
	assert_false(platform_patch_cpuid(machine->sim, 0, 0, 0, &regs));
	machine_free(machine);
}

static void vmxe_is_kept_from_tcg(void **state)
{
	struct machine *machine = machine_new(2);
	struct sim *sim = machine->sim;

	(void)state;
	assert_int_equal(CR4_PAE, platform_write_cr4(sim, 0, CR4_PAE | CR4_VMXE));
	assert_int_equal(CR4_PAE | CR4_VMXE, platform_read_cr4(sim, 0, CR4_PAE));
	assert_int_equal(CR4_PAE, platform_write_cr4(sim, 0, CR4_PAE));
	assert_int_equal(CR4_PAE, platform_read_cr4(sim, 0, CR4_PAE));
	/* Of that vCPU only: machine_new() set it on all. */
	assert_int_equal(CR4_PAE | CR4_VMXE, platform_read_cr4(sim, 1, CR4_PAE));
	machine_free(machine);
}

static void packages_divide_the_vcpus(void **state)
{
	struct machine *machine = machine_new(8);

	(void)state;
	assert_int_equal(0, platform_package(machine->sim, 7));
	machine_option(machine, "packages=2");
	assert_int_equal(0, platform_package(machine->sim, 3));
	assert_int_equal(1, platform_package(machine->sim, 4));
	machine_free(machine);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(msrs_of_a_tdx_host),
		cmocka_unit_test(vmx_basic_tells_of_the_erratum),
		cmocka_unit_test(cpuid_is_patched),
		cmocka_unit_test(vmxe_is_kept_from_tcg),
		cmocka_unit_test(packages_divide_the_vcpus),
	};

	return cmocka_run_group_tests_name("platform", tests, NULL, NULL);
}
