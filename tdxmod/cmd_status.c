// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxmod status: module, P-SEAMLDR, updates left, state, last error, and what
 * they mean.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "explain.h"

static void print_attribute(const char *name, const struct host_attribute *attribute)
{
	/* Not offered by this kernel. */
	if (attribute->error == ENOENT)
		return;
	if (attribute->error)
		printf("%s: unknown (%s)\n", name, host_text(attribute));
	else
		printf("%s: %s\n", name, attribute->text);
}

static void print_explanation(struct explanation explanation)
{
	printf("  meaning: %s\n", explanation.meaning);
	if (explanation.code != EXIT_DONE)
		printf("  what to do: %s\n", explanation.next);
}

static bool upload_failed(const struct host *host)
{
	return !host->error.error && host->error.text[0];
}

static void print_status(const struct host *host)
{
	print_attribute("TDX module", &host->version);
	print_attribute("P-SEAMLDR", &host->seamldr_version);
	print_attribute("updates left", &host->num_remaining_updates);
	if (!strcmp(host->num_remaining_updates.text, "0"))
		print_explanation(explain_no_updates);
	print_attribute("module state", &host->module_state);
	if (host_module_state(host) != MODULE_STATE_UNTOLD)
		print_explanation(explain_state(host));
	if (!host_takes_uploads(host)) {
		puts("update: not offered by this kernel and firmware");
		return;
	}
	print_attribute("update", &host->status);
	if (upload_failed(host)) {
		print_attribute("last update", &host->error);
		print_attribute("last error", &host->last_error);
		print_explanation(explain_failure(host));
	}
}

static void add_attribute(struct json_object *object, const char *name,
			  const struct host_attribute *attribute)
{
	json_object_object_add(object, name, attribute->error ? NULL :
			       json_object_new_string(attribute->text));
}

static void add_explanation(struct json_object *object, const char *name,
			    struct explanation explanation)
{
	struct json_object *parts = json_object_new_object();

	json_object_object_add(parts, "meaning", json_object_new_string(explanation.meaning));
	json_object_object_add(parts, "what_to_do", json_object_new_string(explanation.next));
	json_object_object_add(object, name, parts);
}

static void print_json(const struct host *host)
{
	struct json_object *object = json_object_new_object();

	add_attribute(object, "version", &host->version);
	add_attribute(object, "seamldr_version", &host->seamldr_version);
	add_attribute(object, "num_remaining_updates", &host->num_remaining_updates);
	add_attribute(object, "module_state", &host->module_state);
	add_attribute(object, "last_error", &host->last_error);
	add_attribute(object, "upload_status", &host->status);
	add_attribute(object, "upload_error", &host->error);
	add_explanation(object, "state", explain_state(host));
	if (upload_failed(host))
		add_explanation(object, "error", explain_failure(host));
	command_print_json(object);
	json_object_put(object);
}

static enum exit_code status(const struct command *command, int argc, char **argv)
{
	const char *sysfs = SYSFS_ROOT;
	bool json = false;
	const struct command_option options[] = {
		{ "json", .flag = &json },
		{ "sysfs", .text = &sysfs },
		{ }
	};
	struct host host = { 0 };
	enum exit_code code;

	if (!command_options(command, options, argc, argv, &code))
		return code;
	if (optind != argc)
		return command_misused(command, "expected options only");

	host_read(&host, sysfs);
	if (!host_has_tdx(&host)) {
		warnx("%s", NO_TDX_TEXT);
		return EXIT_UNSUPPORTED;
	}
	if (json)
		print_json(&host);
	else
		print_status(&host);
	return EXIT_DONE;
}

const struct command cmd_status = {
	.name = "status",
	.arguments = "[--json] [--sysfs DIR]",
	.purpose = "Print what runs, in which state it is, and what that means",
	.options =
	"      --json         an object; null is what this kernel or user cannot tell\n"
	"      --sysfs DIR    where sysfs is mounted (/sys)\n",
	.run = status,
};
