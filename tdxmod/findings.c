// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collecting and printing the results of checks.
 */
#include <err.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exits.h"
#include "findings.h"

static const char *const outcome_text[] = {
	[OUTCOME_OK]		= "ok",
	[OUTCOME_NOTE]		= "note",
	[OUTCOME_UNKNOWN]	= "unknown",
	[OUTCOME_FAIL]		= "fail",
};

void findings_add(struct findings *findings, enum outcome outcome, const char *check,
		  const char *format, ...)
{
	struct finding finding = { .outcome = outcome, .check = check };
	va_list args;

	va_start(args, format);
	if (vasprintf(&finding.text, format, args) < 0)
		err(EXIT_RETRY, "findings");
	va_end(args);

	findings->list = reallocarray(findings->list, findings->count + 1, sizeof(finding));
	if (!findings->list)
		err(EXIT_RETRY, "findings");
	findings->list[findings->count++] = finding;
}

/* For options that are stricter or more lenient about one check. */
void findings_change(struct findings *findings, const char *check, enum outcome from,
		     enum outcome to)
{
	struct finding *finding;

	for (finding = findings->list; finding < findings->list + findings->count; finding++) {
		if (!strcmp(finding->check, check) && finding->outcome == from)
			finding->outcome = to;
	}
}

/* Of a check that is made at most once. */
enum outcome findings_outcome(const struct findings *findings, const char *check)
{
	size_t i;

	for (i = 0; i < findings->count; i++) {
		if (!strcmp(findings->list[i].check, check))
			return findings->list[i].outcome;
	}
	return OUTCOME_UNKNOWN;
}

bool findings_failed(const struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->count; i++) {
		if (findings->list[i].outcome == OUTCOME_FAIL)
			return true;
	}
	return false;
}

void findings_print(const struct findings *findings, const char *prefix)
{
	const struct finding *finding;
	size_t i;

	for (i = 0; i < findings->count; i++) {
		finding = &findings->list[i];
		printf("%s: %s: %s: %s\n", prefix, outcome_text[finding->outcome],
		       finding->check, finding->text);
	}
}

struct json_object *findings_json(const struct findings *findings)
{
	struct json_object *list = json_object_new_array(), *item;
	const struct finding *finding;
	size_t i;

	for (i = 0; i < findings->count; i++) {
		finding = &findings->list[i];
		item = json_object_new_object();
		json_object_object_add(item, "check", json_object_new_string(finding->check));
		json_object_object_add(item, "outcome",
				       json_object_new_string(outcome_text[finding->outcome]));
		json_object_object_add(item, "text", json_object_new_string(finding->text));
		json_object_array_add(list, item);
	}
	return list;
}

void findings_free(struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->count; i++)
		free(findings->list[i].text);
	free(findings->list);
	*findings = (struct findings){ 0 };
}
