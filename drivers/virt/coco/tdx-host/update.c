// SPDX-License-Identifier: GPL-2.0-only
/*
 * The firmware upload device tdx_module: what userspace writes to it replaces
 * the TDX module.
 *
 * Everything that can be checked is checked in prepare(), so that an error in
 * phase "preparing" means that nothing was touched. write() then does it all.
 */

#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/firmware.h>
#include <linux/module.h>
#include <linux/types.h>

#include <kunit/visibility.h>

#include <asm/seamldr.h>
#include <asm/tdx.h>

#include "tdx-host.h"

#define TDX_HOST_UPLOAD_NAME	"tdx_module"

/* Written by the upload's worker only, of which there is one at a time */
static enum seamldr_reason last_error;

/**
 * tdx_host_last_error() - Say why the last upload failed
 *
 * Context: Any context.
 * Return: A word; "none" if it did not fail or there was none.
 */
const char *tdx_host_last_error(void)
{
	return seamldr_reason_token(READ_ONCE(last_error));
}

/* The one place where errno turns into what the upload reports */
VISIBLE_IF_KUNIT enum fw_upload_err tdx_host_upload_error(int err)
{
	switch (err) {
	case 0:
		return FW_UPLOAD_ERR_NONE;
	case -EMSGSIZE:
		return FW_UPLOAD_ERR_INVALID_SIZE;
	case -EBADMSG:
		return FW_UPLOAD_ERR_FW_INVALID;
	case -EBUSY:
		return FW_UPLOAD_ERR_BUSY;
	case -ENOSPC:
		return FW_UPLOAD_ERR_WEAROUT;
	case -ENOMEM:
		return FW_UPLOAD_ERR_RW_ERROR;
	default:
		return FW_UPLOAD_ERR_HW_ERROR;
	}
}
EXPORT_SYMBOL_IF_KUNIT(tdx_host_upload_error);

static enum fw_upload_err report(struct device *dev, int err,
				 const struct seamldr_verdict *verdict)
{
	WRITE_ONCE(last_error, verdict->reason);

	if (err && verdict->cpu < 0)
		dev_err(dev, "update refused, %s (%s): found %#llx, wanted %#llx; %s\n",
			seamldr_reason_token(verdict->reason), verdict->text,
			verdict->found, verdict->wanted, verdict->now);
	else if (err)
		dev_err(dev, "update failed, %s (%s on CPU %d): status %#018llx; %s\n",
			seamldr_reason_token(verdict->reason), verdict->text,
			verdict->cpu, verdict->found, verdict->now);

	return tdx_host_upload_error(err);
}

static int check_crypto(const struct seamldr_blob *blob,
			struct seamldr_verdict *verdict)
{
	int ret;

	if (!seam_sigstruct_has_known_layout(blob->sigstruct))
		return 0;

	ret = tdx_host_check_signature(blob, verdict);
	return ret ?: tdx_host_check_hash(blob, verdict);
}

static enum fw_upload_err tdx_host_prepare(struct fw_upload *upload,
					   const u8 *image, u32 size)
{
	struct device *dev = upload->dd_handle;
	struct seamldr_verdict verdict = {};
	struct seamldr_blob blob;
	int ret;

	ret = seamldr_preflight(image, size, &blob, &verdict);
	ret = ret ?: check_crypto(&blob, &verdict);
	return report(dev, ret, &verdict);
}

static enum fw_upload_err tdx_host_write(struct fw_upload *upload,
					 const u8 *image, u32 offset, u32 size,
					 u32 *written)
{
	struct tdx_sys_info_version old, new;
	struct device *dev = upload->dd_handle;
	struct seamldr_verdict verdict = {};
	int ret;

	*written = 0;

	tdx_get_version(&old);
	ret = seamldr_update(image, size, &verdict);
	if (ret)
		return report(dev, ret, &verdict);

	tdx_get_version(&new);
	dev_info(dev, "TDX module " TDX_VERSION_FMT " -> " TDX_VERSION_FMT "\n",
		 old.major_version, old.minor_version, old.update_version,
		 new.major_version, new.minor_version, new.update_version);
	*written = size;
	return report(dev, 0, &verdict);
}

static enum fw_upload_err tdx_host_poll_complete(struct fw_upload *upload)
{
	/* The update is complete when write() returns. */
	return FW_UPLOAD_ERR_NONE;
}

static void tdx_host_cancel(struct fw_upload *upload)
{
	/*
	 * Before write() there is nothing worth a cancellation, and in it the
	 * update must not be left half done.
	 */
}

static const struct fw_upload_ops tdx_host_upload_ops = {
	.prepare = tdx_host_prepare,
	.write = tdx_host_write,
	.poll_complete = tdx_host_poll_complete,
	.cancel = tdx_host_cancel,
};

static void tdx_host_unregister_upload(void *upload)
{
	firmware_upload_unregister(upload);
}

/**
 * tdx_host_register_upload() - Make the upload device
 * @dev: the TDX host device, which the upload device goes away with
 *
 * Context: Process context.
 * Return: %0, or a negative errno from the firmware loader.
 */
int tdx_host_register_upload(struct device *dev)
{
	struct fw_upload *upload;

	/*
	 * Not THIS_MODULE: a reference to itself would keep the driver from being
	 * removed, which unregisters the device and waits for its worker.
	 */
	upload = firmware_upload_register(NULL, dev, TDX_HOST_UPLOAD_NAME,
					  &tdx_host_upload_ops, dev);
	if (IS_ERR(upload))
		return PTR_ERR(upload);

	return devm_add_action_or_reset(dev, tdx_host_unregister_upload, upload);
}
