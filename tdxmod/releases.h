/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Intel's list of releases, mapping_file.json of the public TDX module
 * binaries: what the firmware does not enforce about updates.
 */
#ifndef TDXMOD_RELEASES_H
#define TDXMOD_RELEASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "version.h"

#define RELEASES_FILE	"mapping_file.json"

/* Of TDX_FEATURES0, see "TDX Module ABI Specification", global metadata. */
#define TDX_FEATURES0_TD_PRESERVING	(1ULL << 1)
#define TDX_FEATURES0_NO_RBP_MOD	(1ULL << 18)

struct release {
	struct version version;
	struct version min_module_version_for_td_preserving;
	struct version *min_seamldr_versions;
	size_t nr_min_seamldr_versions;
	uint64_t tdx_feature0;
};

struct releases {
	struct release *list;
	size_t count;
};

/* A folder without a list gives an empty one; false after a message. */
bool releases_read(const char *folder, struct releases *releases);
bool releases_parse(const char *text, struct releases *releases, const char **wrong);
void releases_free(struct releases *releases);

const struct release *releases_find(const struct releases *releases, struct version version);
bool release_preserves_tds(const struct release *release, struct version running);
bool release_takes_seamldr(const struct release *release, struct version seamldr);

#endif
