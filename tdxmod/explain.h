/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the words in sysfs mean and what to do about them.
 */
#ifndef TDXMOD_EXPLAIN_H
#define TDXMOD_EXPLAIN_H

#include "exits.h"
#include "host.h"

struct explanation {
	const char *meaning;
	const char *next;
	enum exit_code code;
};

extern const struct explanation explain_no_updates;

struct explanation explain_state(const struct host *host);
struct explanation explain_failure(const struct host *host);

#endif
