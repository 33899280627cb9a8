/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exit codes, as tdxmod(1) documents them.
 */
#ifndef TDXMOD_EXITS_H
#define TDXMOD_EXITS_H

enum exit_code {
	EXIT_DONE		= 0,
	/* A check says no, or a file cannot be read or written. */
	EXIT_REFUSED		= 1,
	EXIT_USAGE		= 2,
	/* This host has no interface for what was asked. */
	EXIT_UNSUPPORTED	= 3,
	EXIT_RETRY		= 4,
	EXIT_REBOOT		= 5,
};

#endif
