// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options, help, complaints about wrong use, numbers on the command line.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum exit_code command_help(const struct command *command)
{
	printf("usage: tdxmod %s %s\n%s.\n\n%s", command->name, command->arguments,
	       command->purpose, command->options);
	return EXIT_DONE;
}

/* Without a format, getopt_long() has complained already. */
enum exit_code command_misused(const struct command *command, const char *format, ...)
{
	va_list args;

	if (format) {
		fprintf(stderr, "tdxmod %s: ", command->name);
		va_start(args, format);
		vfprintf(stderr, format, args);
		va_end(args);
		fputc('\n', stderr);
	}
	fprintf(stderr, "Try 'tdxmod %s --help'.\n", command->name);
	return EXIT_USAGE;
}

#define LETTERS		"o:h"
#define OPTIONS_MAX	10
#define FIRST_VALUE	0x100

static int option_value(const struct command_option *options, size_t i)
{
	return options[i].letter ?: FIRST_VALUE + (int)i;
}

static const struct command_option *find_option(const struct command_option *options, int value)
{
	size_t i;

	for (i = 0; options[i].name; i++) {
		if (option_value(options, i) == value)
			return &options[i];
	}
	return NULL;
}

static void fill_names(const struct command_option *options, struct option *names)
{
	size_t i;

	for (i = 0; options[i].name; i++)
		names[i] = (struct option) {
			.name = options[i].name,
			.has_arg = options[i].text ? required_argument : no_argument,
			.val = option_value(options, i),
		};
	names[i] = (struct option){ .name = "help", .val = 'h' };
}

/**
 * command_options() - Take the options, by getopt_long(), which sets optind
 * @command: whose options they are
 * @options: at most OPTIONS_MAX of them; --help need not be among them
 * @argc: as main() got them, but for
 * @argv: the command's name
 * @code: how the command ends, if it ends here
 *
 * Return: false after help, or after a complaint about wrong use.
 */
bool command_options(const struct command *command, const struct command_option *options,
		     int argc, char **argv, enum exit_code *code)
{
	struct option names[OPTIONS_MAX + 2] = { 0 };
	const struct command_option *option;
	int value;

	fill_names(options, names);
	while ((value = getopt_long(argc, argv, LETTERS, names, NULL)) >= 0) {
		option = find_option(options, value);
		if (!option) {
			*code = value == 'h' ? command_help(command) :
				value == '?' ? command_misused(command, NULL) :
				command_misused(command, "there is no option -%c", value);
			return false;
		}
		if (option->text)
			*option->text = optarg;
		else
			*option->flag = true;
	}
	return true;
}

static bool is_utf8(struct json_object *text)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *parsed;
	bool valid;

	if (!tokener)
		err(EXIT_RETRY, "JSON");
	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	parsed = json_tokener_parse_ex(tokener, json_object_to_json_string(text), -1);
	valid = parsed;
	json_object_put(parsed);
	json_tokener_free(tokener);
	return valid;
}

/* A file's name may be any bytes, JSON may not: there the odd ones become '?'. */
struct json_object *command_json_path(const char *path)
{
	struct json_object *text = json_object_new_string(path);
	char *copy, *byte;

	if (is_utf8(text))
		return text;
	json_object_put(text);

	copy = strdup(path);
	if (!copy)
		err(EXIT_RETRY, "JSON");
	for (byte = copy; *byte; byte++) {
		if (!isascii((unsigned char)*byte))
			*byte = '?';
	}
	text = json_object_new_string(copy);
	free(copy);
	return text;
}

void command_print_json(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* Users count formats: 0x100 is 1. */
bool command_format(const char *text, enum tdx_blob_version *version)
{
	if (!strcmp(text, "1"))
		*version = TDX_BLOB_VERSION_1;
	else if (!strcmp(text, "2"))
		*version = TDX_BLOB_VERSION_2;
	else
		return false;
	return true;
}

/* The processors are those listed in @cpus, else this machine's. */
bool command_read_host(struct host *host, const char *sysfs, const char *cpus)
{
	host_read(host, sysfs);
	if (!cpus) {
		cpu_list_here(&host->cpus);
		return true;
	}
	if (cpu_list_parse(&host->cpus, cpus))
		return true;
	host_free(host);
	return false;
}

bool command_number(const char *text, unsigned long max, unsigned long *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;

	errno = 0;
	*number = strtoul(text, &end, 0);
	return !errno && !*end && *number <= max;
}
