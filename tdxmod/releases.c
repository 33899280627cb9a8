// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading and asking the list of releases.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exits.h"
#include "file.h"
#include "releases.h"

/* Far more than the list will ever need. */
#define RELEASES_SIZE_MAX	(1U << 20)

static bool get_version(struct json_object *object, const char *name, struct version *version)
{
	struct json_object *text;

	return json_object_object_get_ex(object, name, &text) &&
	       json_object_is_type(text, json_type_string) &&
	       version_parse(json_object_get_string(text), version);
}

static bool get_features(struct json_object *object, uint64_t *features)
{
	struct json_object *value;
	const char *text;
	char *end;

	if (!json_object_object_get_ex(object, "tdx_feature0", &value) ||
	    !json_object_is_type(value, json_type_string))
		return false;

	text = json_object_get_string(value);
	errno = 0;
	*features = strtoull(text, &end, 0);
	return isdigit((unsigned char)*text) && !errno && !*end;
}

static bool get_seamldr_versions(struct json_object *object, struct release *release)
{
	struct json_object *list, *text;
	size_t count, i;

	if (!json_object_object_get_ex(object, "min_seamldr_versions", &list) ||
	    !json_object_is_type(list, json_type_array))
		return false;

	count = json_object_array_length(list);
	release->min_seamldr_versions = calloc(count + 1, sizeof(struct version));
	if (!release->min_seamldr_versions)
		err(EXIT_RETRY, RELEASES_FILE);
	for (i = 0; i < count; i++) {
		text = json_object_array_get_idx(list, i);
		if (!json_object_is_type(text, json_type_string) ||
		    !version_parse(json_object_get_string(text),
				   &release->min_seamldr_versions[i]))
			return false;
	}
	release->nr_min_seamldr_versions = count;
	return true;
}

static const char *parse_release(struct json_object *object, struct release *release)
{
	if (!json_object_is_type(object, json_type_object))
		return "a release is not an object";
	if (!get_version(object, "version", &release->version))
		return "a release has no valid version";
	if (!get_version(object, "min_module_version_for_td_preserving",
			 &release->min_module_version_for_td_preserving))
		return "a release has no valid min_module_version_for_td_preserving";
	if (!get_seamldr_versions(object, release))
		return "a release has no valid min_seamldr_versions";
	if (!get_features(object, &release->tdx_feature0))
		return "a release has no valid tdx_feature0";
	return NULL;
}

static const char *parse_list(struct json_object *root, struct releases *releases)
{
	struct json_object *list;
	const char *wrong;
	size_t count, i;

	if (!json_object_is_type(root, json_type_object) ||
	    !json_object_object_get_ex(root, "tdx_module_releases", &list) ||
	    !json_object_is_type(list, json_type_array))
		return "there is no array tdx_module_releases";

	count = json_object_array_length(list);
	releases->list = calloc(count + 1, sizeof(*releases->list));
	if (!releases->list)
		err(EXIT_RETRY, RELEASES_FILE);
	for (i = 0; i < count; i++) {
		releases->count++;
		wrong = parse_release(json_object_array_get_idx(list, i), &releases->list[i]);
		if (wrong)
			return wrong;
	}
	return NULL;
}

/**
 * releases_parse() - Parse the text of a list
 * @text: JSON
 * @releases: to be freed, also after a failure
 * @wrong: what is wrong, after a failure
 */
bool releases_parse(const char *text, struct releases *releases, const char **wrong)
{
	enum json_tokener_error error;
	struct json_object *root;

	*releases = (struct releases){ 0 };
	root = json_tokener_parse_verbose(text, &error);
	*wrong = root ? parse_list(root, releases) : json_tokener_error_desc(error);
	json_object_put(root);
	return !*wrong;
}

static bool read_file(const char *path, struct releases *releases)
{
	const char *wrong;
	size_t size;
	char *text;
	bool valid;

	text = file_read(path, RELEASES_SIZE_MAX, &size);
	if (!text)
		return false;
	if (size > RELEASES_SIZE_MAX) {
		warnx("%s: too long for a list of releases", path);
		free(text);
		return false;
	}

	/* There is room: file_read() allows for one byte more. */
	text[size] = '\0';
	valid = releases_parse(text, releases, &wrong);
	if (!valid) {
		warnx("%s: %s", path, wrong);
		releases_free(releases);
	}
	free(text);
	return valid;
}

bool releases_read(const char *folder, struct releases *releases)
{
	bool done = true;
	char *path;

	*releases = (struct releases){ 0 };
	if (asprintf(&path, "%s/" RELEASES_FILE, folder) < 0)
		err(EXIT_RETRY, "%s", folder);
	if (!access(path, F_OK) || errno != ENOENT)
		done = read_file(path, releases);
	free(path);
	return done;
}

void releases_free(struct releases *releases)
{
	size_t i;

	for (i = 0; i < releases->count; i++)
		free(releases->list[i].min_seamldr_versions);
	free(releases->list);
	*releases = (struct releases){ 0 };
}

const struct release *releases_find(const struct releases *releases, struct version version)
{
	size_t i;

	for (i = 0; i < releases->count; i++) {
		if (!version_compare(releases->list[i].version, version))
			return &releases->list[i];
	}
	return NULL;
}

static bool same_series(struct version a, struct version b)
{
	return a.major == b.major && a.minor == b.minor;
}

/**
 * release_preserves_tds() - Does an update to a release keep TDs as they are?
 * @release: the release to come
 * @running: version of the module that runs
 *
 * Intel lists from which version on of the same series; it says nothing of
 * ways back to an older one.
 */
bool release_preserves_tds(const struct release *release, struct version running)
{
	return same_series(release->version, running) &&
	       version_compare(running, release->min_module_version_for_td_preserving) >= 0 &&
	       version_compare(running, release->version) <= 0;
}

bool release_takes_seamldr(const struct release *release, struct version seamldr)
{
	size_t i;

	for (i = 0; i < release->nr_min_seamldr_versions; i++) {
		if (same_series(release->min_seamldr_versions[i], seamldr) &&
		    version_compare(seamldr, release->min_seamldr_versions[i]) >= 0)
			return true;
	}
	return false;
}
