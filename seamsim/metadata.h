/* SPDX-License-Identifier: GPL-2.0-only */
/* The TDX module's global metadata, as TDH.SYS.RD gives it out. */
#ifndef SEAMSIM_METADATA_H
#define SEAMSIM_METADATA_H

#include <stdbool.h>

#include "types.h"

struct sim;

/* What TDs are built from; td.c holds itself to it. */
#define TDR_SIZE		4096
#define TDCS_SIZE		(4 * 4096)
#define TDVPS_SIZE		(6 * 4096)
#define MAX_VCPUS_PER_TD	576
#define ATTRIBUTES_FIXED0	(~0ULL)
#define ATTRIBUTES_FIXED1	0ULL
#define XFAM_FIXED0		0x600E7ULL
#define XFAM_FIXED1		3ULL

/* sim->lock held. False for a field that does not exist. */
bool metadata_read(const struct sim *sim, u64 field, u64 *value);

#endif
