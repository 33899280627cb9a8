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
	json_object_object_add(object, "file", command_json_path(request->path));
	json_object_object_add(object, "accepted",
			       json_object_new_boolean(!findings_failed(findings)));
	json_object_object_add(object, "findings", findings_json(findings));
	command_print_json(object);
	json_object_put(object);
}

static enum exit_code judge(const struct check_request *request, const struct host *host,
			    const struct catalog *catalog)
{
	struct findings findings = { 0 };
	struct image image;
	bool accepted;
	void *blob;

	blob = verify_read(request->path, &image, &findings);
	if (blob)
		catalog_check(catalog, host, request->path, &image, &findings);
	/* Neither kernel nor firmware looks at it. */
	findings_change(&findings, "checksum", OUTCOME_FAIL, OUTCOME_NOTE);
	print_findings(request, &findings);
	accepted = !findings_failed(&findings);

	findings_free(&findings);
	free(blob);
	return accepted ? EXIT_DONE : EXIT_REFUSED;
}

static enum exit_code check_file(const struct check_request *request, const struct host *host)
{
	struct catalog catalog = { 0 };
	enum exit_code code;

	if (!host_has_tdx(host)) {
		warnx("%s", NO_TDX_TEXT);
		return EXIT_UNSUPPORTED;
	}
	if (request->releases && !catalog_read(request->releases, &catalog))
		code = EXIT_REFUSED;
	else
		code = judge(request, host, &catalog);
	catalog_free(&catalog);
	return code;
}

static enum exit_code check(const struct command *command, int argc, char **argv)
{
	const char *sysfs = SYSFS_ROOT, *cpus = NULL;
	struct check_request request = { 0 };
	const struct command_option options[] = {
		{ "json", .flag = &request.json },
		{ "releases", .text = &request.releases },
		{ "cpu", .text = &cpus },
		{ "sysfs", .text = &sysfs },
		{ }
	};
	struct host host = { 0 };
	enum exit_code code;

	if (!command_options(command, options, argc, argv, &code))
		return code;
	if (argc - optind != 1)
		return command_misused(command, "expected one image");
	if (!command_read_host(&host, sysfs, cpus))
		return command_misused(command, "'%s' is not a list of CPU signatures", cpus);

	request.path = argv[optind];
	code = check_file(&request, &host);
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
