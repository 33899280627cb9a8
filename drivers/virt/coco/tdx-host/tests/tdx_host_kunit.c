// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks of an image that need cryptography, against hash and signature that
 * another implementation made; and what an upload reports for an error.
 */

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/firmware.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/types.h>

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <kunit/test-bug.h>

#include <asm/seamldr.h>

#include "../tdx-host.h"
#include "signed_sigstruct.h"

#define MODULE_SIZE	(SIGNED_MODULE_PAGES * PAGE_SIZE)

/* Sigstruct and module, as they lie in an image */
struct signed_image {
	union {
		struct seam_sigstruct sigstruct;
		u8 sigstruct_page[PAGE_SIZE];
	};
	u8 module[MODULE_SIZE];
};

static struct signed_image *signed_image(struct kunit *test, struct seamldr_blob *blob)
{
	struct signed_image *image = kunit_kzalloc(test, sizeof(*image), GFP_KERNEL);
	struct seam_sigstruct *s;

	KUNIT_ASSERT_NOT_NULL(test, image);
	s = &image->sigstruct;
	s->header_type = SEAM_SIGSTRUCT_HEADER_TYPE;
	s->header_length = SEAM_SIGSTRUCT_HEADER_LENGTH;
	s->header_version = SEAM_SIGSTRUCT_HEADER_VERSION;
	s->module_vendor = SEAM_SIGSTRUCT_VENDOR_INTEL;
	s->date = SIGNED_DATE;
	s->size = SEAM_SIGSTRUCT_SIZE / sizeof(u32);
	s->key_size = SEAM_SIGSTRUCT_KEY_SIZE / sizeof(u32);
	s->modulus_size = SEAM_SIGSTRUCT_KEY_SIZE / sizeof(u32);
	s->exponent_size = 1;
	memcpy(s->modulus, signed_modulus, sizeof(s->modulus));
	s->exponent = SEAM_SIGSTRUCT_EXPONENT;
	memcpy(s->signature, signed_signature, sizeof(s->signature));
	memcpy(s->seamhash, signed_seamhash, sizeof(s->seamhash));
	s->cpuid_table_size = 1;
	s->cpuid_table[0] = SIGNED_CPUID;
	memset(image->module, SIGNED_MODULE_BYTE, sizeof(image->module));

	*blob = (struct seamldr_blob) {
		.sigstruct = s,
		.module = image->module,
		.sigstruct_nr_pages = 1,
		.module_nr_pages = SIGNED_MODULE_PAGES,
	};
	return image;
}

/* A byte of the image that is changed, and which check finds it */
struct image_case {
	const char *desc;
	size_t offset;
	bool bad_signature;
	bool bad_hash;
};

#define SIG(field, index) \
	(offsetof(struct seam_sigstruct, field) + (index))
#define LAST_OF(field)	(sizeof_field(struct seam_sigstruct, field) - 1)
#define MODULE_BYTE(index) \
	(offsetof(struct signed_image, module) + (index))

static const struct image_case image_cases[] = {
	{ "first_byte_signed",		SIG(header_type, 0),	.bad_signature = true },
	{ "date",			SIG(date, 0),		.bad_signature = true },
	{ "last_byte_before_key",
	  SIG(reserved1, LAST_OF(reserved1)),			.bad_signature = true },
	{ "modulus_low_byte",		SIG(modulus, 0),	.bad_signature = true },
	{ "modulus_high_byte",
	  SIG(modulus, LAST_OF(modulus)),			.bad_signature = true },
	{ "exponent",			SIG(exponent, 1),	.bad_signature = true },
	{ "signature_low_byte",		SIG(signature, 0),	.bad_signature = true },
	{ "signature_high_byte",
	  SIG(signature, LAST_OF(signature)),			.bad_signature = true },
	{ "hash_first_byte",
	  SIG(seamhash, 0),			.bad_signature = true, .bad_hash = true },
	{ "hash_last_byte",
	  SIG(seamhash, LAST_OF(seamhash)),	.bad_signature = true, .bad_hash = true },
	{ "svn",			SIG(seamsvn, 0),	.bad_signature = true },
	{ "version_of_newer_modules",	SIG(reserved4, 0),	.bad_signature = true },
	{ "last_byte_signed",
	  SIG(cpuid_table, LAST_OF(cpuid_table)),		.bad_signature = true },
	{ "byte_behind_sigstruct",	SEAM_SIGSTRUCT_SIZE },
	{ "module_first_byte",		MODULE_BYTE(0),		.bad_hash = true },
	{ "module_second_page",		MODULE_BYTE(PAGE_SIZE),	.bad_hash = true },
	{ "module_last_byte",		MODULE_BYTE(MODULE_SIZE - 1), .bad_hash = true },
};

KUNIT_ARRAY_PARAM_DESC(image, image_cases, desc);

static void expect_verdict(struct kunit *test, int ret,
			   const struct seamldr_verdict *verdict, bool bad,
			   enum seamldr_reason reason)
{
	KUNIT_EXPECT_EQ(test, bad ? -EBADMSG : 0, ret);
	KUNIT_EXPECT_STREQ(test,
			   seamldr_reason_token(bad ? reason : SEAMLDR_REASON_NONE),
			   seamldr_reason_token(verdict->reason));
}

static void image_as_signed(struct kunit *test)
{
	struct seamldr_verdict verdict = {};
	struct seamldr_blob blob;

	signed_image(test, &blob);

	KUNIT_EXPECT_EQ(test, 0, tdx_host_check_signature(&blob, &verdict));
	KUNIT_EXPECT_EQ(test, 0, tdx_host_check_hash(&blob, &verdict));
	KUNIT_EXPECT_EQ(test, SEAMLDR_REASON_NONE, verdict.reason);
}

static void image_with_byte_changed(struct kunit *test)
{
	struct seamldr_verdict signature_verdict = {}, hash_verdict = {};
	const struct image_case *row = test->param_value;
	struct seamldr_blob blob;
	u8 *bytes;
	int ret;

	bytes = (u8 *)signed_image(test, &blob);
	bytes[row->offset] ^= BIT(3);

	ret = tdx_host_check_signature(&blob, &signature_verdict);
	expect_verdict(test, ret, &signature_verdict, row->bad_signature,
		       SEAMLDR_REASON_SIGNATURE);
	ret = tdx_host_check_hash(&blob, &hash_verdict);
	expect_verdict(test, ret, &hash_verdict, row->bad_hash, SEAMLDR_REASON_HASH);
}

static void image_with_fewer_module_pages(struct kunit *test)
{
	struct seamldr_verdict verdict = {};
	struct seamldr_blob blob;
	int ret;

	signed_image(test, &blob);
	blob.module_nr_pages--;

	ret = tdx_host_check_hash(&blob, &verdict);
	expect_verdict(test, ret, &verdict, true, SEAMLDR_REASON_HASH);
}

static void image_with_zero_signature(struct kunit *test)
{
	struct seamldr_verdict verdict = {};
	struct signed_image *image;
	struct seamldr_blob blob;
	int ret;

	image = signed_image(test, &blob);
	memset(image->sigstruct.signature, 0, sizeof(image->sigstruct.signature));

	ret = tdx_host_check_signature(&blob, &verdict);
	expect_verdict(test, ret, &verdict, true, SEAMLDR_REASON_SIGNATURE);
}

static void image_with_signature_above_modulus(struct kunit *test)
{
	struct seamldr_verdict verdict = {};
	struct signed_image *image;
	struct seamldr_blob blob;
	int ret;

	image = signed_image(test, &blob);
	memset(image->sigstruct.signature, 0xff, sizeof(image->sigstruct.signature));

	ret = tdx_host_check_signature(&blob, &verdict);
	expect_verdict(test, ret, &verdict, true, SEAMLDR_REASON_SIGNATURE);
}

static void image_with_zero_key(struct kunit *test)
{
	struct seamldr_verdict verdict = {};
	struct signed_image *image;
	struct seamldr_blob blob;
	int ret;

	image = signed_image(test, &blob);
	memset(image->sigstruct.modulus, 0, sizeof(image->sigstruct.modulus));

	ret = tdx_host_check_signature(&blob, &verdict);
	expect_verdict(test, ret, &verdict, true, SEAMLDR_REASON_SIGNATURE);
}

/* What the crypto API may answer, and whose fault that is */
struct crypto_case {
	const char *desc;
	int crypto_err;
	int err;
	enum seamldr_reason reason;
};

static const struct crypto_case crypto_cases[] = {
	{ "verified",		0,		0, SEAMLDR_REASON_NONE },
	{ "rejected",		-EKEYREJECTED,	-EBADMSG, SEAMLDR_REASON_SIGNATURE },
	{ "bad_padding",	-EBADMSG,	-EBADMSG, SEAMLDR_REASON_SIGNATURE },
	{ "bad_key",		-EINVAL,	-EBADMSG, SEAMLDR_REASON_SIGNATURE },
	{ "no_memory",		-ENOMEM,	-ENOMEM, SEAMLDR_REASON_NO_MEMORY },
	{ "no_algorithm",	-ENOENT,	-EIO, SEAMLDR_REASON_CRYPTO },
	{ "no_entropy",		-EAGAIN,	-EIO, SEAMLDR_REASON_CRYPTO },
};

KUNIT_ARRAY_PARAM_DESC(crypto, crypto_cases, desc);

static int fake_verify(const struct seam_sigstruct *s)
{
	const struct crypto_case *row = kunit_get_current_test()->param_value;

	return row->crypto_err;
}

static void check_signature_with_crypto_error(struct kunit *test)
{
	const struct crypto_case *row = test->param_value;
	struct seamldr_verdict verdict = {};
	struct seamldr_blob blob;

	signed_image(test, &blob);
	kunit_activate_static_stub(test, tdx_host_verify, fake_verify);

	KUNIT_EXPECT_EQ(test, row->err, tdx_host_check_signature(&blob, &verdict));
	KUNIT_EXPECT_STREQ(test, seamldr_reason_token(row->reason),
			   seamldr_reason_token(verdict.reason));
}

struct error_case {
	const char *desc;
	int err;
	enum fw_upload_err upload_err;
};

static const struct error_case error_cases[] = {
	{ "success",	0,		FW_UPLOAD_ERR_NONE },
	{ "EMSGSIZE",	-EMSGSIZE,	FW_UPLOAD_ERR_INVALID_SIZE },
	{ "EBADMSG",	-EBADMSG,	FW_UPLOAD_ERR_FW_INVALID },
	{ "EBUSY",	-EBUSY,		FW_UPLOAD_ERR_BUSY },
	{ "ENOSPC",	-ENOSPC,	FW_UPLOAD_ERR_WEAROUT },
	{ "ENOMEM",	-ENOMEM,	FW_UPLOAD_ERR_RW_ERROR },
	{ "EIO",	-EIO,		FW_UPLOAD_ERR_HW_ERROR },
	{ "EINVAL",	-EINVAL,	FW_UPLOAD_ERR_HW_ERROR },
	{ "ENODEV",	-ENODEV,	FW_UPLOAD_ERR_HW_ERROR },
};

KUNIT_ARRAY_PARAM_DESC(error, error_cases, desc);

static void upload_reports_error(struct kunit *test)
{
	const struct error_case *row = test->param_value;

	KUNIT_EXPECT_EQ(test, row->upload_err, tdx_host_upload_error(row->err));
}

/* As Documentation/arch/x86/tdx-module-update.rst tells the administrator */
struct reason_case {
	enum seamldr_reason reason;
	const char *token;
	enum fw_upload_err upload_err;
};

static const struct reason_case reason_cases[] = {
	{ SEAMLDR_REASON_FILE_SIZE,	"file-size",	FW_UPLOAD_ERR_INVALID_SIZE },
	{ SEAMLDR_REASON_LENGTH_FIELD,	"length-field",	FW_UPLOAD_ERR_INVALID_SIZE },
	{ SEAMLDR_REASON_PAGE_COUNT,	"page-count",	FW_UPLOAD_ERR_INVALID_SIZE },
	{ SEAMLDR_REASON_FORMAT_VERSION, "format-version", FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_MAGIC,		"magic",	FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_MODULE_OFFSET,	"module-offset", FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_RESERVED,	"reserved-bytes", FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_SIGSTRUCT_PAGES, "sigstruct-pages", FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_SIGSTRUCT,	"sigstruct",	FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_SIGNATURE,	"signature",	FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_CRYPTO,	"crypto",	FW_UPLOAD_ERR_HW_ERROR },
	{ SEAMLDR_REASON_HASH,		"hash",		FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_DEBUG_SIGNED,	"debug-signed",	FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_CPU_TABLE,	"cpu-table",	FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_SVN,		"svn",		FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_HANDOFF_VERSION, "handoff-version", FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_NO_UPDATES_LEFT, "no-updates-left", FW_UPLOAD_ERR_WEAROUT },
	{ SEAMLDR_REASON_NO_SEAMLDR,	"no-seamldr",	FW_UPLOAD_ERR_HW_ERROR },
	{ SEAMLDR_REASON_MODULE_STATE,	"module-state",	FW_UPLOAD_ERR_HW_ERROR },
	{ SEAMLDR_REASON_CPU_OFFLINE,	"cpu-offline",	FW_UPLOAD_ERR_BUSY },
	{ SEAMLDR_REASON_TD_BUILD,	"td-build",	FW_UPLOAD_ERR_BUSY },
	{ SEAMLDR_REASON_NO_MEMORY,	"no-memory",	FW_UPLOAD_ERR_RW_ERROR },
	{ SEAMLDR_REASON_MODULE_BUSY,	"module-busy",	FW_UPLOAD_ERR_BUSY },
	{ SEAMLDR_REASON_IMAGE_REJECTED, "image-rejected", FW_UPLOAD_ERR_FW_INVALID },
	{ SEAMLDR_REASON_SEAMLDR_RESOURCES, "seamldr-resources", FW_UPLOAD_ERR_BUSY },
	{ SEAMLDR_REASON_SHUTDOWN,	"shutdown-failed", FW_UPLOAD_ERR_HW_ERROR },
	{ SEAMLDR_REASON_INSTALL,	"install-failed", FW_UPLOAD_ERR_HW_ERROR },
	{ SEAMLDR_REASON_SYS_INIT,	"sys-init-failed", FW_UPLOAD_ERR_HW_ERROR },
	{ SEAMLDR_REASON_LP_INIT,	"lp-init-failed", FW_UPLOAD_ERR_HW_ERROR },
	{ SEAMLDR_REASON_SYS_UPDATE,	"sys-update-failed", FW_UPLOAD_ERR_HW_ERROR },
};

static_assert(ARRAY_SIZE(reason_cases) == SEAMLDR_NR_REASONS - 1);

KUNIT_ARRAY_PARAM_DESC(reason, reason_cases, token);

static void upload_reports_reason(struct kunit *test)
{
	const struct reason_case *row = test->param_value;
	struct seamldr_verdict verdict;
	int err = seamldr_refuse(&verdict, row->reason, 0, 0, "");

	KUNIT_EXPECT_EQ(test, row->upload_err, tdx_host_upload_error(err));
	KUNIT_EXPECT_STREQ(test, row->token, seamldr_reason_token(verdict.reason));
}

static struct kunit_case tdx_host_test_cases[] = {
	KUNIT_CASE(image_as_signed),
	KUNIT_CASE_PARAM(image_with_byte_changed, image_gen_params),
	KUNIT_CASE(image_with_fewer_module_pages),
	KUNIT_CASE(image_with_zero_signature),
	KUNIT_CASE(image_with_signature_above_modulus),
	KUNIT_CASE(image_with_zero_key),
	KUNIT_CASE_PARAM(check_signature_with_crypto_error, crypto_gen_params),
	KUNIT_CASE_PARAM(upload_reports_error, error_gen_params),
	KUNIT_CASE_PARAM(upload_reports_reason, reason_gen_params),
	{}
};

static struct kunit_suite tdx_host_test_suite = {
	.name = "tdx_host",
	.test_cases = tdx_host_test_cases,
};

kunit_test_suite(tdx_host_test_suite);

MODULE_DESCRIPTION("KUnit tests for the TDX host driver");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
