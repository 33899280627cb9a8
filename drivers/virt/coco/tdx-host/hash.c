// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the module in the image the one that its sigstruct is about?
 *
 * The P-SEAMLDR compares the hash only after it cleared the old module: a
 * damaged file would cost all TDs.
 */

#include <linux/string.h>
#include <linux/types.h>
#include <linux/unaligned.h>

#include <crypto/sha2.h>

#include <kunit/visibility.h>

#include <asm/page.h>
#include <asm/seamldr.h>

#include "tdx-host.h"

/**
 * tdx_host_check_hash() - Compare the module with the hash in the sigstruct
 * @blob: the image; its sigstruct has the known layout
 * @verdict: written on failure only
 *
 * Source: SEAM Loader (SEAMLDR) Interface Specification, "SEAM_SIGSTRUCT",
 * SEAMHASH.
 *
 * Context: Process context.
 * Return:
 * * %0 - it is the module that was signed
 * * %-EBADMSG - it is not
 */
int tdx_host_check_hash(const struct seamldr_blob *blob,
			struct seamldr_verdict *verdict)
{
	const u8 *seamhash = blob->sigstruct->seamhash;
	u8 hash[SHA384_DIGEST_SIZE];

	static_assert(sizeof(hash) == sizeof(blob->sigstruct->seamhash));

	sha384(blob->module, (size_t)blob->module_nr_pages * PAGE_SIZE, hash);
	if (!memcmp(hash, seamhash, sizeof(hash)))
		return 0;

	return seamldr_refuse(verdict, SEAMLDR_REASON_HASH, get_unaligned_be64(hash),
			      get_unaligned_be64(seamhash),
			      "SHA-384 of the module, first 8 bytes");
}
EXPORT_SYMBOL_IF_KUNIT(tdx_host_check_hash);
