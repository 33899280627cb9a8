/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a TDX host tells about itself: the attributes of the kernel's tdx_host
 * device, the state of its upload device, its processors.
 */
#ifndef TDXMOD_HOST_H
#define TDXMOD_HOST_H

#include <stdbool.h>

#include "cpu.h"
#include "sysfs.h"
#include "version.h"

struct host_attribute {
	/* 0 or the errno that reading it gave. */
	int error;
	char text[SYSFS_TEXT_SIZE];
};

enum module_state {
	/* The kernel has no such attribute: the driver that Linux 7.2 brought. */
	MODULE_STATE_UNTOLD,
	MODULE_STATE_UNINITIALIZED,
	MODULE_STATE_READY,
	MODULE_STATE_SHUTDOWN,
	MODULE_STATE_LOST,
	/* A word that is not known here. */
	MODULE_STATE_OTHER,
};

struct host {
	const char *sysfs;
	struct host_attribute version;
	struct host_attribute seamldr_version;
	struct host_attribute num_remaining_updates;
	struct host_attribute module_state;
	struct host_attribute last_error;
	struct host_attribute loading;
	struct host_attribute status;
	struct host_attribute error;
	struct host_attribute present;
	struct host_attribute online;
	struct cpu_list cpus;
};

void host_read(struct host *host, const char *sysfs);
void host_free(struct host *host);

bool host_has_tdx(const struct host *host);
bool host_takes_uploads(const struct host *host);
bool host_is_busy(const struct host *host);
enum module_state host_module_state(const struct host *host);
bool host_version(const struct host_attribute *attribute, struct version *version);
const char *host_text(const struct host_attribute *attribute);

#endif
