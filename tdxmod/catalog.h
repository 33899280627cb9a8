/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A folder of images with its list of releases, and the choice among them.
 */
#ifndef TDXMOD_CATALOG_H
#define TDXMOD_CATALOG_H

#include "list.h"
#include "preflight.h"

struct catalog_entry {
	char *path;
	/* Its pages are not kept: only the sigstruct can be looked at. */
	struct image image;
	struct seam_sigstruct sigstruct;
	bool has_version;
	struct version version;
	/* Of the image alone at first, with the host's added later. */
	struct findings findings;
	bool sound;
};

struct catalog {
	struct catalog_entry *list;
	size_t count;
	struct releases releases;
};

bool catalog_read(const char *folder, struct catalog *catalog);
void catalog_judge(struct catalog *catalog, const struct host *host);
void catalog_check(const struct catalog *catalog, const struct host *host, const char *path,
		   const struct image *image, struct findings *findings);
void catalog_free(struct catalog *catalog);

const struct catalog_entry *catalog_find(const struct catalog *catalog, struct version version);
const struct catalog_entry *catalog_newest(const struct catalog *catalog);
const struct catalog_entry *catalog_newest_refused(const struct catalog *catalog);

bool catalog_is_running(const struct catalog_entry *entry, const struct host *host);
bool catalog_fits(const struct catalog_entry *entry);
enum outcome catalog_preserves_tds(const struct catalog_entry *entry);

#endif
