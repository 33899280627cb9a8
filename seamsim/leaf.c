// SPDX-License-Identifier: GPL-2.0-only
/* Names of the leaves: see leaf.h. */
#include "leaf.h"

#include <stddef.h>
#include <string.h>

#include "abi.h"

#define SEAMLDR_LEAF(leaf, text)	[SEAMLDR_##leaf] = "SEAMLDR." text
#define TDH_LEAF(leaf, text)		[NR_SEAMLDR_LEAVES + TDH_##leaf] = "TDH." text

static const char *const leaf_names[NR_LEAVES] = {
	SEAMLDR_LEAF(INFO, "INFO"),
	SEAMLDR_LEAF(INSTALL, "INSTALL"),
	SEAMLDR_LEAF(SHUTDOWN, "SHUTDOWN"),
	SEAMLDR_LEAF(SEAMINFO, "SEAMINFO"),
	SEAMLDR_LEAF(CLEANUP, "CLEANUP"),
	TDH_LEAF(VP_ENTER, "VP.ENTER"),
	TDH_LEAF(MNG_ADDCX, "MNG.ADDCX"),
	TDH_LEAF(MEM_PAGE_ADD, "MEM.PAGE.ADD"),
	TDH_LEAF(MEM_SEPT_ADD, "MEM.SEPT.ADD"),
	TDH_LEAF(VP_ADDCX, "VP.ADDCX"),
	TDH_LEAF(MEM_PAGE_AUG, "MEM.PAGE.AUG"),
	TDH_LEAF(MEM_RANGE_BLOCK, "MEM.RANGE.BLOCK"),
	TDH_LEAF(MNG_KEY_CONFIG, "MNG.KEY.CONFIG"),
	TDH_LEAF(MNG_CREATE, "MNG.CREATE"),
	TDH_LEAF(VP_CREATE, "VP.CREATE"),
	TDH_LEAF(MNG_RD, "MNG.RD"),
	TDH_LEAF(MR_EXTEND, "MR.EXTEND"),
	TDH_LEAF(MR_FINALIZE, "MR.FINALIZE"),
	TDH_LEAF(VP_FLUSH, "VP.FLUSH"),
	TDH_LEAF(MNG_VPFLUSHDONE, "MNG.VPFLUSHDONE"),
	TDH_LEAF(MNG_KEY_FREEID, "MNG.KEY.FREEID"),
	TDH_LEAF(MNG_INIT, "MNG.INIT"),
	TDH_LEAF(VP_INIT, "VP.INIT"),
	TDH_LEAF(PHYMEM_PAGE_RDMD, "PHYMEM.PAGE.RDMD"),
	TDH_LEAF(VP_RD, "VP.RD"),
	TDH_LEAF(PHYMEM_PAGE_RECLAIM, "PHYMEM.PAGE.RECLAIM"),
	TDH_LEAF(MEM_PAGE_REMOVE, "MEM.PAGE.REMOVE"),
	TDH_LEAF(SYS_KEY_CONFIG, "SYS.KEY.CONFIG"),
	TDH_LEAF(SYS_INIT, "SYS.INIT"),
	TDH_LEAF(SYS_RD, "SYS.RD"),
	TDH_LEAF(SYS_LP_INIT, "SYS.LP.INIT"),
	TDH_LEAF(SYS_TDMR_INIT, "SYS.TDMR.INIT"),
	TDH_LEAF(MEM_TRACK, "MEM.TRACK"),
	TDH_LEAF(PHYMEM_CACHE_WB, "PHYMEM.CACHE.WB"),
	TDH_LEAF(PHYMEM_PAGE_WBINVD, "PHYMEM.PAGE.WBINVD"),
	TDH_LEAF(VP_WR, "VP.WR"),
	TDH_LEAF(SYS_CONFIG, "SYS.CONFIG"),
	TDH_LEAF(SYS_SHUTDOWN, "SYS.SHUTDOWN"),
	TDH_LEAF(SYS_UPDATE, "SYS.UPDATE"),
	TDH_LEAF(SYS_DISABLE, "SYS.DISABLE"),
	[LEAF_UNKNOWN] = "unknown",
};

static_assert(TDH_SYS_DISABLE < NR_TDH_LEAVES);
static_assert(SEAMLDR_CLEANUP < NR_SEAMLDR_LEAVES);

unsigned int leaf_index(u64 rax)
{
	u64 leaf = rax & SEAMCALL_LEAF_MASK;
	unsigned int index;

	if (rax & SEAMCALL_P_SEAMLDR) {
		/* The P-SEAMLDR knows no leaf versions: all other bits belong to the number. */
		leaf = rax & ~SEAMCALL_P_SEAMLDR;
		return leaf < NR_SEAMLDR_LEAVES ? leaf : LEAF_UNKNOWN;
	}

	if (leaf >= NR_TDH_LEAVES)
		return LEAF_UNKNOWN;
	index = NR_SEAMLDR_LEAVES + leaf;
	return leaf_names[index] ? index : LEAF_UNKNOWN;
}

const char *leaf_name(unsigned int index)
{
	return leaf_names[index];
}

unsigned int leaf_by_name(const char *name)
{
	for (unsigned int i = 0; i < LEAF_UNKNOWN; i++) {
		if (leaf_names[i] && !strcmp(leaf_names[i], name))
			return i;
	}
	return LEAF_UNKNOWN;
}
