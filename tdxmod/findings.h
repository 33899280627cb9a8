/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The results of a series of checks: what was looked at, with which outcome,
 * and the values that led to it.
 */
#ifndef TDXMOD_FINDINGS_H
#define TDXMOD_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

enum outcome {
	OUTCOME_OK,
	/* True, and worth saying, but no reason to refuse. */
	OUTCOME_NOTE,
	/* Nothing at hand tells. */
	OUTCOME_UNKNOWN,
	OUTCOME_FAIL,
};

struct finding {
	enum outcome outcome;
	/* A short token, for scripts. */
	const char *check;
	char *text;
};

struct findings {
	struct finding *list;
	size_t count;
};

void findings_add(struct findings *findings, enum outcome outcome, const char *check,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));
void findings_change(struct findings *findings, const char *check, enum outcome from,
		     enum outcome to);
enum outcome findings_outcome(const struct findings *findings, const char *check);
bool findings_failed(const struct findings *findings);
void findings_print(const struct findings *findings, const char *prefix);
struct json_object *findings_json(const struct findings *findings);
void findings_free(struct findings *findings);

#endif
