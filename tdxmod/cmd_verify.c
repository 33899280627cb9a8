// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxmod verify: is this file what its maker signed?
 */
#include <err.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "command.h"
#include "file.h"
#include "list.h"
#include "verify.h"

struct verify_request {
	bool require_intel;
	/* NULL for plain text. */
	struct json_object *json;
};

static void verify_bytes(const void *blob, size_t size, struct findings *findings)
{
	enum image_fault fault;
	struct image image;

	fault = image_parse(blob, size, &image);
	if (fault)
		findings_add(findings, OUTCOME_FAIL, "structure", "%s", image_fault_text(fault));
	else
		verify_image(&image, findings);
}

static void report(const struct verify_request *request, const char *path,
		   const struct findings *findings)
{
	struct json_object *item;

	if (!request->json) {
		findings_print(findings, path);
		return;
	}
	item = json_object_new_object();
	json_object_object_add(item, "file", json_object_new_string(path));
	json_object_object_add(item, "sound",
			       json_object_new_boolean(!findings_failed(findings)));
	json_object_object_add(item, "findings", findings_json(findings));
	json_object_array_add(request->json, item);
}

static bool verify_file(const struct verify_request *request, const char *path)
{
	struct findings findings = { 0 };
	size_t size;
	void *blob;
	bool sound;

	blob = file_read(path, TDX_BLOB_SIZE_MAX, &size);
	if (!blob)
		return false;

	verify_bytes(blob, size, &findings);
	if (request->require_intel)
		findings_change(&findings, "signer", OUTCOME_NOTE, OUTCOME_FAIL);
	sound = !findings_failed(&findings);
	report(request, path, &findings);

	findings_free(&findings);
	free(blob);
	return sound;
}

static bool verify_folder(const struct verify_request *request, const char *folder)
{
	struct path_list list;
	bool sound;
	size_t i;

	sound = list_images(folder, &list);
	if (sound && !list.count) {
		warnx("%s: no images", folder);
		sound = false;
	}
	for (i = 0; i < list.count; i++)
		sound &= verify_file(request, list.paths[i]);
	path_list_free(&list);
	return sound;
}

static bool verify_path(const struct verify_request *request, const char *path)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return verify_folder(request, path);
	return verify_file(request, path);
}

static enum exit_code verify(const struct command *command, int argc, char **argv)
{
	enum { OPT_REQUIRE_INTEL = 0x100, OPT_JSON };
	static const struct option options[] = {
		{ "require-intel", no_argument, NULL, OPT_REQUIRE_INTEL },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct verify_request request = { 0 };
	bool json = false, sound = true;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case OPT_REQUIRE_INTEL:
			request.require_intel = true;
			break;
		case OPT_JSON:
			json = true;
			break;
		case 'h':
			return command_help(command);
		default:
			return command_misused(command, NULL);
		}
	}
	if (optind == argc)
		return command_misused(command, "expected a file or a folder");

	if (json)
		request.json = json_object_new_array();
	for (; optind < argc; optind++)
		sound &= verify_path(&request, argv[optind]);
	if (json) {
		command_print_json(request.json);
		json_object_put(request.json);
	}
	return sound ? EXIT_DONE : EXIT_REFUSED;
}

const struct command cmd_verify = {
	.name = "verify",
	.arguments = "[--json] [--require-intel] FILE|DIR...",
	.purpose = "Check structure, checksum, hash, signature and signer of images",
	.options =
	"      --json             findings as JSON\n"
	"      --require-intel    refuse images that Intel's production key did not sign\n",
	.run = verify,
};
