/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single accesses to sysfs attributes below a root that tests may move.
 * Nothing is repeated or interpreted here.
 */
#ifndef TDXMOD_SYSFS_H
#define TDXMOD_SYSFS_H

#include <stddef.h>
#include <sys/types.h>

#define SYSFS_ROOT		"/sys"
#define SYSFS_TEXT_SIZE		128

#define SYSFS_TDX_HOST		"devices/faux/tdx_host"
#define SYSFS_UPLOAD		"class/firmware/tdx_module"
#define SYSFS_CPU		"devices/system/cpu"

int sysfs_open(const char *root, const char *attribute, int flags);
int sysfs_read(const char *root, const char *attribute, char text[SYSFS_TEXT_SIZE]);
ssize_t sysfs_put(int fd, const void *bytes, size_t size, off_t offset);

#endif
