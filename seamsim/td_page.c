// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who owns which physical page: what the TDX module keeps in its PAMT.
 *
 * Only pages in use by TDs have a record; any other page in a TDMR is PT_NDA.
 */
#include <search.h>
#include <stdlib.h>

#include "td_model.h"

static int compare_pages(const void *a, const void *b)
{
	const struct td_page *left = a, *right = b;

	return (left->pa > right->pa) - (left->pa < right->pa);
}

struct td_page *td_page_find(const struct td_state *tds, u64 pa)
{
	const struct td_page key = { .pa = pa };
	struct td_page *const *found = tfind(&key, &tds->pages, compare_pages);

	return found ? *found : NULL;
}

struct td_page *td_page_own(struct td_state *tds, u64 pa, enum tdx_page_type type,
			    struct td *td)
{
	struct td_page *page = calloc(1, sizeof(*page));

	if (!page)
		return NULL;
	page->pa = pa;
	page->type = type;
	page->td = td;
	if (!tsearch(page, &tds->pages, compare_pages)) {
		free(page);
		return NULL;
	}
	return page;
}

void td_page_free(struct td_state *tds, struct td_page *page)
{
	tdelete(page, &tds->pages, compare_pages);
	free(page);
}

void td_pages_free_all(struct td_state *tds)
{
	while (tds->pages)
		td_page_free(tds, *(struct td_page **)tds->pages);
}

static bool in_tdmr(const struct sim *sim, u64 pa)
{
	for (unsigned int i = 0; i < sim->module.nr_tdmrs; i++) {
		const struct tdmr *tdmr = &sim->module.tdmrs[i];

		if (pa >= tdmr->base && pa - tdmr->base < tdmr->size)
			return true;
	}
	return false;
}

static u64 check_address(struct td_call *call, u64 pa, unsigned int operand)
{
	if (td_refuses(call->sim, CHECK_TD_PAGE_ADDRESS, pa & PAGE_OFFSET_MASK))
		return td_status(TDX_OPERAND_INVALID, operand);
	if (td_refuses(call->sim, CHECK_TD_PAGE_IN_TDMR, !in_tdmr(call->sim, pa)))
		return td_status(TDX_OPERAND_ADDR_RANGE_ERROR, operand);
	return TDX_SUCCESS;
}

u64 td_page_check_free(struct td_call *call, u64 pa, unsigned int operand)
{
	u64 status = check_address(call, pa, operand);

	if (status)
		return status;
	if (td_page_find(call->sim->td, pa))
		return td_status(TDX_PAGE_METADATA_INCORRECT, operand);
	return TDX_SUCCESS;
}

static void tell_owner(struct sim_regs *regs, const struct td_page *page)
{
	regs->rcx = page ? page->type : PT_NDA;
	regs->rdx = page && page->td ? page->td->tdr : 0;
	regs->r8 = TDX_PAGE_SIZE_4K;
}

u64 td_phymem_page_rdmd(struct td_call *call)
{
	u64 pa = call->regs->rcx;
	u64 status = check_address(call, pa, TDX_OPERAND_RCX);

	if (status)
		return status;
	tell_owner(call->regs, td_page_find(call->sim->td, pa));
	return TDX_SUCCESS;
}

/* The TDR goes last: it holds what the other pages' owner is known by. */
static u64 reclaim_tdr(struct td_call *call, struct td_page *page)
{
	struct td *td = page->td;

	if (td_refuses(call->sim, CHECK_TD_PAGES_RECLAIMED, td->nr_pages))
		return TDX_TD_ASSOCIATED_PAGES_EXIST;
	LIST_REMOVE(td, node);
	td_page_free(call->sim->td, page);
	td_put(td);
	return TDX_SUCCESS;
}

static void reclaim_vcpu(struct td_vcpu *vcpu)
{
	LIST_REMOVE(vcpu, node);
	free(vcpu);
}

u64 td_phymem_page_reclaim(struct td_call *call)
{
	struct td_page *page;
	u64 status;

	status = check_address(call, call->regs->rcx, TDX_OPERAND_RCX);
	if (status)
		return status;
	page = td_page_find(call->sim->td, call->regs->rcx);
	tell_owner(call->regs, page);
	if (!page)
		return td_status(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_RCX);
	if (td_refuses(call->sim, CHECK_TD_LIFECYCLE, page->td->lifecycle != TD_TEARDOWN))
		return TDX_LIFECYCLE_STATE_INCORRECT;
	if (page->type == PT_TDR)
		return reclaim_tdr(call, page);

	if (page->type == PT_TDVPR)
		reclaim_vcpu(page->vcpu);
	page->td->nr_pages--;
	td_page_free(call->sim->td, page);
	return TDX_SUCCESS;
}

u64 td_phymem_page_wbinvd(struct td_call *call)
{
	u64 pa = call->regs->rcx & GENMASK_ULL(call->sim->config.phys_bits - 1, 0);
	u64 status = check_address(call, pa, TDX_OPERAND_RCX);

	if (status)
		return status;
	if (td_refuses(call->sim, CHECK_TD_PAGE_NOT_IN_USE, td_page_find(call->sim->td, pa)))
		return td_status(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_RCX);
	return TDX_SUCCESS;
}
