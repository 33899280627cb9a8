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
#include "list.h"
#include "verify.h"

struct verify_request {
	bool require_intel;
	/* NULL for plain text. */
	struct json_object *json;
};

static void report(const struct verify_request *request, const char *path,
		   const struct findings *findings)
{
	struct json_object *item;

	if (!request->json) {
		findings_print(findings, path);
		return;
	}
	item = json_object_new_object();
	json_object_object_add(item, "file", command_json_path(path));
	json_object_object_add(item, "sound",
			       json_object_new_boolean(!findings_failed(findings)));
	json_object_object_add(item, "findings", findings_json(findings));
	json_object_array_add(request->json, item);
}

static bool verify_file(const struct verify_request *request, const char *path)
{
	struct findings findings = { 0 };
	struct image image;
	bool sound;

	free(verify_read(path, &image, &findings));
	if (request->require_intel)
		findings_change(&findings, "signer", OUTCOME_NOTE, OUTCOME_FAIL);
	sound = !findings_failed(&findings);
	report(request, path, &findings);

	findings_free(&findings);
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
	struct verify_request request = { 0 };
	bool json = false, sound = true;
	const struct command_option options[] = {
		{ "json", .flag = &json },
		{ "require-intel", .flag = &request.require_intel },
		{ }
	};
	enum exit_code code;

	if (!command_options(command, options, argc, argv, &code))
		return code;
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
