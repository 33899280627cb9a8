// SPDX-License-Identifier: GPL-2.0-only
/*
 * SEAMLDR.INFO: how the P-SEAMLDR is asked, and what becomes of its answers.
 */

#include <linux/align.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include <kunit/test.h>
#include <kunit/test-bug.h>

#include <asm/page.h>
#include <asm/tdx.h>

#include "../seamldr.h"
#include "fake_firmware.h"

/* How often a call is made before the P-SEAMLDR counts as absent */
#define BUSY_TRIES	100

#define ANSWER_BYTE	0x5a
#define UNTOUCHED_BYTE	0xa5

/**
 * struct fake_seamldr - A P-SEAMLDR that can be asked for INFO only
 * @status: returned by the first @nr_failures calls
 * @nr_failures: how many; later calls succeed
 * @nr_calls: how many there were
 * @wrong_call: another leaf, or a buffer the firmware would not take
 */
struct fake_seamldr {
	u64 status;
	unsigned int nr_failures;
	unsigned int nr_calls;
	bool wrong_call;
};

static u64 fake_seamcall(u64 fn, struct tdx_module_args *args)
{
	struct fake_seamldr *fake = kunit_get_current_test()->priv;

	fake->nr_calls++;
	if (fn != SEAMLDR_INFO || !IS_ALIGNED(args->rcx, SEAMLDR_INFO_SIZE)) {
		fake->wrong_call = true;
		return SEAMLDR_EBADPARAM;
	}
	if (fake->nr_calls <= fake->nr_failures)
		return fake->status;

	memset(__va(args->rcx), ANSWER_BYTE, SEAMLDR_INFO_SIZE);
	return TDX_SUCCESS;
}

struct info_case {
	const char *desc;
	u64 status;
	unsigned int nr_failures;
	unsigned int nr_calls;
	int err;
};

static const struct info_case info_cases[] = {
	{ "answer_at_once",	0, 0, 1, 0 },
	{ "busy_once",		TDX_SEAMCALL_VMFAILINVALID, 1, 2, 0 },
	{ "busy_almost_too_long",
	  TDX_SEAMCALL_VMFAILINVALID, BUSY_TRIES - 1, BUSY_TRIES, 0 },
	{ "busy_too_long",
	  TDX_SEAMCALL_VMFAILINVALID, BUSY_TRIES, BUSY_TRIES, -ENODEV },
	{ "error_status",	SEAMLDR_EBADPARAM, 1, 1, -EIO },
	{ "fault",		TDX_SEAMCALL_GP, 1, 1, -EIO },
	{ "outside_vmx_operation", TDX_SEAMCALL_UD, 1, 1, -EIO },
};

KUNIT_ARRAY_PARAM_DESC(info, info_cases, desc);

static void info_with_answer(struct kunit *test)
{
	const struct info_case *row = test->param_value;
	struct fake_seamldr fake = {
		.status = row->status,
		.nr_failures = row->nr_failures,
	};
	struct seamldr_info info;

	test->priv = &fake;
	fake_firmware(test, fake_seamcall);
	memset(&info, UNTOUCHED_BYTE, sizeof(info));

	KUNIT_EXPECT_EQ(test, row->err, seamldr_get_info(&info));

	KUNIT_EXPECT_EQ(test, row->nr_calls, fake.nr_calls);
	KUNIT_EXPECT_FALSE(test, fake.wrong_call);
	KUNIT_EXPECT_NULL(test, memchr_inv(&info, row->err ? UNTOUCHED_BYTE : ANSWER_BYTE,
					   sizeof(info)));
}

static struct kunit_case seamldr_info_test_cases[] = {
	KUNIT_CASE_PARAM(info_with_answer, info_gen_params),
	{}
};

static struct kunit_suite seamldr_info_test_suite = {
	.name = "seamldr_info",
	.test_cases = seamldr_info_test_cases,
};

kunit_test_suite(seamldr_info_test_suite);
