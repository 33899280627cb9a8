/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the tdx-host driver: host.c has the device and its attributes,
 * update.c the firmware upload, hash.c and signature.c the checks that need
 * cryptography.
 */
#ifndef _TDX_HOST_H
#define _TDX_HOST_H

#include <linux/firmware.h>

#include <asm/seamldr.h>

struct device;

int tdx_host_register_upload(struct device *dev);
const char *tdx_host_last_error(void);
#if IS_ENABLED(CONFIG_KUNIT)
enum fw_upload_err tdx_host_upload_error(int err);
int tdx_host_verify(const struct seam_sigstruct *s);
#endif

int tdx_host_check_hash(const struct seamldr_blob *blob,
			struct seamldr_verdict *verdict);
int tdx_host_check_signature(const struct seamldr_blob *blob,
			     struct seamldr_verdict *verdict);

#endif /* _TDX_HOST_H */
