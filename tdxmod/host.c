// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading what the host tells about itself.  The processors are added by the
 * caller, since they may be those of another machine.
 */
#include <errno.h>
#include <string.h>

#include "host.h"

static void read_attribute(const struct host *host, const char *path,
			   struct host_attribute *attribute)
{
	attribute->error = -sysfs_read(host->sysfs, path, attribute->text);
	if (attribute->error)
		attribute->text[0] = '\0';
}

void host_read(struct host *host, const char *sysfs)
{
	host->sysfs = sysfs;
	read_attribute(host, SYSFS_TDX_HOST "/version", &host->version);
	read_attribute(host, SYSFS_TDX_HOST "/seamldr_version", &host->seamldr_version);
	read_attribute(host, SYSFS_TDX_HOST "/num_remaining_updates",
		       &host->num_remaining_updates);
	read_attribute(host, SYSFS_TDX_HOST "/module_state", &host->module_state);
	read_attribute(host, SYSFS_TDX_HOST "/last_error", &host->last_error);
	read_attribute(host, SYSFS_UPLOAD "/loading", &host->loading);
	read_attribute(host, SYSFS_UPLOAD "/status", &host->status);
	read_attribute(host, SYSFS_UPLOAD "/error", &host->error);
	read_attribute(host, SYSFS_CPU "/present", &host->present);
	read_attribute(host, SYSFS_CPU "/online", &host->online);
}

void host_free(struct host *host)
{
	cpu_list_free(&host->cpus);
}

bool host_has_tdx(const struct host *host)
{
	return host->version.error != ENOENT || host->module_state.error != ENOENT;
}

bool host_takes_uploads(const struct host *host)
{
	return host->loading.error != ENOENT;
}

bool host_is_busy(const struct host *host)
{
	return !host->status.error && strcmp(host->status.text, "idle");
}

enum module_state host_module_state(const struct host *host)
{
	static const char *const words[] = {
		[MODULE_STATE_UNINITIALIZED]	= "uninitialized",
		[MODULE_STATE_READY]		= "ready",
		[MODULE_STATE_SHUTDOWN]		= "shutdown",
		[MODULE_STATE_LOST]		= "lost",
	};
	enum module_state state;

	if (host->module_state.error == ENOENT)
		return MODULE_STATE_UNTOLD;
	for (state = MODULE_STATE_UNINITIALIZED; state <= MODULE_STATE_LOST; state++) {
		if (!strcmp(host->module_state.text, words[state]))
			return state;
	}
	return MODULE_STATE_OTHER;
}

bool host_version(const struct host_attribute *attribute, struct version *version)
{
	return !attribute->error && version_parse(attribute->text, version);
}

/* The value, or why there is none. */
const char *host_text(const struct host_attribute *attribute)
{
	return attribute->error ? strerror(attribute->error) : attribute->text;
}
