// SPDX-License-Identifier: GPL-2.0-only
/*
 * The TDX host device: what the TDX module and the P-SEAMLDR say of themselves.
 * It has no hardware of its own, so it is a faux device.
 */

#include <linux/device.h>
#include <linux/device/faux.h>
#include <linux/errno.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#include <asm/cpu_device_id.h>
#include <asm/cpufeatures.h>
#include <asm/seamldr.h>
#include <asm/tdx.h>

#include "tdx-host.h"

static const char * const module_states[] = {
	[TDX_MODULE_UNINITIALIZED] = "uninitialized",
	[TDX_MODULE_READY]	   = "ready",
	[TDX_MODULE_SHUTDOWN]	   = "shutdown",
	[TDX_MODULE_LOST]	   = "lost",
};

static ssize_t version_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct tdx_sys_info_version version;

	if (tdx_module_status() == TDX_MODULE_LOST)
		return -ENODEV;

	tdx_get_version(&version);
	return sysfs_emit(buf, TDX_VERSION_FMT "\n", version.major_version,
			  version.minor_version, version.update_version);
}
static DEVICE_ATTR_RO(version);

static ssize_t module_state_show(struct device *dev,
				 struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", module_states[tdx_module_status()]);
}
static DEVICE_ATTR_RO(module_state);

static ssize_t seamldr_version_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	struct seamldr_info info;
	int ret;

	ret = seamldr_get_info(&info);
	if (ret)
		return ret;

	return sysfs_emit(buf, TDX_VERSION_FMT "\n", info.major_version,
			  info.minor_version, info.update_version);
}
static DEVICE_ATTR_ADMIN_RO(seamldr_version);

static ssize_t num_remaining_updates_show(struct device *dev,
					  struct device_attribute *attr, char *buf)
{
	struct seamldr_info info;
	int ret;

	ret = seamldr_get_info(&info);
	if (ret)
		return ret;

	return sysfs_emit(buf, "%u\n", info.num_remaining_updates);
}
static DEVICE_ATTR_ADMIN_RO(num_remaining_updates);

static ssize_t last_error_show(struct device *dev, struct device_attribute *attr,
			       char *buf)
{
	return sysfs_emit(buf, "%s\n", tdx_host_last_error());
}
static DEVICE_ATTR_RO(last_error);

static struct attribute *tdx_host_attrs[] = {
	&dev_attr_version.attr,
	&dev_attr_module_state.attr,
	NULL
};

static const struct attribute_group tdx_host_group = {
	.attrs = tdx_host_attrs,
};

static umode_t update_attr_is_visible(struct kobject *kobj,
				      struct attribute *attr, int index)
{
	return tdx_can_update_module() ? attr->mode : 0;
}

static struct attribute *update_attrs[] = {
	&dev_attr_seamldr_version.attr,
	&dev_attr_num_remaining_updates.attr,
	&dev_attr_last_error.attr,
	NULL
};

static const struct attribute_group update_group = {
	.attrs = update_attrs,
	.is_visible = update_attr_is_visible,
};

static const struct attribute_group *tdx_host_groups[] = {
	&tdx_host_group,
	&update_group,
	NULL
};

static int tdx_host_probe(struct faux_device *faux)
{
	return tdx_can_update_module() ? tdx_host_register_upload(&faux->dev) : 0;
}

static const struct faux_device_ops tdx_host_ops = {
	.probe = tdx_host_probe,
};

static struct faux_device *tdx_host_device;

static const struct x86_cpu_id tdx_host_cpu_ids[] = {
	X86_MATCH_FEATURE(X86_FEATURE_TDX_HOST_PLATFORM, NULL),
	{}
};
MODULE_DEVICE_TABLE(x86cpu, tdx_host_cpu_ids);

static int __init tdx_host_init(void)
{
	if (!x86_match_cpu(tdx_host_cpu_ids) ||
	    tdx_module_status() == TDX_MODULE_UNINITIALIZED)
		return -ENODEV;

	tdx_host_device = faux_device_create_with_groups("tdx_host", NULL,
							 &tdx_host_ops,
							 tdx_host_groups);
	return tdx_host_device ? 0 : -ENODEV;
}
module_init(tdx_host_init);

static void __exit tdx_host_exit(void)
{
	faux_device_destroy(tdx_host_device);
}
module_exit(tdx_host_exit);

MODULE_DESCRIPTION("Intel TDX module information and runtime update");
MODULE_LICENSE("GPL");
