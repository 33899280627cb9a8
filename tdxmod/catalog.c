// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a folder of images and choosing among them.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "exits.h"
#include "file.h"
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
	enum image_fault fault;
	size_t size;
	void *blob;

	entry->path = path;
	blob = file_read(path, TDX_BLOB_SIZE_MAX, &size);
	if (!blob) {
		findings_add(&entry->findings, OUTCOME_FAIL, "structure", "cannot be read");
		return;
	}

	fault = image_parse(blob, size, &entry->image);
	if (fault) {
		findings_add(&entry->findings, OUTCOME_FAIL, "structure", "%s",
			     image_fault_text(fault));
	} else {
		verify_image(&entry->image, &entry->findings);
		entry->has_version = list_image_version(path, &entry->image, &entry->version);
		keep_sigstruct(entry);
		entry->sound = !findings_failed(&entry->findings);
	}
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
	if (!list_images(folder, &paths))
		return false;

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

/* The sigstruct of the module that runs, if an image of it is in the folder. */
const struct seam_sigstruct *catalog_running(const struct catalog *catalog,
					     const struct host *host)
{
	const struct catalog_entry *entry;
	struct version running;

	if (!host_version(&host->version, &running))
		return NULL;
	entry = catalog_find(catalog, running);
	return entry && sigstruct_known(&entry->sigstruct) ? &entry->sigstruct : NULL;
}

void catalog_judge(struct catalog *catalog, const struct host *host)
{
	struct preflight preflight = {
		.host = host,
		.releases = &catalog->releases,
		.running = catalog_running(catalog, host),
	};
	struct catalog_entry *entry;

	for (entry = catalog->list; entry < catalog->list + catalog->count; entry++) {
		if (!entry->sound)
			continue;
		preflight.image = &entry->image;
		preflight.version = entry->has_version ? &entry->version : NULL;
		preflight_check(&preflight, &entry->findings);
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
