// SPDX-License-Identifier: GPL-2.0-only
/*
 * preflight.c: a host that takes an image, then one thing changed at a time.
 */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "preflight.h"

static const char release_list[] =
	"{ \"tdx_module_releases\": [ { \"version\": \"1.5.08\","
	"  \"min_module_version_for_td_preserving\": \"1.5.01\","
	"  \"min_seamldr_versions\": [ \"1.5.00\" ], \"tdx_feature0\": \"0xF0FBF\" } ] }";

struct fixture {
	struct host host;
	uint32_t cpu;
	struct seam_sigstruct old, new;
	struct image image;
	struct version version;
	struct releases releases;
	struct preflight preflight;
};

static void set(struct host_attribute *attribute, const char *text)
{
	attribute->error = 0;
	strcpy(attribute->text, text);
}

static int arrange(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const char *wrong;

	set(&fixture->host.version, "1.5.06");
	set(&fixture->host.seamldr_version, "1.5.02");
	set(&fixture->host.num_remaining_updates, "20");
	set(&fixture->host.module_state, "ready");
	set(&fixture->host.last_error, "none");
	set(&fixture->host.loading, "0");
	set(&fixture->host.status, "idle");
	set(&fixture->host.present, "0-3");
	set(&fixture->host.online, "0-3");
	fixture->cpu = 0x806F8;
	fixture->host.cpus = (struct cpu_list){ &fixture->cpu, 1 };

	fixture->new.header_version = htole32(SIGSTRUCT_HEADER_VERSION);
	fixture->new.seamsvn = htole16(0x0107);
	fixture->new.cpuid_table_size = htole32(1);
	fixture->new.cpuid_table[0] = htole32(0x806F0);
	fixture->old = fixture->new;
	fixture->old.seamsvn = htole16(0x0105);

	fixture->image.version = TDX_BLOB_VERSION_1;
	fixture->image.sigstruct = &fixture->new;
	fixture->image.sigstruct_nr_pages = 1;
	fixture->version = (struct version){ 1, 5, 8 };
	if (!releases_parse(release_list, &fixture->releases, &wrong))
		return -1;
	fixture->preflight = (struct preflight) {
		.image = &fixture->image,
		.host = &fixture->host,
		.version = &fixture->version,
		.releases = &fixture->releases,
		.running = &fixture->old,
	};
	*state = fixture;
	return 0;
}

static int clean(void **state)
{
	struct fixture *fixture = *state;

	releases_free(&fixture->releases);
	free(fixture);
	return 0;
}

static void expect(const struct fixture *fixture, const char *check, enum outcome outcome)
{
	struct findings findings = { 0 };
	enum outcome found;
	bool failed;

	preflight_check(&fixture->preflight, &findings);
	found = findings_outcome(&findings, check);
	failed = findings_failed(&findings);
	findings_free(&findings);
	if (found != outcome)
		fail_msg("%s: %d, not %d", check, found, outcome);
	assert_int_equal(failed, outcome == OUTCOME_FAIL);
}

static void fitting_image_passes(void **state)
{
	static const char *const checks[] = {
		"module-state", "upload", "cpus-online", "updates-left", "cpus", "svn", "handoff",
		"version", "seamldr", "features", PREFLIGHT_POLICY,
	};
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		expect(*state, checks[i], OUTCOME_OK);
	expect(*state, "td-build", OUTCOME_UNKNOWN);
}

static void states_are_told_apart(void **state)
{
	struct fixture *fixture = *state;

	set(&fixture->host.module_state, "shutdown");
	expect(fixture, "module-state", OUTCOME_NOTE);
	expect(fixture, "handoff", OUTCOME_UNKNOWN);
	set(&fixture->host.module_state, "lost");
	expect(fixture, "module-state", OUTCOME_FAIL);
	set(&fixture->host.module_state, "uninitialized");
	expect(fixture, "module-state", OUTCOME_FAIL);
	set(&fixture->host.module_state, "dreaming");
	expect(fixture, "module-state", OUTCOME_UNKNOWN);
	fixture->host.module_state.error = ENOENT;
	expect(fixture, "module-state", OUTCOME_UNKNOWN);
}

static void format_matters_to_mainline_only(void **state)
{
	struct fixture *fixture = *state;

	expect(fixture, "format", OUTCOME_UNKNOWN);
	fixture->host.module_state.error = ENOENT;
	expect(fixture, "format", OUTCOME_NOTE);
	fixture->image.version = TDX_BLOB_VERSION_2;
	expect(fixture, "format", OUTCOME_UNKNOWN);
}

static void upload_in_progress_is_refused(void **state)
{
	struct fixture *fixture = *state;

	set(&fixture->host.status, "preparing");
	expect(fixture, "upload", OUTCOME_FAIL);
	fixture->host.status.error = EACCES;
	expect(fixture, "upload", OUTCOME_UNKNOWN);
	fixture->host.loading.error = ENOENT;
	expect(fixture, "upload", OUTCOME_FAIL);
}

static void offline_cpu_is_refused(void **state)
{
	struct fixture *fixture = *state;

	set(&fixture->host.online, "0-2");
	expect(fixture, "cpus-online", OUTCOME_FAIL);
	fixture->host.online.error = ENOENT;
	expect(fixture, "cpus-online", OUTCOME_UNKNOWN);
}

static void no_updates_left_is_refused(void **state)
{
	struct fixture *fixture = *state;

	set(&fixture->host.num_remaining_updates, "0");
	expect(fixture, "updates-left", OUTCOME_FAIL);
	fixture->host.num_remaining_updates.error = EACCES;
	expect(fixture, "updates-left", OUTCOME_UNKNOWN);
}

static void other_cpu_is_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture->cpu = 0xC06F2;
	expect(fixture, "cpus", OUTCOME_FAIL);
	fixture->host.cpus.count = 0;
	expect(fixture, "cpus", OUTCOME_UNKNOWN);
}

static void one_wrong_cpu_of_many_is_refused(void **state)
{
	uint32_t signatures[] = { 0x806F8, 0x806F6, 0xC06F2 };
	struct fixture *fixture = *state;

	fixture->host.cpus = (struct cpu_list){ signatures, 2 };
	expect(fixture, "cpus", OUTCOME_OK);
	fixture->host.cpus.count = 3;
	expect(fixture, "cpus", OUTCOME_FAIL);
}

static void long_sigstruct_is_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture->image.sigstruct_nr_pages = 2;
	expect(fixture, "sigstruct-pages", OUTCOME_FAIL);
}

static void svn_must_not_fall(void **state)
{
	struct fixture *fixture = *state;

	fixture->new.seamsvn = htole16(0x0105);
	expect(fixture, "svn", OUTCOME_OK);
	fixture->new.seamsvn = htole16(0x0104);
	expect(fixture, "svn", OUTCOME_FAIL);
	fixture->new.seamsvn = htole16(0x0206);
	expect(fixture, "svn", OUTCOME_FAIL);
	fixture->preflight.running = NULL;
	expect(fixture, "svn", OUTCOME_UNKNOWN);
}

struct handoff_case {
	unsigned int old_hv, old_min, no_downgrade, new_hv, new_min;
	enum outcome outcome;
};

static const struct handoff_case handoff_cases[] = {
	{ 0, 0, 0, 0, 0, OUTCOME_OK },
	{ 3, 1, 0, 2, 0, OUTCOME_OK },
	{ 3, 1, 1, 2, 0, OUTCOME_FAIL },
	{ 3, 1, 1, 3, 3, OUTCOME_OK },
	{ 3, 2, 0, 1, 0, OUTCOME_FAIL },
	{ 1, 0, 0, 3, 2, OUTCOME_FAIL },
	{ 2, 0, 0, 3, 2, OUTCOME_OK },
	{ 3, 5, 0, 9, 0, OUTCOME_FAIL },
	{ 3, 5, 1, 9, 0, OUTCOME_FAIL },
};

static void handoff_versions_must_meet(void **state)
{
	struct fixture *fixture = *state;
	const struct handoff_case *row;
	size_t i;

	for (i = 0; i < sizeof(handoff_cases) / sizeof(handoff_cases[0]); i++) {
		row = &handoff_cases[i];
		fixture->old.module_hv = htole16(row->old_hv);
		fixture->old.min_update_hv = htole16(row->old_min);
		fixture->old.no_downgrade = row->no_downgrade;
		fixture->new.module_hv = htole16(row->new_hv);
		fixture->new.min_update_hv = htole16(row->new_min);
		expect(fixture, "handoff", row->outcome);
	}
}

static void list_of_releases_is_heard(void **state)
{
	struct fixture *fixture = *state;

	set(&fixture->host.seamldr_version, "2.0.00");
	expect(fixture, "seamldr", OUTCOME_FAIL);
	set(&fixture->host.seamldr_version, "1.5.00");
	set(&fixture->host.version, "1.5.00");
	expect(fixture, PREFLIGHT_POLICY, OUTCOME_FAIL);
	set(&fixture->host.version, "1.5.09");
	expect(fixture, PREFLIGHT_POLICY, OUTCOME_FAIL);
	fixture->host.version.error = EIO;
	expect(fixture, PREFLIGHT_POLICY, OUTCOME_UNKNOWN);
	set(&fixture->host.version, "1.5.06");
	fixture->releases.list[0].tdx_feature0 = TDX_FEATURES0_TD_PRESERVING;
	expect(fixture, "features", OUTCOME_FAIL);
	fixture->releases.list[0].tdx_feature0 = TDX_FEATURES0_NO_RBP_MOD;
	expect(fixture, "features", OUTCOME_NOTE);
	fixture->preflight.releases = NULL;
	expect(fixture, PREFLIGHT_POLICY, OUTCOME_UNKNOWN);
	expect(fixture, "seamldr", OUTCOME_UNKNOWN);
}

static void sigstruct_of_the_future_is_left_to_the_firmware(void **state)
{
	struct fixture *fixture = *state;

	fixture->new.header_version = htole32(0x20000);
	fixture->cpu = 0xC06F2;
	expect(fixture, "cpus", OUTCOME_UNKNOWN);
}

#define TEST(_name)	cmocka_unit_test_setup_teardown(_name, arrange, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fitting_image_passes),
		TEST(states_are_told_apart),
		TEST(format_matters_to_mainline_only),
		TEST(upload_in_progress_is_refused),
		TEST(offline_cpu_is_refused),
		TEST(no_updates_left_is_refused),
		TEST(other_cpu_is_refused),
		TEST(one_wrong_cpu_of_many_is_refused),
		TEST(long_sigstruct_is_refused),
		TEST(svn_must_not_fall),
		TEST(handoff_versions_must_meet),
		TEST(list_of_releases_is_heard),
		TEST(sigstruct_of_the_future_is_left_to_the_firmware),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
