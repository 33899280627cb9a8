// SPDX-License-Identifier: GPL-2.0-only
/*
 * Help, complaints about wrong use, numbers on the command line.
 */
#include <ctype.h>
#include <errno.h>
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
