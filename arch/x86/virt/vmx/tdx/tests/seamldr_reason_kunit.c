// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words and errnos that a refusal is told by: both are documented, so that
 * neither may change unnoticed.
 */

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>

#include <kunit/test.h>

#include <asm/seamldr.h>

struct reason_case {
	const char *token;
	enum seamldr_reason reason;
	int err;
};

static const struct reason_case reason_cases[] = {
	{ "file-size",		SEAMLDR_REASON_FILE_SIZE,		-EMSGSIZE },
	{ "format-version",	SEAMLDR_REASON_FORMAT_VERSION,		-EBADMSG },
	{ "magic",		SEAMLDR_REASON_MAGIC,			-EBADMSG },
	{ "module-offset",	SEAMLDR_REASON_MODULE_OFFSET,		-EBADMSG },
	{ "length-field",	SEAMLDR_REASON_LENGTH_FIELD,		-EMSGSIZE },
	{ "page-count",		SEAMLDR_REASON_PAGE_COUNT,		-EMSGSIZE },
	{ "reserved-bytes",	SEAMLDR_REASON_RESERVED,		-EBADMSG },
	{ "sigstruct-pages",	SEAMLDR_REASON_SIGSTRUCT_PAGES,		-EBADMSG },
	{ "sigstruct",		SEAMLDR_REASON_SIGSTRUCT,		-EBADMSG },
	{ "hash",		SEAMLDR_REASON_HASH,			-EBADMSG },
	{ "signature",		SEAMLDR_REASON_SIGNATURE,		-EBADMSG },
	{ "crypto",		SEAMLDR_REASON_CRYPTO,			-EIO },
	{ "debug-signed",	SEAMLDR_REASON_DEBUG_SIGNED,		-EBADMSG },
	{ "cpu-table",		SEAMLDR_REASON_CPU_TABLE,		-EBADMSG },
	{ "svn",		SEAMLDR_REASON_SVN,			-EBADMSG },
	{ "handoff-version",	SEAMLDR_REASON_HANDOFF_VERSION,		-EBADMSG },
	{ "no-updates-left",	SEAMLDR_REASON_NO_UPDATES_LEFT,		-ENOSPC },
	{ "no-seamldr",		SEAMLDR_REASON_NO_SEAMLDR,		-EIO },
	{ "module-state",	SEAMLDR_REASON_MODULE_STATE,		-EIO },
	{ "cpu-offline",	SEAMLDR_REASON_CPU_OFFLINE,		-EBUSY },
	{ "td-build",		SEAMLDR_REASON_TD_BUILD,		-EBUSY },
	{ "no-memory",		SEAMLDR_REASON_NO_MEMORY,		-ENOMEM },
	{ "module-busy",	SEAMLDR_REASON_MODULE_BUSY,		-EBUSY },
	{ "shutdown-failed",	SEAMLDR_REASON_SHUTDOWN,		-EIO },
	{ "image-rejected",	SEAMLDR_REASON_IMAGE_REJECTED,		-EBADMSG },
	{ "seamldr-resources",	SEAMLDR_REASON_SEAMLDR_RESOURCES,	-EBUSY },
	{ "install-failed",	SEAMLDR_REASON_INSTALL,			-EIO },
	{ "sys-init-failed",	SEAMLDR_REASON_SYS_INIT,		-EIO },
	{ "lp-init-failed",	SEAMLDR_REASON_LP_INIT,			-EIO },
	{ "sys-update-failed",	SEAMLDR_REASON_SYS_UPDATE,		-EIO },
};

static_assert(ARRAY_SIZE(reason_cases) == SEAMLDR_NR_REASONS - 1);

KUNIT_ARRAY_PARAM_DESC(reason, reason_cases, token);

static void reason_has_token_and_errno(struct kunit *test)
{
	const struct reason_case *row = test->param_value;
	struct seamldr_verdict verdict;

	KUNIT_EXPECT_STREQ(test, row->token, seamldr_reason_token(row->reason));
	KUNIT_EXPECT_EQ(test, row->err,
			seamldr_refuse(&verdict, row->reason, 0, 0, row->token));
}

static void no_reason_is_none(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, "none", seamldr_reason_token(SEAMLDR_REASON_NONE));
}

static void refuse_writes_whole_verdict(struct kunit *test)
{
	const char *text = "values";
	const u64 found = U64_MAX, wanted = U32_MAX;
	struct seamldr_verdict verdict;

	memset(&verdict, 0xff, sizeof(verdict));
	seamldr_refuse(&verdict, SEAMLDR_REASON_SVN, found, wanted, text);

	KUNIT_EXPECT_EQ(test, SEAMLDR_REASON_SVN, verdict.reason);
	KUNIT_EXPECT_EQ(test, found, verdict.found);
	KUNIT_EXPECT_EQ(test, wanted, verdict.wanted);
	KUNIT_EXPECT_PTR_EQ(test, text, verdict.text);
	KUNIT_EXPECT_EQ(test, -1, verdict.cpu);
	KUNIT_EXPECT_STREQ(test, "the module was not touched", verdict.now);
}

static struct kunit_case seamldr_reason_test_cases[] = {
	KUNIT_CASE_PARAM(reason_has_token_and_errno, reason_gen_params),
	KUNIT_CASE(no_reason_is_none),
	KUNIT_CASE(refuse_writes_whole_verdict),
	{}
};

static struct kunit_suite seamldr_reason_test_suite = {
	.name = "seamldr_reason",
	.test_cases = seamldr_reason_test_cases,
};

kunit_test_suite(seamldr_reason_test_suite);
