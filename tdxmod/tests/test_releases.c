// SPDX-License-Identifier: GPL-2.0-only
/*
 * releases.c and version.c: Intel's list of releases and its rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "releases.h"

#define RELEASE(_version, _from, _seamldr)				\
	"{ \"version\": \"" _version "\","				\
	"  \"min_module_version_for_td_preserving\": \"" _from "\","	\
	"  \"min_seamldr_versions\": [" _seamldr "],"			\
	"  \"tdx_feature0\": \"0xF0FBF\" }"

#define LIST(_releases)							\
	"{ \"Header\": { \"Version\": \"1.0\" }, \"tdx_module_releases\": [" _releases "] }"

static const char good_list[] = LIST(
	RELEASE("1.5.01", "1.5.01", "\"1.5.00\"") ","
	RELEASE("1.5.06", "1.5.01", "\"1.5.00\", \"2.0.03\"") ","
	RELEASE("2.0.02", "2.0.02", "\"2.0.00\"") ","
	RELEASE("2.0.05", "2.0.04", "\"2.0.00\"") ","
	RELEASE("2.1.00", "1.5.01", "\"2.0.00\""));

static struct version version_of(const char *text)
{
	struct version version;

	if (!version_parse(text, &version))
		fail_msg("%s", text);
	return version;
}

static void versions_parse_and_print(void **state)
{
	static const char *const bad[] = {
		"", "1", "1.5", "1.5.", "1.5.6.7", "1.5.6 ", " 1.5.6", "-1.5.6", "a.b.c", "1..6",
		"256.0.0", "1.256.0", "1.5.65536", "1.5.99999999999999999999",
	};
	char text[VERSION_TEXT_SIZE];
	struct version version;
	size_t i;

	(void)state;
	version_format(version_of("1.5.6"), text);
	assert_string_equal(text, "1.5.06");
	version_format(version_of("255.255.65535"), text);
	assert_string_equal(text, "255.255.65535");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (version_parse(bad[i], &version))
			fail_msg("'%s'", bad[i]);
	}
}

static void versions_are_ordered_as_numbers(void **state)
{
	(void)state;
	assert_true(version_compare(version_of("1.5.9"), version_of("1.5.16")) < 0);
	assert_true(version_compare(version_of("2.0.0"), version_of("1.5.16")) > 0);
	assert_true(version_compare(version_of("1.6.0"), version_of("1.5.16")) > 0);
	assert_int_equal(version_compare(version_of("1.5.06"), version_of("1.5.6")), 0);
}

struct policy_case {
	const char *release;
	const char *running;
	bool preserves;
};

static const struct policy_case policy_cases[] = {
	{ "1.5.06", "1.5.01", true },
	{ "1.5.06", "1.5.06", true },
	{ "1.5.06", "1.5.00", false },
	/* A way back is in no list. */
	{ "1.5.06", "1.5.08", false },
	{ "1.5.06", "2.0.02", false },
	{ "2.0.05", "2.0.02", false },
	{ "2.0.05", "2.0.04", true },
	{ "2.0.05", "1.5.16", false },
	/* Series do not mix, whatever the list says. */
	{ "2.1.00", "1.5.16", false },
};

static void policy_is_intels(void **state)
{
	const struct release *release;
	struct releases releases;
	const char *wrong;
	size_t i;

	(void)state;
	assert_true(releases_parse(good_list, &releases, &wrong));
	for (i = 0; i < sizeof(policy_cases) / sizeof(policy_cases[0]); i++) {
		release = releases_find(&releases, version_of(policy_cases[i].release));
		assert_non_null(release);
		if (release_preserves_tds(release, version_of(policy_cases[i].running)) !=
		    policy_cases[i].preserves)
			fail_msg("%s -> %s", policy_cases[i].running, policy_cases[i].release);
	}
	assert_null(releases_find(&releases, version_of("1.5.02")));
	releases_free(&releases);
}

static void seamldr_must_be_of_a_listed_series(void **state)
{
	const struct release *release;
	struct releases releases;
	const char *wrong;

	(void)state;
	assert_true(releases_parse(good_list, &releases, &wrong));
	release = releases_find(&releases, version_of("1.5.06"));
	assert_true(release_takes_seamldr(release, version_of("1.5.00")));
	assert_true(release_takes_seamldr(release, version_of("1.5.07")));
	assert_true(release_takes_seamldr(release, version_of("2.0.03")));
	assert_false(release_takes_seamldr(release, version_of("2.0.02")));
	assert_false(release_takes_seamldr(release, version_of("3.0.00")));
	assert_false(release_takes_seamldr(release, version_of("1.6.00")));
	releases_free(&releases);
}

static void malformed_lists_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "null", "1", "{}", "{ \"tdx_module_releases\": {} }",
		LIST("1"), LIST("null"), LIST("{}"),
		LIST(RELEASE("1.5", "1.5.01", "")),
		LIST(RELEASE("1.5.01", "", "")),
		LIST(RELEASE("1.5.01", "1.5.01", "1")),
		LIST(RELEASE("1.5.01", "1.5.01", "null")),
		LIST(RELEASE("1.5.01", "1.5.01", "\"x\"")),
		LIST(RELEASE("1.5.01", "1.5.01", "") "," RELEASE("x", "1.5.01", "")),
		LIST("{ \"version\": \"1.5.01\", \"min_module_version_for_td_preserving\": "
		     "\"1.5.01\", \"min_seamldr_versions\": [], \"tdx_feature0\": \"-1\" }"),
		LIST("{ \"version\": \"1.5.01\", \"min_module_version_for_td_preserving\": "
		     "\"1.5.01\", \"min_seamldr_versions\": [] }"),
	};
	struct releases releases;
	const char *wrong;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (releases_parse(bad[i], &releases, &wrong))
			fail_msg("%s", bad[i]);
		assert_non_null(wrong);
		releases_free(&releases);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_parse_and_print),
		cmocka_unit_test(versions_are_ordered_as_numbers),
		cmocka_unit_test(policy_is_intels),
		cmocka_unit_test(seamldr_must_be_of_a_listed_series),
		cmocka_unit_test(malformed_lists_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
