// SPDX-License-Identifier: GPL-2.0-only
/* Not compiled: what upload_error.cocci has to find is marked, all else it has to pass. */

enum fw_upload_err tdx_host_upload_error(int err)
{
	switch (err) {
	case 0:
		return FW_UPLOAD_ERR_NONE;
	case -EBUSY:
		return FW_UPLOAD_ERR_BUSY;
	default:
		return FW_UPLOAD_ERR_HW_ERROR;
	}
}

static enum fw_upload_err nothing_to_do(struct fw_upload *upload)
{
	return FW_UPLOAD_ERR_NONE;
}

static enum fw_upload_err by_itself(struct fw_upload *upload, const u8 *image, u32 size)
{
	enum fw_upload_err err = FW_UPLOAD_ERR_NONE;

	if (!size)
		return FW_UPLOAD_ERR_INVALID_SIZE;	/* bad */
	if (!image)
		err = FW_UPLOAD_ERR_FW_INVALID;		/* bad */
	return err == FW_UPLOAD_ERR_BUSY ? 0 : err;	/* bad */
}
