// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxmod check: would this host take an image, and why not?
 */
#include <err.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalog.h"
#include "command.h"
#include "file.h"
#include "verify.h"

struct check_request {
	const char *path;
	const char *releases;
	bool json;
};

static void print_findings(const struct check_request *request,
			   const struct findings *findings)
{
	struct json_object *object;

	if (!request->json) {
		findings_print(findings, request->path);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "file", json_object_new_string(request->path));
	json_object_object_add(object, "accepted",
			       json_object_new_boolean(!findings_failed(findings)));
	json_object_object_add(object, "findings", findings_json(findings));
	command_print_json(object);
	json_object_put(object);
}

static void check_image(const struct check_request *request, const struct image *image,
			const struct catalog *catalog, const struct host *host,
			struct findings *findings)
{
	struct preflight preflight = {
		.image = image,
		.host = host,
		.releases = &catalog->releases,
		.running = catalog_running(catalog, host),
	};
	struct version version;

	if (list_image_version(request->path, image, &version))
		preflight.version = &version;
	verify_image(image, findings);
	preflight_check(&preflight, findings);
}

static enum exit_code check_file(const struct check_request *request, const struct host *host)
{
	struct findings findings = { 0 };
	struct catalog catalog = { 0 };
	enum exit_code code;
	struct image image;
	void *blob;

	blob = file_read_image(request->path, &image);
	if (!blob)
		return EXIT_REFUSED;
	if (request->releases && !catalog_read(request->releases, &catalog)) {
		code = EXIT_REFUSED;
	} else {
		check_image(request, &image, &catalog, host, &findings);
		print_findings(request, &findings);
		code = findings_failed(&findings) ? EXIT_REFUSED : EXIT_DONE;
	}

	findings_free(&findings);
	catalog_free(&catalog);
	free(blob);
	return code;
}

static enum exit_code check(const struct command *command, int argc, char **argv)
{
	enum { OPT_JSON = 0x100, OPT_SYSFS, OPT_CPU, OPT_RELEASES };
	static const struct option options[] = {
		{ "json", no_argument, NULL, OPT_JSON },
		{ "sysfs", required_argument, NULL, OPT_SYSFS },
		{ "cpu", required_argument, NULL, OPT_CPU },
		{ "releases", required_argument, NULL, OPT_RELEASES },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *sysfs = SYSFS_ROOT, *cpus = NULL;
	struct check_request request = { 0 };
	struct host host = { 0 };
	enum exit_code code;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case OPT_JSON:
			request.json = true;
			break;
		case OPT_SYSFS:
			sysfs = optarg;
			break;
		case OPT_CPU:
			cpus = optarg;
			break;
		case OPT_RELEASES:
			request.releases = optarg;
			break;
		case 'h':
			return command_help(command);
		default:
			return command_misused(command, NULL);
		}
	}
	if (argc - optind != 1)
		return command_misused(command, "expected one image");
	if (!command_read_host(&host, sysfs, cpus))
		return command_misused(command, "'%s' is not a list of CPU signatures", cpus);

	request.path = argv[optind];
	if (host_has_tdx(&host)) {
		code = check_file(&request, &host);
	} else {
		warnx("%s", NO_TDX_TEXT);
		code = EXIT_UNSUPPORTED;
	}
	host_free(&host);
	return code;
}

const struct command cmd_check = {
	.name = "check",
	.arguments = "[--json] [--releases DIR] [--cpu LIST] [--sysfs DIR] FILE",
	.purpose = "Say whether this host would take an image, without uploading it",
	.options =
	"      --json            findings as JSON\n"
	"      --releases DIR    folder with Intel's list of releases and images\n"
	"      --cpu LIST        CPUID.1:EAX values to take in place of this host's\n"
	"      --sysfs DIR       where sysfs is mounted (/sys)\n",
	.run = check,
};
