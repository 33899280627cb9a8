// SPDX-License-Identifier: GPL-2.0-only
/* VMX instructions on a software VMCS: which succeed, how the others fail. */
#include "support.h"

#include <string.h>

#include "../platform.h"

#define MSR_IA32_VMX_BASIC	0x480
#define REVISION_MASK		GENMASK_ULL(30, 0)
#define VMCS_PA			TEST_FREE_PA
#define OTHER_VMCS_PA		(TEST_FREE_PA + PAGE_SIZE)
#define NOT_RAM_PA		(TEST_RAM_SIZE + PAGE_SIZE)
#define SOME_VALUE		0x1122334455667788ULL

/* One field of each width, and one that only the processor writes. */
#define VIRTUAL_PROCESSOR_ID	0x0000
#define EXCEPTION_BITMAP	0x4004
#define TSC_OFFSET		0x2010
#define TSC_OFFSET_HIGH		0x2011
#define GUEST_RIP		0x681E
#define VM_EXIT_REASON		0x4402
#define VM_INSTRUCTION_ERROR	0x4400
#define NO_SUCH_FIELD		0x1000

static u32 revision(struct machine *machine)
{
	u64 basic;

	assert_true(platform_rdmsr(machine->sim, MSR_IA32_VMX_BASIC, &basic));
	return basic & REVISION_MASK;
}

static enum vmx_result execute(struct machine *machine, enum vmx_op op, u64 operand, u64 *value)
{
	struct vmx_insn insn = { .op = op, .operand = operand, .value = value ? *value : 0 };
	enum vmx_result result = vmx_execute(machine->sim, 0, &insn);

	if (value)
		*value = insn.value;
	return result;
}

static enum vmx_result on(struct machine *machine, enum vmx_op op, u64 operand)
{
	return execute(machine, op, operand, NULL);
}

static u64 vmread(struct machine *machine, u64 field)
{
	u64 value = 0;

	assert_int_equal(VMX_SUCCEED, execute(machine, VMX_VMREAD, field, &value));
	return value;
}

static void vmwrite(struct machine *machine, u64 field, u64 value)
{
	assert_int_equal(VMX_SUCCEED, execute(machine, VMX_VMWRITE, field, &value));
}

static void make_region(struct machine *machine, u64 pa)
{
	memset(machine_ram(machine, pa), 0, PAGE_SIZE);
	*(u32 *)machine_ram(machine, pa) = revision(machine);
}

static struct machine *machine_with_vmcs(void)
{
	struct machine *machine = machine_new(1);

	make_region(machine, VMCS_PA);
	make_region(machine, OTHER_VMCS_PA);
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMCLEAR, VMCS_PA));
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMPTRLD, VMCS_PA));
	return machine;
}

static void fields_keep_their_width(void **state)
{
	struct machine *machine = machine_with_vmcs();

	(void)state;
	vmwrite(machine, VIRTUAL_PROCESSOR_ID, SOME_VALUE);
	vmwrite(machine, EXCEPTION_BITMAP, SOME_VALUE);
	vmwrite(machine, TSC_OFFSET, SOME_VALUE);
	vmwrite(machine, GUEST_RIP, SOME_VALUE);
	assert_int_equal((u16)SOME_VALUE, vmread(machine, VIRTUAL_PROCESSOR_ID));
	assert_int_equal((u32)SOME_VALUE, vmread(machine, EXCEPTION_BITMAP));
	assert_int_equal(SOME_VALUE, vmread(machine, TSC_OFFSET));
	assert_int_equal(SOME_VALUE, vmread(machine, GUEST_RIP));
	machine_free(machine);
}

static void high_half_of_a_64_bit_field(void **state)
{
	struct machine *machine = machine_with_vmcs();

	(void)state;
	vmwrite(machine, TSC_OFFSET, SOME_VALUE);
	assert_int_equal(SOME_VALUE >> 32, vmread(machine, TSC_OFFSET_HIGH));
	vmwrite(machine, TSC_OFFSET_HIGH, 1);
	assert_int_equal(1ULL << 32 | (u32)SOME_VALUE, vmread(machine, TSC_OFFSET));
	machine_free(machine);
}

static void fields_belong_to_their_vmcs(void **state)
{
	struct machine *machine = machine_with_vmcs();

	(void)state;
	vmwrite(machine, GUEST_RIP, SOME_VALUE);
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMPTRLD, OTHER_VMCS_PA));
	assert_int_equal(0, vmread(machine, GUEST_RIP));
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMCLEAR, VMCS_PA));
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMPTRLD, VMCS_PA));
	assert_int_equal(SOME_VALUE, vmread(machine, GUEST_RIP));
	machine_free(machine);
}

static void new_region_in_the_same_page_is_empty(void **state)
{
	struct machine *machine = machine_with_vmcs();

	(void)state;
	vmwrite(machine, GUEST_RIP, SOME_VALUE);
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMCLEAR, VMCS_PA));
	make_region(machine, VMCS_PA);
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMPTRLD, VMCS_PA));
	assert_int_equal(0, vmread(machine, GUEST_RIP));
	machine_free(machine);
}

static void vmptrst_tells_the_current_one(void **state)
{
	struct machine *machine = machine_with_vmcs();
	u64 pa = 0;

	(void)state;
	assert_int_equal(VMX_SUCCEED, execute(machine, VMX_VMPTRST, 0, &pa));
	assert_int_equal(VMCS_PA, pa);
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMCLEAR, VMCS_PA));
	assert_int_equal(VMX_SUCCEED, execute(machine, VMX_VMPTRST, 0, &pa));
	assert_int_equal(VMCS_NONE, pa);
	machine_free(machine);
}

static u64 current_vmcs(struct machine *machine)
{
	return machine->sim->vcpu[0].vmx.current_vmcs;
}

/* Without a current VMCS there is no place for a reason: CF instead of ZF. */
static void failures_without_a_vmcs(void **state)
{
	struct machine *machine = machine_new(1);

	(void)state;
	assert_int_equal(VMX_FAIL_INVALID, on(machine, VMX_VMREAD, GUEST_RIP));
	assert_int_equal(VMX_FAIL_INVALID, on(machine, VMX_VMWRITE, GUEST_RIP));
	assert_int_equal(VMX_FAIL_INVALID, on(machine, VMX_VMPTRLD, VMCS_PA + 1));
	assert_int_equal(VMX_FAIL_INVALID, on(machine, VMX_VMCLEAR, NOT_RAM_PA));
	assert_int_equal(VMX_FAIL_INVALID, on(machine, VMX_VMLAUNCH, 0));
	assert_int_equal(VMCS_NONE, current_vmcs(machine));
	machine_free(machine);
}

/* "SDM", volume 3, chapter on VMX instructions: numbers of VM-instruction errors. */
static void failures_with_their_reason(void **state)
{
	static const struct {
		enum vmx_op op;
		u64 operand;
		unsigned int error;
	} rows[] = {
		{ VMX_VMCLEAR, VMCS_PA + 1, 2 },
		{ VMX_VMCLEAR, TEST_VMXON_PA, 3 },
		{ VMX_VMLAUNCH, 0, 7 },
		{ VMX_VMRESUME, 0, 7 },
		{ VMX_VMPTRLD, VMCS_PA + 1, 9 },
		{ VMX_VMPTRLD, NOT_RAM_PA, 9 },
		{ VMX_VMPTRLD, TEST_VMXON_PA, 10 },
		{ VMX_VMPTRLD, OTHER_VMCS_PA + PAGE_SIZE, 11 },
		{ VMX_VMREAD, NO_SUCH_FIELD, 12 },
		{ VMX_VMWRITE, NO_SUCH_FIELD, 12 },
		{ VMX_VMWRITE, VM_EXIT_REASON, 13 },
		{ VMX_VMXON, TEST_VMXON_PA, 15 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct machine *machine = machine_with_vmcs();

		assert_int_equal(VMX_FAIL_VALID, on(machine, rows[i].op, rows[i].operand));
		assert_int_equal(rows[i].error, vmread(machine, VM_INSTRUCTION_ERROR));
		assert_int_equal(VMCS_PA, current_vmcs(machine));
		machine_free(machine);
	}
}

static void invalidations_succeed(void **state)
{
	struct machine *machine = machine_new(1);

	(void)state;
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_INVEPT, 2));
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_INVVPID, 2));
	machine_free(machine);
}

static void outside_vmx_operation(void **state)
{
	struct machine *machine = machine_with_vmcs();

	(void)state;
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMXOFF, 0));
	assert_int_equal(VMX_UD, on(machine, VMX_VMREAD, GUEST_RIP));
	assert_int_equal(VMX_UD, on(machine, VMX_VMPTRLD, VMCS_PA));
	assert_int_equal(VMX_UD, on(machine, VMX_INVEPT, 2));
	assert_false(vmx_is_on(machine->sim, 0));
	machine_free(machine);
}

static void vmxon_needs_its_revision(void **state)
{
	struct machine *machine = machine_new(1);

	(void)state;
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMXOFF, 0));
	*(u32 *)machine_ram(machine, TEST_VMXON_PA) = revision(machine) + 1;
	assert_int_equal(VMX_FAIL_INVALID, on(machine, VMX_VMXON, TEST_VMXON_PA));
	make_region(machine, TEST_VMXON_PA);
	assert_int_equal(VMX_FAIL_INVALID, on(machine, VMX_VMXON, TEST_VMXON_PA + 1));
	assert_int_equal(VMX_SUCCEED, on(machine, VMX_VMXON, TEST_VMXON_PA));
	machine_free(machine);
}

static void seamret_loses_the_vmcs_with_the_erratum(void **state)
{
	static const char *const options[] = { "erratum=0", "erratum=1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct machine *machine = machine_with_vmcs();

		machine_option(machine, options[i]);
		assert_int_equal(SEAMLDR_SUCCESS,
				 call(machine, 0, SEAMCALL_P_SEAMLDR | SEAMLDR_INFO,
				      TEST_INFO_PA, 0, 0));
		assert_int_equal(i ? VMCS_NONE : VMCS_PA, current_vmcs(machine));
		assert_int_equal(i, machine->sim->vcpu[0].vmx.vmcs_lost);
		machine_free(machine);
	}
}

/* SEAMRET from the TDX module does not do it. */
static void erratum_is_the_seamldrs(void **state)
{
	struct machine *machine = machine_with_vmcs();

	(void)state;
	machine_option(machine, "erratum=1");
	machine_boot(machine);
	assert_int_equal(VMCS_PA, current_vmcs(machine));
	machine_free(machine);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_keep_their_width),
		cmocka_unit_test(high_half_of_a_64_bit_field),
		cmocka_unit_test(fields_belong_to_their_vmcs),
		cmocka_unit_test(new_region_in_the_same_page_is_empty),
		cmocka_unit_test(vmptrst_tells_the_current_one),
		cmocka_unit_test(failures_without_a_vmcs),
		cmocka_unit_test(failures_with_their_reason),
		cmocka_unit_test(invalidations_succeed),
		cmocka_unit_test(outside_vmx_operation),
		cmocka_unit_test(vmxon_needs_its_revision),
		cmocka_unit_test(seamret_loses_the_vmcs_with_the_erratum),
		cmocka_unit_test(erratum_is_the_seamldrs),
	};

	return cmocka_run_group_tests_name("vmx", tests, NULL, NULL);
}
