// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any text as a list of releases: what is accepted can be asked.
 */
#include <stdlib.h>
#include <string.h>

#include "releases.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void ask(const struct releases *releases)
{
	const struct release *release;

	for (release = releases->list; release < releases->list + releases->count; release++) {
		if (!releases_find(releases, release->version))
			abort();
		release_preserves_tds(release, release->version);
		release_takes_seamldr(release, release->version);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct releases releases;
	const char *wrong;
	char *text;

	text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, bytes, size);
	text[size] = '\0';

	if (releases_parse(text, &releases, &wrong))
		ask(&releases);
	releases_free(&releases);
	free(text);
	return 0;
}
