/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether kernel and oracle agree; if not, both are told and the program is aborted. */
#ifndef JUDGE_H
#define JUDGE_H

#include <asm/seamldr.h>

#include "oracle.h"

void judge_refusal(const char *what, int ret, const struct seamldr_verdict *verdict,
		   reasons expected);
void judge_view(const uint8_t *image, const struct seamldr_blob *blob,
		const struct opinion *opinion);
void judge_params(const uint8_t *image, const struct seamldr_blob *blob,
		  const struct opinion *opinion);
void judge(bool good, const char *what);

#endif /* JUDGE_H */
