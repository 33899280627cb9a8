// SPDX-License-Identifier: GPL-2.0-only
/*
 * Help, complaints about wrong use, numbers on the command line.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

bool command_number(const char *text, unsigned long max, unsigned long *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;

	errno = 0;
	*number = strtoul(text, &end, 0);
	return !errno && !*end && *number <= max;
}
