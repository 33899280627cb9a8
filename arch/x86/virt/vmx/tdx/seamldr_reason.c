// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why an image is refused or an update fails: the word userspace reads, and
 * what the caller can do about it.
 */

#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/types.h>

#include <asm/seamldr.h>

/*
 * One errno for each thing that can be done about it:
 *
 *  -EMSGSIZE	get the whole file
 *  -EBADMSG	get another image
 *  -EBUSY	come back later with the same image
 *  -ENOSPC	reboot: all updates of this boot are used up
 *  -ENOMEM	come back when there is memory
 *  -EIO	look at the log
 */
static const struct {
	const char *token;
	int err;
} reasons[] = {
	[SEAMLDR_REASON_NONE]		  = { "none" },
	[SEAMLDR_REASON_FILE_SIZE]	  = { "file-size",		-EMSGSIZE },
	[SEAMLDR_REASON_FORMAT_VERSION]	  = { "format-version",		-EBADMSG },
	[SEAMLDR_REASON_MAGIC]		  = { "magic",			-EBADMSG },
	[SEAMLDR_REASON_MODULE_OFFSET]	  = { "module-offset",		-EBADMSG },
	[SEAMLDR_REASON_LENGTH_FIELD]	  = { "length-field",		-EMSGSIZE },
	[SEAMLDR_REASON_PAGE_COUNT]	  = { "page-count",		-EMSGSIZE },
	[SEAMLDR_REASON_RESERVED]	  = { "reserved-bytes",		-EBADMSG },
	[SEAMLDR_REASON_SIGSTRUCT_PAGES]  = { "sigstruct-pages",	-EBADMSG },
	[SEAMLDR_REASON_SIGSTRUCT]	  = { "sigstruct",		-EBADMSG },
	[SEAMLDR_REASON_HASH]		  = { "hash",			-EBADMSG },
	[SEAMLDR_REASON_SIGNATURE]	  = { "signature",		-EBADMSG },
	[SEAMLDR_REASON_CRYPTO]		  = { "crypto",			-EIO },
	[SEAMLDR_REASON_DEBUG_SIGNED]	  = { "debug-signed",		-EBADMSG },
	[SEAMLDR_REASON_CPU_TABLE]	  = { "cpu-table",		-EBADMSG },
	[SEAMLDR_REASON_SVN]		  = { "svn",			-EBADMSG },
	[SEAMLDR_REASON_HANDOFF_VERSION]  = { "handoff-version",	-EBADMSG },
	[SEAMLDR_REASON_NO_UPDATES_LEFT]  = { "no-updates-left",	-ENOSPC },
	[SEAMLDR_REASON_NO_SEAMLDR]	  = { "no-seamldr",		-EIO },
	[SEAMLDR_REASON_MODULE_STATE]	  = { "module-state",		-EIO },
	[SEAMLDR_REASON_CPU_OFFLINE]	  = { "cpu-offline",		-EBUSY },
	[SEAMLDR_REASON_TD_BUILD]	  = { "td-build",		-EBUSY },
	[SEAMLDR_REASON_NO_MEMORY]	  = { "no-memory",		-ENOMEM },
	[SEAMLDR_REASON_MODULE_BUSY]	  = { "module-busy",		-EBUSY },
	[SEAMLDR_REASON_SHUTDOWN]	  = { "shutdown-failed",	-EIO },
	[SEAMLDR_REASON_IMAGE_REJECTED]	  = { "image-rejected",		-EBADMSG },
	[SEAMLDR_REASON_SEAMLDR_RESOURCES] = { "seamldr-resources",	-EBUSY },
	[SEAMLDR_REASON_INSTALL]	  = { "install-failed",		-EIO },
	[SEAMLDR_REASON_SYS_INIT]	  = { "sys-init-failed",	-EIO },
	[SEAMLDR_REASON_LP_INIT]	  = { "lp-init-failed",		-EIO },
	[SEAMLDR_REASON_SYS_UPDATE]	  = { "sys-update-failed",	-EIO },
};

static_assert(ARRAY_SIZE(reasons) == SEAMLDR_NR_REASONS);

/**
 * seamldr_reason_token() - Give the word for a reason
 * @reason: a reason below %SEAMLDR_NR_REASONS
 *
 * Context: Any context.
 * Return: A constant string without white space.
 */
const char *seamldr_reason_token(enum seamldr_reason reason)
{
	return reasons[reason].token;
}
EXPORT_SYMBOL_FOR_MODULES(seamldr_reason_token, "tdx-host,tdx_host_kunit,seamldr_kunit");

/**
 * seamldr_refuse() - Fill in a verdict
 * @verdict: the verdict, all of which is written
 * @reason: why; not %SEAMLDR_REASON_NONE
 * @found: the value that was found
 * @wanted: the value, or the limit, that was expected
 * @text: a constant string that names the values
 *
 * Context: Any context.
 * Return: The negative errno that belongs to @reason.
 */
int seamldr_refuse(struct seamldr_verdict *verdict, enum seamldr_reason reason,
		   u64 found, u64 wanted, const char *text)
{
	*verdict = (struct seamldr_verdict) {
		.reason = reason,
		.found = found,
		.wanted = wanted,
		.text = text,
		.cpu = -1,
		.now = "the module was not touched",
	};
	return reasons[reason].err;
}
EXPORT_SYMBOL_FOR_MODULES(seamldr_refuse, "tdx-host,tdx_host_kunit,seamldr_kunit");
