// SPDX-License-Identifier: GPL-2.0-only
/* The grammar of options and faults, the control leaf's text, the state, the log. */
#include "support.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../control.h"
#include "../options.h"
#include "../parse.h"
#include "../platform.h"

#define HASH_OF_SIGNER	"c8572f548869a0beca19376b81c2dffc2a23b5a5f71da0b8" \
			"7579b43f408daa1a33bad9c149eb56c634f883737968a34c"

static const char *const accepted[] = {
	"module=2.0.08", "svn=3.5", "module_hv=65535", "min_update_hv=0", "no_downgrade=1",
	"no_downgrade=off", "handoff_pages=3", "features0=0x140002", "features0=5",
	"image_version=1.5.08", "image_features0=0x1", "handoff_data_pages=2",
	"build_erratum=1", "seamldr=1.5.02", "seamldr_features=0x2", "updates=0",
	"seam_pages=8", "signer=" HASH_OF_SIGNER, "erratum=on", "debug_platform=1",
	"phys_bits=46", "packages=2", "cpuid=0x806f8", "cpuid=0x806f8:0xc06f2:0xa06f1",
	"count_insns=1", "time_irqs_off=on", "latency=TDH.VP.ENTER:1000", "latency=clear",
	"check_off=module-hash", "check_on=module-hash", "check_on=all", "reset=counters", "fault=clear",
	"fault=SEAMLDR.INSTALL:any:1:8000000000030001",
	"fault=SEAMLDR.INSTALL:last:3+:8000000000010002:1",
	"fault=SEAMLDR.INFO:0:1-4:0:cf", "fault=SEAMLDR.INSTALL:first:1:0:0:cf",
	"fault=TDH.SYS.SHUTDOWN:1:1:0x8000020200000000",
};

static const char *const refused[] = {
	"", "=", "module", "bogus=1", "module=", "module=1.5", "module=1.5.6.7", "module=a.b.c",
	"module=1.5.70000", "module=-1.5.06", "svn=1", "svn=1.256", "svn=.", "module_hv=65536",
	"module_hv=0x", "module_hv= 1", "module_hv=1 ", "no_downgrade=yes", "no_downgrade=2",
	"features0=0x1ffffffffffffffff", "updates=-1", "updates=4294967296", "signer=",
	"signer=c857", "signer=" HASH_OF_SIGNER "00", "packages=0", "packages=3", "cpuid=",
	"cpuid=0x806f8:", "cpuid=:0x806f8", "latency=TDH.VP.ENTER", "latency=TDH.NONE:1",
	"latency=TDH.VP.ENTER:1000000000", "check_off=", "check_off=none", "check_off=all",
	"check_on=none", "reset=", "reset=module", "log=/nonexistent/directory/log",
	"fault=", "fault=TDH.SYS.INIT", "fault=TDH.SYS.INIT:any", "fault=TDH.SYS.INIT:any:1",
	"fault=TDH.SYS.INIT:any:1:", "fault=TDH.SYS.INIT:any:0:1", "fault=TDH.SYS.INIT:any:2-1:1",
	"fault=TDH.SYS.INIT:any:+:1", "fault=TDH.SYS.INIT:all:1:1", "fault=NONE:any:1:1",
	"fault=TDH.SYS.INIT:256:1:1", "fault=TDH.SYS.INIT:last:1:1", "fault=unknown:any:1:1",
	"fault=TDH.SYS.INIT:any:1:xyz", "fault=TDH.SYS.INIT:any:1:1:x",
	"fault=TDH.SYS.INIT:any:1:1:0:x", "fault=TDH.SYS.INIT:any:1:1:0:cf:0",
};

static void good_options_are_accepted(void **state)
{
	struct machine *machine = machine_new(2);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accepted); i++)
		machine_option(machine, accepted[i]);
	machine_free(machine);
}

static void bad_options_are_refused(void **state)
{
	struct machine *machine = machine_new(2);
	char reason[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		reason[0] = '\0';
		if (!sim_option(machine->sim, refused[i], reason, sizeof(reason)))
			fail_msg("accepted: '%s'", refused[i]);
		assert_true(strlen(reason) > 0);
	}
	machine_free(machine);
}

static void refused_option_changes_nothing(void **state)
{
	struct machine *machine = machine_new(2);
	char reason[128];

	(void)state;
	machine_option(machine, "module=1.6.07");
	assert_int_not_equal(0, sim_option(machine->sim, "module=2.7.x", reason, sizeof(reason)));
	assert_int_equal(1, machine->sim->module.id.version.major);
	assert_int_equal(7, machine->sim->module.id.version.update);
	assert_int_not_equal(0, sim_option(machine->sim, "cpuid=1:2:x", reason, sizeof(reason)));
	assert_int_equal(0x806f8, platform_cpuid_signature(machine->sim, 0));
	machine_free(machine);
}

static void options_reach_their_field(void **state)
{
	struct machine *machine = machine_new(2);
	const struct sim *sim = machine->sim;

	(void)state;
	machine_option(machine, "module=1.5.08");
	machine_option(machine, "svn=3.4");
	machine_option(machine, "features0=0x800000140002");
	machine_option(machine, "updates=2");
	assert_int_equal(8, sim->module.id.version.update);
	assert_int_equal(0x0304, sim->module.id.seamsvn);
	assert_int_equal(0x800000140002, sim->module.features0);
	assert_int_equal(2, sim->seamldr.num_remaining_updates);
	machine_free(machine);
}

static void short_cpuid_list_repeats_its_last(void **state)
{
	struct machine *machine = machine_new(3);

	(void)state;
	machine_option(machine, "cpuid=0x806f8:0xc06f2");
	assert_int_equal(0x806f8, platform_cpuid_signature(machine->sim, 0));
	assert_int_equal(0xc06f2, platform_cpuid_signature(machine->sim, 1));
	assert_int_equal(0xc06f2, platform_cpuid_signature(machine->sim, 2));
	machine_free(machine);
}

static void signers_have_an_end(void **state)
{
	struct machine *machine = machine_new(1);
	char reason[128];
	unsigned int nr = machine->sim->config.nr_signers;

	(void)state;
	for (; nr < SIM_MAX_SIGNERS; nr++)
		machine_option(machine, "signer=" HASH_OF_SIGNER);
	assert_int_not_equal(0, sim_option(machine->sim, "signer=" HASH_OF_SIGNER, reason,
					   sizeof(reason)));
	machine_free(machine);
}

static void control_text_is_applied_in_order(void **state)
{
	struct machine *machine = machine_new(2);
	char text[128] = "updates=5\n\nmodule_hv=3\nupdates=4\n";

	(void)state;
	assert_int_equal(CONTROL_OK, control_options(machine->sim, text, sizeof(text)));
	assert_int_equal(4, machine->sim->seamldr.num_remaining_updates);
	assert_int_equal(3, machine->sim->module.id.module_hv);
	machine_free(machine);
}

static void control_text_stops_at_the_first_error(void **state)
{
	struct machine *machine = machine_new(2);
	char text[128] = "updates=5\nbogus=1\nupdates=4\n";

	(void)state;
	assert_int_equal(CONTROL_FAILED, control_options(machine->sim, text, sizeof(text)));
	assert_string_equal("bogus=1: unknown option", text);
	assert_int_equal(5, machine->sim->seamldr.num_remaining_updates);
	machine_free(machine);
}

static void control_text_without_an_end(void **state)
{
	struct machine *machine = machine_new(2);
	char text[9];

	(void)state;
	/* No NUL: the size is what counts, for reading and for the reason. */
	memcpy(text, "updates=7", sizeof(text));
	assert_int_equal(CONTROL_OK, control_options(machine->sim, text, sizeof(text)));
	assert_int_equal(7, machine->sim->seamldr.num_remaining_updates);
	memcpy(text, "updates=x", sizeof(text));
	assert_int_equal(CONTROL_FAILED, control_options(machine->sim, text, sizeof(text)));
	assert_string_equal("updates=", text);
	machine_free(machine);
}

static struct json_object *member(struct json_object *object, const char *path)
{
	struct json_object *found = NULL;

	if (json_pointer_get(object, path, &found))
		fail_msg("state has no %s", path);
	return found;
}

static void state_is_what_it_says(void **state)
{
	struct machine *machine = machine_new(2);
	struct json_object *object;
	static char text[CONTROL_MAX_SIZE];
	u32 size;

	(void)state;
	machine_boot(machine);
	machine_option(machine, "check_off=module-hash");
	machine_option(machine, "fault=TDH.SYS.RD:any:1:8000020200000000");
	size = control_state(machine->sim, text, sizeof(text));
	assert_int_equal(strlen(text), size);

	object = json_tokener_parse(text);
	assert_non_null(object);
	assert_string_equal("ready", json_object_get_string(member(object, "/module/state")));
	assert_string_equal("1.5.06", json_object_get_string(member(object, "/module/version")));
	assert_string_equal("1.5", json_object_get_string(member(object, "/module/svn")));
	assert_int_equal(16, json_object_get_int(member(object, "/seamldr/remaining_updates")));
	assert_true(json_object_get_boolean(member(object, "/seamldr/seam_ready")));
	assert_string_equal("0x806f8", json_object_get_string(member(object, "/vcpus/1/cpuid")));
	assert_int_equal(2, json_object_get_int(member(object, "/calls/TDH.SYS.LP.INIT/calls")));
	assert_string_equal("module-hash",
			    json_object_get_string(member(object, "/checks_off/0")));
	assert_string_equal("TDH.SYS.RD:any:1:8000020200000000",
			    json_object_get_string(member(object, "/faults/0/fault")));
	assert_int_equal(0, json_object_array_length(member(object, "/tds")));
	json_object_put(object);
	machine_free(machine);
}

static void state_does_not_fit(void **state)
{
	struct machine *machine = machine_new(2);
	char text[16] = "untouched";

	(void)state;
	assert_int_equal(CONTROL_TOO_SMALL, control_state(machine->sim, text, sizeof(text)));
	assert_string_equal("untouched", text);
	machine_free(machine);
}

static void state_of_the_largest_machine_fits(void **state)
{
	struct machine *machine = machine_new(SIM_MAX_VCPUS);
	static char text[CONTROL_MAX_SIZE];

	(void)state;
	machine_boot(machine);
	assert_int_not_equal(CONTROL_TOO_SMALL,
			     control_state(machine->sim, text, sizeof(text)));
	machine_free(machine);
}

static void log_has_a_line_per_call(void **state)
{
	struct machine *machine = machine_new(1);
	char path[] = "/tmp/seamsim-log-XXXXXX", option[64], line[1024];
	struct json_object *object;
	unsigned int nr = 0;
	int fd = mkstemp(path);
	FILE *file;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(option, sizeof(option), "log=%s", path);
	machine_option(machine, option);
	call(machine, 0, TDH_SYS_INIT, 1, 2, 3);
	try_call(machine, 0, SEAMCALL_P_SEAMLDR | SEAMLDR_INFO, 8);
	machine_option(machine, "fault=TDH.SYS.INIT:any:1:0:cf");
	try_call(machine, 0, TDH_SYS_INIT, 0);
	machine_free(machine);

	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		static const char *const leaves[] = {
			"TDH.SYS.INIT", "SEAMLDR.INFO", "TDH.SYS.INIT",
		};
		static const char *const statuses[] = {
			"0xc000010000000001", "0x8000000000000000", "VMfailInvalid",
		};

		object = json_tokener_parse(line);
		assert_non_null(object);
		assert_true(nr < ARRAY_SIZE(leaves));
		assert_true(json_object_get_uint64(member(object, "/ns")) > 0);
		assert_int_equal(0, json_object_get_int(member(object, "/vcpu")));
		assert_string_equal("seamcall", json_object_get_string(member(object, "/event")));
		assert_string_equal(leaves[nr], json_object_get_string(member(object, "/leaf")));
		assert_string_equal(statuses[nr],
				    json_object_get_string(member(object, "/status")));
		json_object_put(object);
		nr++;
	}
	assert_int_equal(3, nr);
	fclose(file);
	unlink(path);
}

static void numbers_are_parsed_as_a_whole(void **state)
{
	u64 value;

	(void)state;
	assert_true(parse_u64("08", UINT64_MAX, &value));
	assert_int_equal(8, value);
	assert_true(parse_u64("0x08", UINT64_MAX, &value));
	assert_true(parse_u64("18446744073709551615", UINT64_MAX, &value));
	assert_false(parse_u64("18446744073709551616", UINT64_MAX, &value));
	assert_false(parse_u64("", UINT64_MAX, &value));
	assert_false(parse_u64("+1", UINT64_MAX, &value));
	assert_false(parse_u64("1x", UINT64_MAX, &value));
	assert_false(parse_u64("a", UINT64_MAX, &value));
	assert_true(parse_hex64("a", &value));
	assert_int_equal(10, value);
}

static void leaf_names_and_numbers(void **state)
{
	(void)state;
	assert_int_equal(SEAMLDR_INSTALL, leaf_by_name("SEAMLDR.INSTALL"));
	assert_int_equal(leaf_by_name("TDH.SYS.INIT"), leaf_index(TDH_SYS_INIT));
	/* The version of a leaf is no part of its name. */
	assert_int_equal(leaf_by_name("TDH.VP.ENTER"),
			 leaf_index(TDH_VP_ENTER | 1 << SEAMCALL_VERSION_SHIFT));
	assert_int_equal(LEAF_UNKNOWN, leaf_index(5));
	assert_int_equal(LEAF_UNKNOWN, leaf_index(NR_TDH_LEAVES));
	assert_int_equal(LEAF_UNKNOWN, leaf_index(SEAMCALL_P_SEAMLDR | NR_SEAMLDR_LEAVES));
	assert_int_equal(LEAF_UNKNOWN, leaf_by_name("unknown"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_options_are_accepted),
		cmocka_unit_test(bad_options_are_refused),
		cmocka_unit_test(refused_option_changes_nothing),
		cmocka_unit_test(options_reach_their_field),
		cmocka_unit_test(short_cpuid_list_repeats_its_last),
		cmocka_unit_test(signers_have_an_end),
		cmocka_unit_test(control_text_is_applied_in_order),
		cmocka_unit_test(control_text_stops_at_the_first_error),
		cmocka_unit_test(control_text_without_an_end),
		cmocka_unit_test(state_is_what_it_says),
		cmocka_unit_test(state_does_not_fit),
		cmocka_unit_test(state_of_the_largest_machine_fits),
		cmocka_unit_test(log_has_a_line_per_call),
		cmocka_unit_test(numbers_are_parsed_as_a_whole),
		cmocka_unit_test(leaf_names_and_numbers),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
