// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxmod list: the images of a folder, which ones fit this host, and which is
 * the newest that preserves TDs.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "command.h"

static const char *host_word(const struct catalog_entry *entry, const struct host *host)
{
	if (!entry->sound)
		return "damaged";
	if (!catalog_fits(entry))
		return "refuses";
	return host_has_tdx(host) ? "takes" : "unknown";
}

static const char *tds_word(const struct catalog_entry *entry)
{
	switch (catalog_preserves_tds(entry)) {
	case OUTCOME_OK:
		return "kept";
	case OUTCOME_FAIL:
		return "at-risk";
	default:
		return "unknown";
	}
}

static int newest_first(const void *a, const void *b)
{
	const struct catalog_entry *one = a, *other = b;
	int order;

	order = other->has_version - one->has_version;
	if (!order && one->has_version)
		order = version_compare(other->version, one->version);
	return order ?: strcmp(one->path, other->path);
}

/* Entries point into themselves. */
static void sort_newest_first(struct catalog *catalog)
{
	struct catalog_entry *entry;

	if (!catalog->count)
		return;
	qsort(catalog->list, catalog->count, sizeof(*catalog->list), newest_first);
	for (entry = catalog->list; entry < catalog->list + catalog->count; entry++) {
		if (entry->image.sigstruct)
			entry->image.sigstruct = &entry->sigstruct;
	}
}

static void print_entry(const struct catalog_entry *entry, const struct host *host)
{
	char version[VERSION_TEXT_SIZE] = "-", svn[sizeof("255.255")] = "-";

	if (entry->has_version)
		version_format(entry->version, version);
	if (entry->sound && sigstruct_known(&entry->sigstruct))
		snprintf(svn, sizeof(svn), "%u.%u", sigstruct_svn_major(&entry->sigstruct),
			 sigstruct_svn_minor(&entry->sigstruct));
	printf("%-10s %-7s %-8s %-8s %s%s\n", version, svn, host_word(entry, host),
	       tds_word(entry), entry->path, catalog_is_running(entry, host) ? " (running)" : "");
}

static void print_catalog(const struct catalog *catalog, const struct host *host)
{
	const struct catalog_entry *entry, *newest = catalog_newest(catalog);

	printf("%-10s %-7s %-8s %-8s %s\n", "VERSION", "SVN", "HOST", "TDS", "FILE");
	for (entry = catalog->list; entry < catalog->list + catalog->count; entry++)
		print_entry(entry, host);
	printf("newest that preserves TDs: %s\n", newest ? newest->path : "none");
}

static struct json_object *entry_json(const struct catalog_entry *entry,
				      const struct host *host)
{
	struct json_object *object = json_object_new_object(), *version_object = NULL;
	char version[VERSION_TEXT_SIZE];

	if (entry->has_version) {
		version_format(entry->version, version);
		version_object = json_object_new_string(version);
	}
	json_object_object_add(object, "file", command_json_path(entry->path));
	json_object_object_add(object, "version", version_object);
	json_object_object_add(object, "running",
			       json_object_new_boolean(catalog_is_running(entry, host)));
	json_object_object_add(object, "host",
			       json_object_new_string(host_word(entry, host)));
	json_object_object_add(object, "tds", json_object_new_string(tds_word(entry)));
	json_object_object_add(object, "findings", findings_json(&entry->findings));
	return object;
}

static void print_json(const struct catalog *catalog, const struct host *host)
{
	struct json_object *root = json_object_new_object();
	struct json_object *images = json_object_new_array();
	const struct catalog_entry *entry, *newest = catalog_newest(catalog);

	for (entry = catalog->list; entry < catalog->list + catalog->count; entry++)
		json_object_array_add(images, entry_json(entry, host));
	json_object_object_add(root, "images", images);
	json_object_object_add(root, "newest_preserving_tds",
			       newest ? command_json_path(newest->path) : NULL);
	command_print_json(root);
	json_object_put(root);
}

static enum exit_code list_folder(const char *folder, const struct host *host, bool json)
{
	struct catalog catalog;
	bool done;

	done = catalog_read(folder, &catalog);
	if (done) {
		sort_newest_first(&catalog);
		catalog_judge(&catalog, host);
		if (json)
			print_json(&catalog, host);
		else
			print_catalog(&catalog, host);
	}
	catalog_free(&catalog);
	return done ? EXIT_DONE : EXIT_REFUSED;
}

static enum exit_code list(const struct command *command, int argc, char **argv)
{
	const char *sysfs = SYSFS_ROOT, *cpus = NULL;
	bool json = false;
	const struct command_option options[] = {
		{ "json", .flag = &json },
		{ "cpu", .text = &cpus },
		{ "sysfs", .text = &sysfs },
		{ }
	};
	struct host host = { 0 };
	enum exit_code code;

	if (!command_options(command, options, argc, argv, &code))
		return code;
	if (argc - optind != 1)
		return command_misused(command, "expected one folder");
	if (!command_read_host(&host, sysfs, cpus))
		return command_misused(command, "'%s' is not a list of CPU signatures", cpus);

	code = list_folder(argv[optind], &host, json);
	host_free(&host);
	return code;
}

const struct command cmd_list = {
	.name = "list",
	.arguments = "[--json] [--cpu LIST] [--sysfs DIR] DIR",
	.purpose = "List the images of a folder and say which ones fit this host",
	.options =
	"      --json         all findings about each image\n"
	"      --cpu LIST     CPUID.1:EAX values to take in place of this host's\n"
	"      --sysfs DIR    where sysfs is mounted (/sys)\n",
	.run = list,
};
