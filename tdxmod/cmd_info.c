// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxmod info: what the header and the sigstruct of an image say.  Both forms
 * of output are made from one JSON object, so that they cannot disagree.
 */
#include <endian.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "cpu.h"
#include "crypto.h"
#include "file.h"
#include "list.h"

#define HEX_TEXT_SIZE	sizeof("0x0123456789abcdef")

static void add_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, text ? json_object_new_string(text) : NULL);
}

static void add_number(struct json_object *object, const char *name, uint64_t number)
{
	json_object_object_add(object, name, json_object_new_uint64(number));
}

static void add_bool(struct json_object *object, const char *name, bool value)
{
	json_object_object_add(object, name, json_object_new_boolean(value));
}

static void add_hex(struct json_object *object, const char *name, uint64_t number)
{
	char text[HEX_TEXT_SIZE];

	snprintf(text, sizeof(text), "%#llx", (unsigned long long)number);
	add_text(object, name, text);
}

static void add_hash(struct json_object *object, const char *name,
		     const uint8_t hash[SIGSTRUCT_HASH_SIZE])
{
	char text[HASH_TEXT_SIZE];

	crypto_hash_text(hash, text);
	add_text(object, name, text);
}

static const char *checksum_text(enum image_checksum checksum)
{
	switch (checksum) {
	case IMAGE_CHECKSUM_GOOD:
		return "good";
	case IMAGE_CHECKSUM_NOT_FILLED:
		return "not filled";
	default:
		return "wrong";
	}
}

static void add_header(struct json_object *info, const char *path, const struct image *image)
{
	json_object_object_add(info, "file", command_json_path(path));
	add_hex(info, "format", image->version);
	add_number(info, "size", image->size);
	add_hex(info, "checksum", image_checksum_field(image));
	add_text(info, "checksum_state", checksum_text(image_checksum(image)));
	add_number(info, "sigstruct_pages", image->sigstruct_nr_pages);
	add_number(info, "module_pages", image->module_nr_pages);
	add_bool(info, "test_image", image_is_test(image));
}

static void add_version(struct json_object *info, const char *path, const struct image *image)
{
	char text[VERSION_TEXT_SIZE];
	struct version version;
	bool signed_version = sigstruct_version(image->sigstruct, &version);

	if (!list_image_version(path, image, &version)) {
		add_text(info, "version", NULL);
		return;
	}
	version_format(version, text);
	add_text(info, "version", text);
	add_text(info, "version_from", signed_version ? "sigstruct" : "file name");
}

static void add_date(struct json_object *info, const struct seam_sigstruct *sigstruct)
{
	char digits[sizeof("01234567")], text[sizeof("0123-45-67")];

	snprintf(digits, sizeof(digits), "%08x", le32toh(sigstruct->date));
	snprintf(text, sizeof(text), "%.4s-%.2s-%.2s", digits, digits + 4, digits + 6);
	add_text(info, "date", text);
}

static void add_svn(struct json_object *info, const struct seam_sigstruct *sigstruct)
{
	char text[sizeof("255.255")];

	snprintf(text, sizeof(text), "%u.%u", sigstruct_svn_major(sigstruct),
		 sigstruct_svn_minor(sigstruct));
	add_text(info, "svn", text);
}

static void add_signer(struct json_object *info, const struct seam_sigstruct *sigstruct)
{
	uint8_t hash[SIGSTRUCT_HASH_SIZE];

	crypto_signer(sigstruct, hash);
	add_hash(info, "signer", hash);
	add_text(info, "signer_name",
		 crypto_signer_is_intel(hash) ? "Intel production" : "other");
}

static struct json_object *cpu_object(uint32_t signature)
{
	struct json_object *cpu = json_object_new_object();

	add_hex(cpu, "signature", signature);
	add_number(cpu, "family", cpu_family(signature));
	add_number(cpu, "model", cpu_model(signature));
	add_number(cpu, "stepping", cpu_stepping(signature));
	add_text(cpu, "product", cpu_product(signature));
	return cpu;
}

static void add_cpus(struct json_object *info, const struct seam_sigstruct *sigstruct)
{
	struct json_object *cpus = json_object_new_array();
	unsigned int i;

	for (i = 0; i < sigstruct_nr_cpus(sigstruct); i++)
		json_object_array_add(cpus, cpu_object(le32toh(sigstruct->cpuid_table[i])));
	json_object_object_add(info, "cpus", cpus);
}

/* All number fields as they stand. */
static void add_fields(struct json_object *info, const struct seam_sigstruct *sigstruct)
{
	struct json_object *fields = json_object_new_object();
	const struct sigstruct_field *field;

	for (field = sigstruct_fields; field->name; field++) {
		if (field->kind == SIGSTRUCT_NUMBER)
			add_hex(fields, field->name, sigstruct_get(sigstruct, field));
	}
	json_object_object_add(info, "sigstruct", fields);
}

static struct json_object *info_object(const char *path, const struct image *image)
{
	const struct seam_sigstruct *sigstruct = image->sigstruct;
	struct json_object *info = json_object_new_object();

	add_header(info, path, image);
	if (!sigstruct_known(sigstruct)) {
		add_hex(info, "unknown_header_version", le32toh(sigstruct->header_version));
		return info;
	}

	add_version(info, path, image);
	add_text(info, "module_type", sigstruct_debug(sigstruct) ? "debug" : "production");
	add_date(info, sigstruct);
	add_svn(info, sigstruct);
	add_number(info, "module_hv", le16toh(sigstruct->module_hv));
	add_number(info, "min_update_hv", le16toh(sigstruct->min_update_hv));
	add_bool(info, "no_downgrade", sigstruct->no_downgrade);
	/* Page counts are stored less one. */
	add_number(info, "handoff_pages", le16toh(sigstruct->num_handoff_pages) + 1U);
	add_hash(info, "seamhash", sigstruct->seamhash);
	add_signer(info, sigstruct);
	add_cpus(info, sigstruct);
	add_fields(info, sigstruct);
	return info;
}

static void print_cpu(struct json_object *cpu)
{
	const char *product = json_object_get_string(json_object_object_get(cpu, "product"));

	printf("cpu: %s family %d model %#x stepping %d%s%s\n",
	       json_object_get_string(json_object_object_get(cpu, "signature")),
	       json_object_get_int(json_object_object_get(cpu, "family")),
	       json_object_get_int(json_object_object_get(cpu, "model")),
	       json_object_get_int(json_object_object_get(cpu, "stepping")),
	       product ? " " : "", product ? product : "");
}

static void print_cpus(struct json_object *cpus)
{
	size_t i;

	for (i = 0; i < json_object_array_length(cpus); i++)
		print_cpu(json_object_array_get_idx(cpus, i));
}

static void print_fields(struct json_object *fields)
{
	json_object_object_foreach(fields, name, value)
		printf("sigstruct.%s: %s\n", name, json_object_get_string(value));
}

static void print_info(struct json_object *info)
{
	json_object_object_foreach(info, name, value) {
		if (json_object_is_type(value, json_type_array))
			print_cpus(value);
		else if (json_object_is_type(value, json_type_object))
			print_fields(value);
		else
			printf("%s: %s\n", name, value ? json_object_get_string(value) : "unknown");
	}
}

static bool info_file(const char *path, struct json_object *list)
{
	struct image image;
	void *blob;

	blob = file_read_image(path, &image);
	if (!blob)
		return false;
	json_object_array_add(list, info_object(path, &image));
	free(blob);
	return true;
}

static void print_list(struct json_object *list)
{
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		if (i)
			putchar('\n');
		print_info(json_object_array_get_idx(list, i));
	}
}

static enum exit_code info(const struct command *command, int argc, char **argv)
{
	bool json = false, done = true;
	const struct command_option options[] = {
		{ "json", .flag = &json },
		{ }
	};
	struct json_object *list;
	enum exit_code code;

	if (!command_options(command, options, argc, argv, &code))
		return code;
	if (optind == argc)
		return command_misused(command, "expected a file");

	list = json_object_new_array();
	for (; optind < argc; optind++)
		done &= info_file(argv[optind], list);
	if (json)
		command_print_json(list);
	else
		print_list(list);
	json_object_put(list);
	return done ? EXIT_DONE : EXIT_REFUSED;
}

const struct command cmd_info = {
	.name = "info",
	.arguments = "[--json] FILE...",
	.purpose = "Print what the header and the sigstruct of images say",
	.options = "      --json    an array with an object per image\n",
	.run = info,
};
