// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxmod: inspects, verifies, makes, selects and installs images of the Intel
 * TDX module.  One source file per command; this one only finds it.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

static const struct command *const commands[] = {
	&cmd_info,
	&cmd_verify,
	&cmd_list,
	&cmd_check,
	&cmd_update,
	&cmd_status,
	&cmd_join,
	&cmd_convert,
	&cmd_keygen,
	&cmd_signer,
	&cmd_sign,
};

#define NR_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void print_usage(FILE *stream)
{
	size_t i;

	fputs("usage: tdxmod COMMAND [ARGUMENT...]\n\n", stream);
	for (i = 0; i < NR_COMMANDS; i++)
		fprintf(stream, "  %-8s  %s\n", commands[i]->name, commands[i]->purpose);
	fputs("\n'tdxmod COMMAND --help' tells more, and so does tdxmod(1).\n", stream);
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

static bool is_help(const char *argument)
{
	return !strcmp(argument, "--help") || !strcmp(argument, "-h") ||
	       !strcmp(argument, "help");
}

/* What was printed to a full disk was not printed. */
static enum exit_code flushed(enum exit_code code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	warn("standard output");
	return code == EXIT_DONE ? EXIT_REFUSED : code;
}

int main(int argc, char **argv)
{
	const struct command *command;

	/* Messages begin with it, whatever the file is called. */
	program_invocation_short_name = "tdxmod";

	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (is_help(argv[1])) {
		print_usage(stdout);
		return flushed(EXIT_DONE);
	}

	command = find_command(argv[1]);
	if (!command) {
		warnx("no command '%s'", argv[1]);
		print_usage(stderr);
		return EXIT_USAGE;
	}
	/* getopt_long() puts it in front of what it says. */
	argv[1] = program_invocation_short_name;
	return flushed(command->run(command, argc - 1, argv + 1));
}
