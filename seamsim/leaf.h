/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of the leaves: for the log, and for options that name one.
 *
 * A leaf's index counts from 0 without holes, whichever of the two callees it
 * belongs to; it is what counters and latencies are kept by.
 */
#ifndef SEAMSIM_LEAF_H
#define SEAMSIM_LEAF_H

#include "types.h"

#define NR_SEAMLDR_LEAVES	5
#define NR_TDH_LEAVES		70
#define LEAF_UNKNOWN		(NR_SEAMLDR_LEAVES + NR_TDH_LEAVES)
#define NR_LEAVES		(LEAF_UNKNOWN + 1)

/* From RAX on entry. LEAF_UNKNOWN for a number without a name. */
unsigned int leaf_index(u64 rax);

/* "TDH.SYS.INIT", "SEAMLDR.INFO"; "unknown" for LEAF_UNKNOWN; NULL for an index without a leaf. */
const char *leaf_name(unsigned int index);

/* Returns an index, or LEAF_UNKNOWN. */
unsigned int leaf_by_name(const char *name);

#endif
