// SPDX-License-Identifier: GPL-2.0-only
/* Whether kernel and oracle agree: see judge.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "seamldr.h"

void judge(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "disagreement: %s\n", what);
	abort();
}

static void print_reasons(const char *who, reasons set)
{
	fprintf(stderr, "%s:", who);
	for (enum seamldr_reason reason = 0; reason < SEAMLDR_NR_REASONS; reason++)
		if (set >> reason & 1)
			fprintf(stderr, " %s", seamldr_reason_token(reason));
	fprintf(stderr, set ? "\n" : " accepts\n");
}

/*
 * The kernel names one reason, the first that it comes to; the oracle knows all.  What is
 * told of the reason must be complete, and nothing may be told where there is none.
 */
void judge_refusal(const char *what, int ret, const struct seamldr_verdict *verdict,
		   reasons expected)
{
	reasons given = ret ? 1ULL << verdict->reason : 0;

	if (expected ? !(given & expected) : ret) {
		print_reasons("kernel", given);
		print_reasons("oracle", expected);
		judge(false, what);
	}
	if (ret)
		judge(ret < 0 && verdict->text && verdict->now && verdict->cpu == -1,
		      "half a verdict");
	else
		judge(!verdict->reason && !verdict->text, "a verdict without a refusal");
}

void judge_view(const uint8_t *image, const struct seamldr_blob *blob, const struct opinion *o)
{
	judge((const uint8_t *)blob->sigstruct == image + o->sigstruct_offset, "sigstruct");
	judge(blob->module == image + o->module_offset, "module");
	judge(blob->sigstruct_nr_pages == o->sigstruct_pages, "sigstruct pages");
	judge(blob->module_nr_pages == o->module_pages, "module pages");
}

/* What the P-SEAMLDR would be given, byte by byte */
void judge_params(const uint8_t *image, const struct seamldr_blob *blob, const struct opinion *o)
{
	static struct seamldr_params params;
	static uint8_t expected[ORACLE_PAGE];

	memset(&params, 0xFF, sizeof(params));
	judge(!seamldr_fill_params(&params, blob), "params refused");
	oracle_params(o, (uintptr_t)image, expected);
	judge(!memcmp(&params, expected, sizeof(params)), "params");
}
