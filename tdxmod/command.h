/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What main() knows of a command, and what commands share.
 */
#ifndef TDXMOD_COMMAND_H
#define TDXMOD_COMMAND_H

#include <stdbool.h>

#include "exits.h"
#include "host.h"
#include "image.h"

struct json_object;

#define NO_TDX_TEXT	"no TDX host here: kernel without it, TDX off, or driver tdx-host not loaded"

struct command {
	const char *name;
	/* What follows the name in a call. */
	const char *arguments;
	/* One line, without an end. */
	const char *purpose;
	/* The options, one a line. */
	const char *options;
	enum exit_code (*run)(const struct command *command, int argc, char **argv);
};

/* A text that is given, or a flag that is set. */
struct command_option {
	const char *name;
	/* 'o' is the only letter beside -h. */
	char letter;
	const char **text;
	bool *flag;
};

extern const struct command cmd_check;
extern const struct command cmd_convert;
extern const struct command cmd_info;
extern const struct command cmd_join;
extern const struct command cmd_keygen;
extern const struct command cmd_list;
extern const struct command cmd_sign;
extern const struct command cmd_signer;
extern const struct command cmd_status;
extern const struct command cmd_update;
extern const struct command cmd_verify;

enum exit_code command_help(const struct command *command);
enum exit_code command_misused(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool command_options(const struct command *command, const struct command_option *options,
		     int argc, char **argv, enum exit_code *code);
void command_print_json(struct json_object *object);
struct json_object *command_json_path(const char *path);
bool command_format(const char *text, enum tdx_blob_version *version);
bool command_read_host(struct host *host, const char *sysfs, const char *cpus);
bool command_number(const char *text, unsigned long max, unsigned long *number);

#endif
