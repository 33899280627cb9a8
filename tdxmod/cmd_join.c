// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxmod join, tdxmod convert: images from the parts that Intel publishes, or
 * from an image in the other on-disk format.  Nothing that is signed changes.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "file.h"
#include "verify.h"

static bool write_parts(const struct image_parts *parts, const char *output)
{
	size_t size;
	void *blob;
	bool done;

	blob = image_build(parts, &size);
	if (!blob) {
		warn("%s", output);
		return false;
	}
	done = file_write(output, blob, size, FILE_MODE_PUBLIC);
	free(blob);
	return done;
}

static void *read_sigstruct(const char *path, struct image_parts *parts)
{
	size_t max = TDX_SIGSTRUCT_PAGES_MAX * TDX_PAGE_SIZE, size;
	void *sigstruct = file_read(path, max, &size);

	if (!sigstruct)
		return NULL;
	if (size < sizeof(struct seam_sigstruct) || size > max) {
		warnx("%s: a sigstruct has %zu to %zu bytes", path,
		      sizeof(struct seam_sigstruct), max);
		free(sigstruct);
		return NULL;
	}
	parts->sigstruct = sigstruct;
	parts->sigstruct_size = size;
	parts->sigstruct_nr_pages = (size + TDX_PAGE_SIZE - 1) / TDX_PAGE_SIZE;
	return sigstruct;
}

/* Parts of different modules would make an image that costs a host its TDs. */
static bool belong_together(const struct image_parts *parts)
{
	const struct seam_sigstruct *sigstruct = parts->sigstruct;

	return !sigstruct_known_layout(sigstruct) ||
	       verify_module_hash(sigstruct, parts->module,
				  (size_t)parts->module_nr_pages * TDX_PAGE_SIZE);
}

static bool join_files(const char *module_path, const char *sigstruct_path,
		       struct image_parts *parts, const char *output)
{
	void *module = file_read_module(module_path, &parts->module_nr_pages);
	void *sigstruct = module ? read_sigstruct(sigstruct_path, parts) : NULL;
	bool done = false;

	parts->module = module;
	if (sigstruct && !belong_together(parts))
		warnx("%s: is about another module than %s", sigstruct_path, module_path);
	else if (sigstruct)
		done = write_parts(parts, output);

	free(sigstruct);
	free(module);
	return done;
}

static enum exit_code join(const struct command *command, int argc, char **argv)
{
	const char *module = NULL, *sigstruct = NULL, *format = "2", *output = NULL;
	const struct command_option options[] = {
		{ "module", .text = &module },
		{ "sigstruct", .text = &sigstruct },
		{ "format", .text = &format },
		{ "output", 'o', .text = &output },
		{ }
	};
	struct image_parts parts = { 0 };
	enum exit_code code;

	if (!command_options(command, options, argc, argv, &code))
		return code;
	if (!command_format(format, &parts.version))
		return command_misused(command, "no format '%s'", format);
	if (!module || !sigstruct || !output || optind != argc)
		return command_misused(command, "expected --module, --sigstruct and -o");

	return join_files(module, sigstruct, &parts, output) ? EXIT_DONE : EXIT_REFUSED;
}

const struct command cmd_join = {
	.name = "join",
	.arguments = "--module FILE --sigstruct FILE [--format 1|2] -o FILE",
	.purpose = "Make an image from a module and its sigstruct",
	.options =
	"      --module FILE       module pages\n"
	"      --sigstruct FILE    2048 bytes, or whole pages\n"
	"      --format 1|2        on-disk format 0x100 or 0x200 (2)\n"
	"  -o, --output FILE       where the image goes\n",
	.run = join,
};

static bool convert_file(const char *input, enum tdx_blob_version version, const char *output)
{
	struct image_parts parts;
	struct image image;
	void *blob;
	bool done;

	blob = file_read_image(input, &image);
	if (!blob)
		return false;
	image_parts_of(&image, &parts);
	parts.version = version;
	done = write_parts(&parts, output);
	free(blob);
	return done;
}

static enum exit_code convert(const struct command *command, int argc, char **argv)
{
	const char *format = NULL, *output = NULL;
	const struct command_option options[] = {
		{ "format", .text = &format },
		{ "output", 'o', .text = &output },
		{ }
	};
	enum tdx_blob_version version;
	enum exit_code code;

	if (!command_options(command, options, argc, argv, &code))
		return code;
	if (format && !command_format(format, &version))
		return command_misused(command, "no format '%s'", format);
	if (!format || !output || argc - optind != 1)
		return command_misused(command, "expected --format, -o and one image");

	return convert_file(argv[optind], version, output) ? EXIT_DONE : EXIT_REFUSED;
}

const struct command cmd_convert = {
	.name = "convert",
	.arguments = "--format 1|2 FILE -o FILE",
	.purpose = "Write an image in the other on-disk format",
	.options =
	"      --format 1|2     on-disk format 0x100 or 0x200\n"
	"  -o, --output FILE    where the image goes\n",
	.run = convert,
};
