// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's opinion of an image.  The checks stand in the order in which a
 * refusal is of most use to who reads it: platform, image, running module,
 * policy.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "preflight.h"

#define UNREADABLE	"%s cannot be read: %s"

static void check_state(const struct preflight *preflight, struct findings *findings)
{
	const struct host *host = preflight->host;

	switch (host_module_state(host)) {
	case MODULE_STATE_UNTOLD:
		if (host_has_tdx(host))
			findings_add(findings, OUTCOME_UNKNOWN, "module-state",
				     "this kernel does not tell");
		else
			findings_add(findings, OUTCOME_UNKNOWN, "module-state",
				     "no TDX host device here");
		break;
	case MODULE_STATE_UNINITIALIZED:
		findings_add(findings, OUTCOME_FAIL, "module-state",
			     "the kernel has not initialized the module");
		break;
	case MODULE_STATE_READY:
		findings_add(findings, OUTCOME_OK, "module-state", "ready");
		break;
	case MODULE_STATE_SHUTDOWN:
		findings_add(findings, OUTCOME_NOTE, "module-state",
			     "shutdown: an image that takes the handoff data brings TDs back");
		break;
	case MODULE_STATE_LOST:
		findings_add(findings, OUTCOME_FAIL, "module-state",
			     "lost: only a reboot brings TDX back");
		break;
	case MODULE_STATE_OTHER:
		findings_add(findings, OUTCOME_UNKNOWN, "module-state", "%s",
			     host_text(&host->module_state));
		break;
	}
}

static void check_upload(const struct preflight *preflight, struct findings *findings)
{
	const struct host *host = preflight->host;

	if (!host_takes_uploads(host))
		findings_add(findings, host_has_tdx(host) ? OUTCOME_FAIL : OUTCOME_UNKNOWN,
			     "upload", "the kernel offers no " SYSFS_UPLOAD);
	else if (host->status.error)
		findings_add(findings, OUTCOME_UNKNOWN, "upload", UNREADABLE, "status",
			     host_text(&host->status));
	else if (host_is_busy(host))
		findings_add(findings, OUTCOME_FAIL, "upload",
			     "another update is in progress: %s", host->status.text);
	else
		findings_add(findings, OUTCOME_OK, "upload", "device is idle");
}

/* The P-SEAMLDR waits for every CPU; one that cannot come costs the module. */
static void check_online(const struct preflight *preflight, struct findings *findings)
{
	const struct host *host = preflight->host;

	if (host->present.error || host->online.error)
		findings_add(findings, OUTCOME_UNKNOWN, "cpus-online", UNREADABLE, SYSFS_CPU,
			     host_text(host->present.error ? &host->present : &host->online));
	else if (strcmp(host->present.text, host->online.text))
		findings_add(findings, OUTCOME_FAIL, "cpus-online",
			     "present are %s, but online only %s", host->present.text,
			     host->online.text);
	else
		findings_add(findings, OUTCOME_OK, "cpus-online", "all of %s",
			     host->present.text);
}

static void check_updates_left(const struct preflight *preflight, struct findings *findings)
{
	const struct host_attribute *left = &preflight->host->num_remaining_updates;

	if (left->error)
		findings_add(findings, OUTCOME_UNKNOWN, "updates-left", UNREADABLE,
			     "num_remaining_updates", host_text(left));
	else if (!strtoul(left->text, NULL, 10))
		findings_add(findings, OUTCOME_FAIL, "updates-left",
			     "none: the P-SEAMLDR takes updates again after a reboot");
	else
		findings_add(findings, OUTCOME_OK, "updates-left", "%s", left->text);
}

static void check_cpus(const struct preflight *preflight, struct findings *findings)
{
	const struct seam_sigstruct *sigstruct = preflight->image->sigstruct;
	const struct cpu_list *cpus = &preflight->host->cpus;
	size_t i;

	if (!cpus->count) {
		findings_add(findings, OUTCOME_UNKNOWN, "cpus",
			     "the processors' signatures are not known");
		return;
	}
	/* Debug images may come without a table. */
	if (!sigstruct_nr_cpus(sigstruct) && sigstruct_debug(sigstruct)) {
		findings_add(findings, OUTCOME_OK, "cpus", "the image names none");
		return;
	}
	for (i = 0; i < cpus->count; i++) {
		if (sigstruct_has_cpu(sigstruct, cpus->signatures[i]))
			continue;
		findings_add(findings, OUTCOME_FAIL, "cpus", "the image is not for CPU %#x%s%s",
			     cpus->signatures[i],
			     cpu_product(cpus->signatures[i]) ? " " : "",
			     cpu_product(cpus->signatures[i]) ?: "");
		return;
	}
	findings_add(findings, OUTCOME_OK, "cpus", "the image is for all of this host");
}

static void check_signer(const struct preflight *preflight, struct findings *findings)
{
	const struct seam_sigstruct *sigstruct = preflight->image->sigstruct;
	uint8_t hash[SIGSTRUCT_HASH_SIZE];

	crypto_signer(sigstruct, hash);
	if (!crypto_signer_is_intel(hash))
		findings_add(findings, OUTCOME_UNKNOWN, "host-signer",
			     "a production P-SEAMLDR takes none but Intel's");
	if (sigstruct_debug(sigstruct))
		findings_add(findings, OUTCOME_UNKNOWN, "debug",
			     "a production platform refuses debug-signed images");
}

static void check_sigstruct_pages(const struct preflight *preflight, struct findings *findings)
{
	if (preflight->image->sigstruct_nr_pages > 1)
		findings_add(findings, OUTCOME_FAIL, "sigstruct-pages",
			     "%u: no P-SEAMLDR is known that takes more than 1",
			     preflight->image->sigstruct_nr_pages);
}

static void check_format(const struct preflight *preflight, struct findings *findings)
{
	if (host_has_tdx(preflight->host) &&
	    host_module_state(preflight->host) == MODULE_STATE_UNTOLD &&
	    preflight->image->version != TDX_BLOB_VERSION_2)
		findings_add(findings, OUTCOME_NOTE, "format",
			     "this kernel takes 0x200 only; 'tdxmod update' converts");
}

static void check_version(const struct preflight *preflight, struct findings *findings)
{
	char text[VERSION_TEXT_SIZE];
	struct version running;

	if (!preflight->version) {
		findings_add(findings, OUTCOME_UNKNOWN, "version",
			     "neither the sigstruct nor the file name tells it");
		return;
	}
	version_format(*preflight->version, text);
	if (!host_version(&preflight->host->version, &running))
		findings_add(findings, OUTCOME_UNKNOWN, "version",
			     "%s; the version that runs is not known", text);
	else if (!version_compare(*preflight->version, running))
		findings_add(findings, OUTCOME_NOTE, "version", "%s, the one that runs", text);
	else
		findings_add(findings, OUTCOME_OK, "version", "%s -> %s",
			     preflight->host->version.text, text);
}

static void check_svn(const struct preflight *preflight, struct findings *findings)
{
	const struct seam_sigstruct *new = preflight->image->sigstruct;
	const struct seam_sigstruct *old = preflight->running;
	unsigned int major = sigstruct_svn_major(new), minor = sigstruct_svn_minor(new);

	if (!old)
		findings_add(findings, OUTCOME_UNKNOWN, "svn",
			     "%u.%u; no image of the running version at hand", major, minor);
	else if (major != sigstruct_svn_major(old))
		findings_add(findings, OUTCOME_FAIL, "svn",
			     "major %u, but the running module has %u", major,
			     sigstruct_svn_major(old));
	else if (minor < sigstruct_svn_minor(old))
		findings_add(findings, OUTCOME_FAIL, "svn",
			     "%u.%u is lower than the running module's %u.%u", major, minor,
			     sigstruct_svn_major(old), sigstruct_svn_minor(old));
	else
		findings_add(findings, OUTCOME_OK, "svn", "%u.%u -> %u.%u",
			     sigstruct_svn_major(old), sigstruct_svn_minor(old), major, minor);
}

/* The running module writes a version that the new one must be able to read. */
static bool handoff_version(const struct seam_sigstruct *old, const struct seam_sigstruct *new,
			    unsigned int *version)
{
	unsigned int lowest = le16toh(old->min_update_hv);

	*version = le16toh(old->module_hv);
	if (old->no_downgrade && lowest < *version)
		lowest = *version;
	if (lowest < le16toh(new->min_update_hv))
		lowest = le16toh(new->min_update_hv);
	if (*version > le16toh(new->module_hv))
		*version = le16toh(new->module_hv);
	return *version >= lowest;
}

static void check_handoff(const struct preflight *preflight, struct findings *findings)
{
	const struct seam_sigstruct *new = preflight->image->sigstruct;
	const struct seam_sigstruct *old = preflight->running;
	unsigned int version;

	if (!old)
		findings_add(findings, OUTCOME_UNKNOWN, "handoff",
			     "no image of the running version at hand");
	else if (host_module_state(preflight->host) == MODULE_STATE_SHUTDOWN)
		findings_add(findings, OUTCOME_UNKNOWN, "handoff",
			     "the version that was written is not known");
	else if (handoff_version(old, new, &version))
		findings_add(findings, OUTCOME_OK, "handoff", "version %u", version);
	else
		findings_add(findings, OUTCOME_FAIL, "handoff",
			     "the running module writes %u to %u, the image takes %u to %u",
			     old->no_downgrade ? le16toh(old->module_hv) :
						 le16toh(old->min_update_hv),
			     le16toh(old->module_hv), le16toh(new->min_update_hv),
			     le16toh(new->module_hv));
}

static const struct release *find_release(const struct preflight *preflight,
					  const char *check, struct findings *findings)
{
	const struct release *release = NULL;

	if (preflight->releases && preflight->version)
		release = releases_find(preflight->releases, *preflight->version);
	if (!release)
		findings_add(findings, OUTCOME_UNKNOWN, check,
			     "the image is in no list of releases at hand");
	return release;
}

static void check_seamldr(const struct preflight *preflight, struct findings *findings)
{
	const struct host_attribute *attribute = &preflight->host->seamldr_version;
	const struct release *release = find_release(preflight, "seamldr", findings);
	struct version seamldr;

	if (!release)
		return;
	if (!host_version(attribute, &seamldr))
		findings_add(findings, OUTCOME_UNKNOWN, "seamldr", UNREADABLE, "seamldr_version",
			     host_text(attribute));
	else if (!release_takes_seamldr(release, seamldr))
		findings_add(findings, OUTCOME_FAIL, "seamldr",
			     "P-SEAMLDR %s is too old for the image or of another series",
			     attribute->text);
	else
		findings_add(findings, OUTCOME_OK, "seamldr", "P-SEAMLDR %s is new enough",
			     attribute->text);
}

static void check_features(const struct preflight *preflight, struct findings *findings)
{
	const struct release *release = find_release(preflight, "features", findings);

	if (!release)
		return;
	if (!(release->tdx_feature0 & TDX_FEATURES0_NO_RBP_MOD))
		findings_add(findings, OUTCOME_FAIL, "features",
			     "the module clobbers RBP, and Linux takes none that does");
	else if (!(release->tdx_feature0 & TDX_FEATURES0_TD_PRESERVING))
		findings_add(findings, OUTCOME_NOTE, "features",
			     "the module cannot be updated in its turn");
	else
		findings_add(findings, OUTCOME_OK, "features", "%#llx",
			     (unsigned long long)release->tdx_feature0);
}

static void check_policy(const struct preflight *preflight, struct findings *findings)
{
	const struct release *release = find_release(preflight, PREFLIGHT_POLICY, findings);
	const struct host_attribute *attribute = &preflight->host->version;
	char oldest[VERSION_TEXT_SIZE];
	struct version running;

	if (!release)
		return;
	version_format(release->min_module_version_for_td_preserving, oldest);
	if (!host_version(attribute, &running))
		findings_add(findings, OUTCOME_UNKNOWN, PREFLIGHT_POLICY, UNREADABLE, "version",
			     host_text(attribute));
	else if (release_preserves_tds(release, running))
		findings_add(findings, OUTCOME_OK, PREFLIGHT_POLICY,
			     "from %s on, by the list of releases", oldest);
	else
		findings_add(findings, OUTCOME_FAIL, PREFLIGHT_POLICY,
			     "%s runs, and the list of releases knows TDs to survive only from %s on and only to newer versions",
			     attribute->text, oldest);
}

/**
 * preflight_check() - Conclude what a host would say to an image
 * @preflight: the image, of sound structure, and all that is known
 * @findings: added to
 */
void preflight_check(const struct preflight *preflight, struct findings *findings)
{
	check_state(preflight, findings);
	check_upload(preflight, findings);
	check_online(preflight, findings);
	check_updates_left(preflight, findings);
	check_format(preflight, findings);
	check_sigstruct_pages(preflight, findings);
	if (sigstruct_known(preflight->image->sigstruct)) {
		check_cpus(preflight, findings);
		check_signer(preflight, findings);
		check_svn(preflight, findings);
		check_handoff(preflight, findings);
	}
	check_version(preflight, findings);
	check_seamldr(preflight, findings);
	check_features(preflight, findings);
	check_policy(preflight, findings);
	findings_add(findings, OUTCOME_UNKNOWN, "td-build",
		     "whether a TD is being built; the update has to wait for it");
}
