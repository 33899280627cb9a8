// SPDX-License-Identifier: GPL-2.0-only
/*
 * SEAMLDR.INSTALL: every refusal, its status, its place in the order, and that it is
 * the check of that name which refuses.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NR_LPS		2
#define NR_PAGES	3

struct refusal {
	const char *name;
	u64 status;
	/* Before the module is shut down. */
	void (*prepare)(struct machine *machine, struct image *image);
	/* After the image was written to guest memory. */
	void (*spoil)(struct machine *machine, struct seamldr_params *params);
	bool unrecoverable;
	/* No TDH.SYS.SHUTDOWN before. */
	bool running;
};

#define PREPARE(fn)	static void fn(__attribute__((unused)) struct machine *machine, \
				       __attribute__((unused)) struct image *image)
#define SPOIL(fn)	static void fn(__attribute__((unused)) struct machine *machine, \
				       __attribute__((unused)) struct seamldr_params *params)

SPOIL(version_one)
{
	params->version = 1;
}

SPOIL(reserved_last_byte)
{
	params->reserved[sizeof(params->reserved) - 1] = 1;
}

SPOIL(unknown_scenario)
{
	params->scenario = 2;
}

SPOIL(no_pages)
{
	params->num_module_pages = 0;
}

PREPARE(hash_of_nothing)
{
	image->nr_pages = 0;
	image_hash(image);
}

PREPARE(all_pages)
{
	image->nr_pages = TEST_MAX_PAGES;
	image_hash(image);
}

SPOIL(one_page_too_many)
{
	params->num_module_pages++;
}

/* Moves a page to an address that is not one's, with all that is in it. */
static u64 misplace(struct machine *machine, u64 pa)
{
	u64 to = TEST_FREE_PA + 8;

	memcpy(machine_ram(machine, to), machine_ram(machine, pa), PAGE_SIZE);
	return to;
}

SPOIL(sigstruct_misaligned)
{
	params->sigstruct_pa[0] = misplace(machine, params->sigstruct_pa[0]);
}

SPOIL(second_sigstruct_page)
{
	params->sigstruct_pa[1] = TEST_FREE_PA;
}

SPOIL(module_page_misaligned)
{
	params->mod_pages_pa_list[1] = misplace(machine, params->mod_pages_pa_list[1]);
}

SPOIL(no_module)
{
	machine->sim->module.state = MODULE_ABSENT;
}

#define SET_FIELD(fn, field, value)		\
	PREPARE(fn)				\
	{					\
		image->sig.field = value;	\
	}

SET_FIELD(header_type, header_type, 5)
SET_FIELD(header_length, header_length, 0xE0)
SET_FIELD(header_version, header_version, 0x10001)
SET_FIELD(module_type, module_type, 1)
SET_FIELD(vendor, module_vendor, 0x8087)
SET_FIELD(size, size, 0x201)
SET_FIELD(key_size, key_size, 0x61)
SET_FIELD(modulus_size, modulus_size, 0x61)
SET_FIELD(exponent_size, exponent_size, 2)
SET_FIELD(exponent, exponent, 3)
SET_FIELD(reserved_head, reserved0[87], 1)
SET_FIELD(reserved_body, reserved1[5], 1)
SET_FIELD(reserved_handoff, reserved2, 1)
SET_FIELD(attributes, attributes, 1)
SET_FIELD(cpuid_count, cpuid_table_size, 256)
SET_FIELD(debug_signed, module_type, SIGSTRUCT_DEBUG_SIGNED)
SET_FIELD(svn_major_zero, seamsvn, 0x0005)
SET_FIELD(svn_major_other, seamsvn, 0x0205)
SET_FIELD(cpu_missing, cpuid_table[0], 0xc06f0)
SET_FIELD(cpu_table_empty, cpuid_table_size, 0)

PREPARE(svn_minor_lower)
{
	machine_option(machine, "svn=1.6");
}

PREPARE(handoff_range)
{
	/* min_update_hv > module_hv, and only that: version 0 is tested elsewhere. */
	image->sig.min_update_hv = 1;
	machine->sim->config.checks_off[CHECK_HANDOFF_VERSION] = true;
}

PREPARE(unknown_signer)
{
	machine->sim->config.nr_signers = 0;
}

PREPARE(gdt_idt_outside)
{
	image->sig.gdt_idt_offset = NR_PAGES * PAGE_SIZE;
	image->sig.fault_wrapper_offset = PAGE_SIZE;
}

PREPARE(gdt_idt_misaligned)
{
	image->sig.gdt_idt_offset = 8;
	image->sig.fault_wrapper_offset = PAGE_SIZE;
}

PREPARE(gdt_idt_alone_missing)
{
	image->sig.fault_wrapper_offset = PAGE_SIZE;
}

PREPARE(fault_wrapper_outside)
{
	image->sig.gdt_idt_offset = PAGE_SIZE;
	image->sig.fault_wrapper_offset = NR_PAGES * PAGE_SIZE - SIGSTRUCT_FAULT_WRAPPER_SIZE + 1;
}

PREPARE(second_socket_missing)
{
	machine_option(machine, "cpuid=0x806f8:0xc06f2");
}

SPOIL(signature_byte)
{
	struct seam_sigstruct *sig = machine_ram(machine, params->sigstruct_pa[0]);

	sig->signature[0] ^= 1;
}

/* Covered by the signature, and by no other check. */
SPOIL(signed_byte)
{
	struct seam_sigstruct *sig = machine_ram(machine, params->sigstruct_pa[0]);

	sig->date ^= 1;
}

PREPARE(range_too_small)
{
	machine_option(machine, "seam_pages=2");
}

PREPARE(no_updates_left)
{
	machine_option(machine, "updates=0");
}

PREPARE(handoff_too_large)
{
	machine_option(machine, "handoff_data_pages=2");
}

PREPARE(handoff_too_old)
{
	image->sig.min_update_hv = 1;
	image->sig.module_hv = 2;
}

PREPARE(handoff_too_new)
{
	machine_option(machine, "module_hv=3");
	image->sig.module_hv = 2;
}

SPOIL(module_byte)
{
	*(u8 *)machine_ram(machine, params->mod_pages_pa_list[NR_PAGES - 1]) ^= 1;
}

#define BADPARAM(check, prepare, spoil)	\
	{ check, SEAMLDR_EBADPARAM, prepare, spoil, false, false }
#define BADSIG(check, prepare, spoil)	\
	{ check, SEAMLDR_EBADSIG, prepare, spoil, false, false }

/* In the order of the specification. */
static const struct refusal refusals[] = {
	BADPARAM("params-version", NULL, version_one),
	BADPARAM("params-reserved", NULL, reserved_last_byte),
	BADPARAM("params-scenario", NULL, unknown_scenario),
	BADPARAM("params-page-count", all_pages, one_page_too_many),
	BADPARAM("params-page-count", hash_of_nothing, no_pages),
	BADPARAM("params-sigstruct-pa", NULL, sigstruct_misaligned),
	BADPARAM("params-sigstruct-pa", NULL, second_sigstruct_page),
	BADPARAM("params-module-pa", NULL, module_page_misaligned),
	BADPARAM("params-no-module", NULL, no_module),
	BADSIG("sig-header", header_type, NULL),
	BADSIG("sig-header", header_length, NULL),
	BADSIG("sig-header", header_version, NULL),
	BADSIG("sig-module-type", module_type, NULL),
	BADSIG("sig-vendor", vendor, NULL),
	BADSIG("sig-sizes", size, NULL),
	BADSIG("sig-sizes", key_size, NULL),
	BADSIG("sig-sizes", modulus_size, NULL),
	BADSIG("sig-sizes", exponent_size, NULL),
	BADSIG("sig-exponent", exponent, NULL),
	BADSIG("sig-reserved", reserved_head, NULL),
	BADSIG("sig-reserved", reserved_body, NULL),
	BADSIG("sig-reserved", reserved_handoff, NULL),
	BADSIG("sig-attributes", attributes, NULL),
	BADSIG("sig-cpuid-count", cpuid_count, NULL),
	BADSIG("sig-handoff-range", handoff_range, NULL),
	BADSIG("sig-signer", unknown_signer, NULL),
	BADSIG("sig-debug", debug_signed, NULL),
	{ "svn-major", SEAMLDR_EUNSUPPORTED, svn_major_zero, NULL, false, false },
	{ "svn-major", SEAMLDR_EUNSUPPORTED, svn_major_other, NULL, false, false },
	BADSIG("svn-minor", svn_minor_lower, NULL),
	BADSIG("gdt-idt-offset", gdt_idt_outside, NULL),
	BADSIG("gdt-idt-offset", gdt_idt_misaligned, NULL),
	BADSIG("gdt-idt-offset", gdt_idt_alone_missing, NULL),
	BADSIG("fault-wrapper-offset", fault_wrapper_outside, NULL),
	BADSIG("cpu-table-empty", cpu_table_empty, NULL),
	{ "cpu-table", SEAMLDR_EUNSUPCPU, cpu_missing, NULL, false, false },
	{ "cpu-table", SEAMLDR_EUNSUPCPU, second_socket_missing, NULL, false, false },
	BADSIG("signature", NULL, signature_byte),
	BADSIG("signature", NULL, signed_byte),
	{ "module-fits", SEAMLDR_ENOMEM, range_too_small, NULL, false, false },
	{ "updates-left", SEAMLDR_EBADCALL, no_updates_left, NULL, false, false },
	{ "handoff-data", SEAMLDR_EBADHANDOFF, NULL, NULL, false, true },
	{ "handoff-pages", SEAMLDR_EBADHANDOFF, handoff_too_large, NULL, false, false },
	{ "handoff-version", SEAMLDR_EBADHANDOFF, handoff_too_old, NULL, false, false },
	{ "handoff-version", SEAMLDR_EBADHANDOFF, handoff_too_new, NULL, false, false },
	{ "module-hash", SEAMLDR_EBADHASH, NULL, module_byte, true, false },
};

static u64 install_broken(struct machine *machine, const struct refusal *first,
			  const struct refusal *second, u64 *rdx)
{
	const struct refusal *broken[] = { first, second };
	struct image *image = image_new(NR_PAGES);
	struct seamldr_params *params;
	bool running = false;
	u64 status;

	machine_boot(machine);
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		if (broken[i] && broken[i]->prepare)
			broken[i]->prepare(machine, image);
		running |= broken[i] && broken[i]->running;
	}
	image_sign(image);
	if (!running)
		assert_int_equal(TDX_SUCCESS,
				 call(machine, 0, TDH_SYS_SHUTDOWN,
				      machine->sim->module.id.module_hv, 0, 0));

	params = image_load(machine, image);
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		if (broken[i] && broken[i]->spoil)
			broken[i]->spoil(machine, params);
	}
	status = install(machine, rdx);
	image_free(image);
	return status;
}

static void good_image_is_installed(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	u64 rdx = ~0ULL;

	(void)state;
	assert_int_equal(SEAMLDR_SUCCESS, install_broken(machine, NULL, NULL, &rdx));
	assert_int_equal(MODULE_LOADED, machine->sim->module.state);
	assert_int_equal(8, machine->sim->module.id.version.update);
	assert_int_equal(15, machine->sim->seamldr.num_remaining_updates);
	assert_true(machine->sim->seamldr.seam_ready);
	machine_free(machine);
}

static void check_refusal(void **state)
{
	const struct refusal *refusal = *state;
	struct machine *machine = machine_new(NR_LPS);
	u64 rdx = ~0ULL;

	assert_int_equal(refusal->status, install_broken(machine, refusal, NULL, &rdx));
	assert_int_equal(refusal->unrecoverable, rdx);
	assert_int_equal(0, machine->sim->module.nr_updates);

	if (refusal->unrecoverable) {
		assert_int_equal(MODULE_ABSENT, machine->sim->module.state);
		assert_false(machine->sim->seamldr.seam_ready);
		machine_free(machine);
		return;
	}

	/* SEAM_READY is back, the old module is what it was, and no update was used up. */
	assert_true(machine->sim->seamldr.seam_ready);
	assert_int_equal(0, machine->sim->seamldr.nr_called);
	assert_int_equal(6, machine->sim->module.id.version.update);
	assert_int_equal(0, machine->sim->seamldr.nr_installed);
	machine_free(machine);
}

/* Without that one check, the same call goes through: so it was that check. */
static void check_switched_off(void **state)
{
	const struct refusal *refusal = *state;
	struct machine *machine = machine_new(NR_LPS);
	char option[64];

	snprintf(option, sizeof(option), "check_off=%s", refusal->name);
	machine_option(machine, option);
	assert_int_equal(SEAMLDR_SUCCESS, install_broken(machine, refusal, NULL, NULL));
	assert_int_equal(MODULE_LOADED, machine->sim->module.state);
	machine_free(machine);
}

/* With a row and the next one both broken, the earlier names the status. */
static void check_order(void **state)
{
	const struct refusal *refusal = *state;
	struct machine *machine = machine_new(NR_LPS);

	assert_int_equal(refusal[0].status,
			 install_broken(machine, &refusal[0], &refusal[1], NULL));
	machine_free(machine);
}

static void params_address_misaligned(void **state)
{
	struct machine *machine = machine_new(1);
	struct image *image = image_new(NR_PAGES);
	u64 leaf = SEAMCALL_P_SEAMLDR | SEAMLDR_INSTALL, pa;

	(void)state;
	machine_boot(machine);
	call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0);
	image_load(machine, image);
	pa = misplace(machine, TEST_PARAMS_PA);

	assert_int_equal(SEAMLDR_EBADPARAM, call(machine, 0, leaf, pa, 0, 0));
	machine_option(machine, "check_off=params-address");
	assert_int_equal(SEAMLDR_SUCCESS, call(machine, 0, leaf, pa, 0, 0));
	image_free(image);
	machine_free(machine);
}

static void params_outside_memory(void **state)
{
	struct machine *machine = machine_new(1);
	u64 leaf = SEAMCALL_P_SEAMLDR | SEAMLDR_INSTALL;

	(void)state;
	assert_int_equal(SEAMLDR_EBADPARAM, call(machine, 0, leaf, TEST_RAM_SIZE, 0, 0));
	assert_int_equal(SEAMLDR_EBADPARAM, call(machine, 0, leaf, BIT_ULL(52), 0, 0));
	machine_free(machine);
}

static void module_page_outside_memory(void **state)
{
	struct machine *machine = machine_new(1);
	struct image *image = image_new(NR_PAGES);
	u64 rdx;

	(void)state;
	machine_boot(machine);
	call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0);
	image_load(machine, image)->mod_pages_pa_list[0] = TEST_RAM_SIZE;
	assert_int_equal(SEAMLDR_EBADPARAM, install(machine, &rdx));
	assert_int_equal(SEAMLDR_RECOVERABLE, rdx);
	image_free(image);
	machine_free(machine);
}

/* Readable, aligned, and yet no memory that the P-SEAMLDR takes a module from. */
static void module_page_of_a_td(void **state)
{
	struct machine *machine = machine_new(1);
	struct image *image = image_new(NR_PAGES);

	(void)state;
	machine_boot(machine);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_MNG_CREATE, TEST_FREE_PA,
					   TEST_TDX_KEYID + 1, 0));
	call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0);
	memset(image->pages[1], 0, PAGE_SIZE);
	image_hash(image);
	image_sign(image);
	image_load(machine, image)->mod_pages_pa_list[1] = TEST_FREE_PA;
	assert_int_equal(SEAMLDR_EBADPARAM, install(machine, NULL));
	machine_option(machine, "check_off=params-module-pa");
	assert_int_equal(SEAMLDR_SUCCESS, install(machine, NULL));
	image_free(image);
	machine_free(machine);
}

static void debug_image_on_debug_platform(void **state)
{
	struct machine *machine = machine_new(1);
	struct image *image = image_new(NR_PAGES);

	(void)state;
	machine_option(machine, "debug_platform=1");
	machine_boot(machine);
	image->sig.module_type = SIGSTRUCT_DEBUG_SIGNED;
	/* Only a production image needs a table. */
	image->sig.cpuid_table_size = 0;
	image_sign(image);
	update(machine, image);
	image_free(image);
	machine_free(machine);
}

static void steppings_do_not_count(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	struct image *image = image_new(NR_PAGES);

	(void)state;
	machine_option(machine, "cpuid=0x806f8:0x806f4");
	machine_boot(machine);
	image->sig.cpuid_table[0] = 0x806f0;
	image_sign(image);
	update(machine, image);
	image_free(image);
	machine_free(machine);
}

static void smallest_and_largest_module(void **state)
{
	static const unsigned int sizes[] = { 1, TEST_MAX_PAGES };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct machine *machine = machine_new(NR_LPS);
		struct image *image = image_new(sizes[i]);

		machine_boot(machine);
		update(machine, image);
		image_free(image);
		machine_free(machine);
	}
}

static void recoverable_failure_then_good_image(void **state)
{
	struct machine *machine = machine_new(NR_LPS);
	struct image *image = image_new(NR_PAGES);
	u64 rdx;

	(void)state;
	machine_boot(machine);
	call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0);
	image_load(machine, image)->version = 1;
	assert_int_equal(SEAMLDR_EBADPARAM, install(machine, &rdx));

	/* The module is still shut down: that is what the first call of a retry sees. */
	assert_int_equal(TDX_SYS_SHUTDOWN, call(machine, 0, TDH_SYS_RD, 0, 0, 0));
	image_load(machine, image);
	assert_int_equal(SEAMLDR_SUCCESS, install(machine, &rdx));
	image_free(image);
	machine_free(machine);
}

static void lost_module_takes_only_a_load(void **state)
{
	struct machine *machine = machine_new(1);
	struct image *image = image_new(NR_PAGES);
	u64 rdx;

	(void)state;
	machine_boot(machine);
	call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0);
	module_byte(machine, image_load(machine, image));
	assert_int_equal(SEAMLDR_EBADHASH, install(machine, &rdx));
	assert_int_equal(SEAMLDR_UNRECOVERABLE, rdx);
	assert_int_equal(SEAMCALL_VMFAIL_INVALID, try_call(machine, 0, TDH_SYS_RD, 0));

	image_load(machine, image);
	assert_int_equal(SEAMLDR_EBADPARAM, install(machine, &rdx));
	image_load(machine, image)->scenario = SEAMLDR_SCENARIO_LOAD;
	assert_int_equal(SEAMLDR_SUCCESS, install(machine, &rdx));
	machine_boot(machine);
	image_free(image);
	machine_free(machine);
}

static void handoff_data_outlives_a_failed_update(void **state)
{
	struct machine *machine = machine_new(1);
	struct image *image = image_new(NR_PAGES);

	(void)state;
	machine_boot(machine);
	call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0);
	image_load(machine, image);
	assert_int_equal(SEAMLDR_SUCCESS, install(machine, NULL));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_INIT, 0, 0, 0));

	/* The new module stands half initialized: another INSTALL passes the same checks. */
	assert_int_equal(SEAMLDR_SUCCESS, install(machine, NULL));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_INIT, 0, 0, 0));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_LP_INIT, 0, 0, 0));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_UPDATE, 0, 0, 0));

	/* Used up by the UPDATE. */
	assert_int_equal(SEAMLDR_EBADHANDOFF, install(machine, NULL));
	image_free(image);
	machine_free(machine);
}

static void version_of_image(void **state)
{
	static const struct {
		const char *option;
		u16 major, minor, update;
		u16 expected_minor, expected_update;
	} cases[] = {
		{ "image_version=1.5.09", 1, 6, 10, 6, 10 },
		{ "image_version=1.5.09", 0, 0, 0, 5, 9 },
		/* The SVN's, with the running module's minor. */
		{ "image_version=0.0.0", 0, 0, 0, 5, 7 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct machine *machine = machine_new(1);
		struct image *image = image_new(1);
		const struct sim_version *version = &machine->sim->module.id.version;

		machine_option(machine, cases[i].option);
		machine_boot(machine);
		image->sig.seamsvn = 0x0107;
		image->sig.major_version = cases[i].major;
		image->sig.minor_version = cases[i].minor;
		image->sig.update_version = cases[i].update;
		image_sign(image);
		update(machine, image);
		assert_int_equal(1, version->major);
		assert_int_equal(cases[i].expected_minor, version->minor);
		assert_int_equal(cases[i].expected_update, version->update);
		image_free(image);
		machine_free(machine);
	}
}

static const struct CMUnitTest functions[] = {
	cmocka_unit_test(good_image_is_installed),
	cmocka_unit_test(params_address_misaligned),
	cmocka_unit_test(params_outside_memory),
	cmocka_unit_test(module_page_outside_memory),
	cmocka_unit_test(module_page_of_a_td),
	cmocka_unit_test(debug_image_on_debug_platform),
	cmocka_unit_test(steppings_do_not_count),
	cmocka_unit_test(smallest_and_largest_module),
	cmocka_unit_test(recoverable_failure_then_good_image),
	cmocka_unit_test(lost_module_takes_only_a_load),
	cmocka_unit_test(handoff_data_outlives_a_failed_update),
	cmocka_unit_test(version_of_image),
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
	struct CMUnitTest tests[ARRAY_SIZE(functions) + 3 * ARRAY_SIZE(refusals) - 1] = { };
	size_t nr = ARRAY_SIZE(functions), failed;

	memcpy(tests, functions, sizeof(functions));
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		tests[nr].name = test_name("refuses", &refusals[i]);
		tests[nr].test_func = check_refusal;
		tests[nr++].initial_state = (void *)&refusals[i];
		tests[nr].name = test_name("passes without", &refusals[i]);
		tests[nr].test_func = check_switched_off;
		tests[nr++].initial_state = (void *)&refusals[i];
		if (i + 1 == ARRAY_SIZE(refusals))
			break;
		tests[nr].name = test_name("comes before the next", &refusals[i]);
		tests[nr].test_func = check_order;
		tests[nr++].initial_state = (void *)&refusals[i];
	}

	failed = cmocka_run_group_tests_name("install", tests, NULL, NULL);
	for (size_t i = ARRAY_SIZE(functions); i < nr; i++)
		free((char *)tests[i].name);
	return failed;
}
