// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a folder of images and choosing among them.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "exits.h"
#include "verify.h"

static void keep_sigstruct(struct catalog_entry *entry)
{
	entry->sigstruct = *entry->image.sigstruct;
	entry->image.sigstruct = &entry->sigstruct;
	entry->image.module = NULL;
	entry->image.blob = NULL;
}

static void read_entry(struct catalog_entry *entry, char *path)
{
	void *blob;

	entry->path = path;
	blob = verify_read(path, &entry->image, &entry->findings);
	if (!blob)
		return;
	entry->has_version = list_image_version(path, &entry->image, &entry->version);
	entry->sound = !findings_failed(&entry->findings);
	keep_sigstruct(entry);
	free(blob);
}

/**
 * catalog_read() - Read and verify all images of a folder
 * @folder: its name
 * @catalog: to be freed, also after a failure
 *
 * Return: false after a message if folder or list of releases cannot be read;
 * an image that cannot is an entry with a finding.
 */
bool catalog_read(const char *folder, struct catalog *catalog)
{
	struct path_list paths;
	size_t i;

	*catalog = (struct catalog){ 0 };
	if (!list_images(folder, &paths)) {
		path_list_free(&paths);
		return false;
	}

	catalog->list = calloc(paths.count + 1, sizeof(*catalog->list));
	if (!catalog->list)
		err(EXIT_RETRY, "%s", folder);
	for (i = 0; i < paths.count; i++)
		read_entry(&catalog->list[i], paths.paths[i]);
	catalog->count = paths.count;
	/* The names are the entries' now. */
	free(paths.paths);

	return releases_read(folder, &catalog->releases);
}

const struct catalog_entry *catalog_find(const struct catalog *catalog, struct version version)
{
	const struct catalog_entry *entry;

	for (entry = catalog->list; entry < catalog->list + catalog->count; entry++) {
		if (entry->sound && entry->has_version &&
		    !version_compare(entry->version, version))
			return entry;
	}
	return NULL;
}

bool catalog_is_running(const struct catalog_entry *entry, const struct host *host)
{
	struct version running;

	return entry->has_version && host_version(&host->version, &running) &&
	       !version_compare(entry->version, running);
}

/* The sigstruct of the module that runs, if an image of it is in the folder. */
static const struct seam_sigstruct *running_sigstruct(const struct catalog *catalog,
						      const struct host *host)
{
	const struct catalog_entry *entry;
	struct version running;

	if (!host_version(&host->version, &running))
		return NULL;
	entry = catalog_find(catalog, running);
	return entry && sigstruct_known(&entry->sigstruct) ? &entry->sigstruct : NULL;
}

/**
 * catalog_check() - Add what a host would say to an image
 * @catalog: what is known; may be empty
 * @host: the host
 * @path: the image's name
 * @image: the image, which need not be in the folder
 * @findings: added to
 */
void catalog_check(const struct catalog *catalog, const struct host *host, const char *path,
		   const struct image *image, struct findings *findings)
{
	struct preflight preflight = {
		.image = image,
		.host = host,
		.releases = &catalog->releases,
		.running = running_sigstruct(catalog, host),
	};
	struct version version;

	if (list_image_version(path, image, &version))
		preflight.version = &version;
	preflight_check(&preflight, findings);
}

void catalog_judge(struct catalog *catalog, const struct host *host)
{
	struct catalog_entry *entry;

	for (entry = catalog->list; entry < catalog->list + catalog->count; entry++) {
		if (entry->sound)
			catalog_check(catalog, host, entry->path, &entry->image,
				      &entry->findings);
	}
}

void catalog_free(struct catalog *catalog)
{
	struct catalog_entry *entry;

	for (entry = catalog->list; entry < catalog->list + catalog->count; entry++) {
		findings_free(&entry->findings);
		free(entry->path);
	}
	free(catalog->list);
	releases_free(&catalog->releases);
	*catalog = (struct catalog){ 0 };
}

/* Whether TDs survive is another question. */
bool catalog_fits(const struct catalog_entry *entry)
{
	size_t i;

	for (i = 0; i < entry->findings.count; i++) {
		if (entry->findings.list[i].outcome == OUTCOME_FAIL &&
		    strcmp(entry->findings.list[i].check, PREFLIGHT_POLICY))
			return false;
	}
	return true;
}

enum outcome catalog_preserves_tds(const struct catalog_entry *entry)
{
	return findings_outcome(&entry->findings, PREFLIGHT_POLICY);
}

/* Of those that are known to preserve TDs. */
static const struct catalog_entry *newest(const struct catalog *catalog, bool fitting)
{
	const struct catalog_entry *entry, *found = NULL;

	for (entry = catalog->list; entry < catalog->list + catalog->count; entry++) {
		if (!entry->has_version || catalog_fits(entry) != fitting ||
		    catalog_preserves_tds(entry) != OUTCOME_OK)
			continue;
		if (!found || version_compare(entry->version, found->version) > 0)
			found = entry;
	}
	return found;
}

const struct catalog_entry *catalog_newest(const struct catalog *catalog)
{
	return newest(catalog, true);
}

/* To say what stands in the way, when there is no other. */
const struct catalog_entry *catalog_newest_refused(const struct catalog *catalog)
{
	return newest(catalog, false);
}
