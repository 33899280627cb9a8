// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDs and vCPUs from creation to the return of their key: TDH.MNG.*, TDH.VP.* but
 * for metadata and TDH.VP.ENTER, and TDH.PHYMEM.CACHE.WB.
 *
 * "TDX Module Base Architecture Specification", chapters on TD and VCPU life cycle.
 */
#include <stdlib.h>
#include <string.h>

#include "td_model.h"

static bool hkid_is_for_tds(const struct sim *sim, u64 hkid)
{
	return hkid >= TD_HKID_FIRST && hkid < TD_HKID_END &&
	       hkid != sim->module.global_keyid;
}

static void clear_page(struct td_call *call, u64 pa)
{
	static const u8 zeros[PAGE_SIZE];

	sim_write(call->sim, pa, zeros, sizeof(zeros));
}

/* Gives the page at @pa to the call's TD; it must have been checked to be free. */
static struct td_page *own_page(struct td_call *call, u64 pa, enum tdx_page_type type)
{
	struct td_page *page = td_page_own(call->sim->td, pa, type, call->td);

	if (!page)
		return NULL;
	page->vcpu = call->vcpu;
	call->td->nr_pages++;
	clear_page(call, pa);
	return page;
}

u64 td_mng_create(struct td_call *call)
{
	u64 tdr = call->regs->rcx, hkid = call->regs->rdx;
	struct td_state *tds = call->sim->td;
	struct td *td;
	u64 status;

	status = td_page_check_free(call, tdr, TDX_OPERAND_RCX);
	if (status)
		return status;
	/* Without a range there is no entry to look at: this check cannot be off. */
	if (!hkid_is_for_tds(call->sim, hkid))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_RDX);
	if (td_refuses(call->sim, CHECK_TD_HKID_FREE, tds->hkids[hkid].state != HKID_FREE))
		return td_status(TDX_HKID_NOT_FREE, TDX_OPERAND_RDX);

	td = calloc(1, sizeof(*td));
	if (!td || !td_page_own(tds, tdr, PT_TDR, td)) {
		free(td);
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_RCX);
	}
	td->users = 1;
	td->tdr = tdr;
	td->hkid = hkid;
	td->lifecycle = TD_HKID_ASSIGNED;
	td->op_state = TD_UNINITIALIZED;
	LIST_INIT(&td->vcpus);
	LIST_INSERT_HEAD(&tds->tds, td, node);
	tds->hkids[hkid].state = HKID_ASSIGNED_TO_TD;
	clear_page(call, tdr);
	return TDX_SUCCESS;
}

static bool keys_are_configured(const struct sim *sim, const struct td *td)
{
	for (unsigned int i = 0; i < sim->config.nr_packages; i++)
		if (!td->key_configured[i])
			return false;
	return true;
}

u64 td_mng_key_config(struct td_call *call)
{
	unsigned int package = platform_package(call->sim, call->lp);
	struct td *td = call->td;

	if (td_refuses(call->sim, CHECK_TD_KEY_CONFIGURED, td->key_configured[package]))
		return TDX_KEY_CONFIGURED;
	td->key_configured[package] = true;
	if (keys_are_configured(call->sim, td))
		td->lifecycle = TD_KEYS_CONFIGURED;
	return TDX_SUCCESS;
}

u64 td_mng_addcx(struct td_call *call)
{
	struct td *td = call->td;
	u64 status;

	if (td_refuses(call->sim, CHECK_TD_TDCX_NUMBER, td->nr_tdcx >= TD_TDCX_PAGES))
		return TDX_TDCX_NUM_INCORRECT;
	status = td_page_check_free(call, call->regs->rcx, TDX_OPERAND_RCX);
	if (status)
		return status;
	if (!own_page(call, call->regs->rcx, PT_TDCX))
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_RCX);
	td->nr_tdcx++;
	return TDX_SUCCESS;
}

static bool is_zero(const u8 *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

static bool reserved_are_zero(const struct td_params *params)
{
	return is_zero(params->reserved0, sizeof(params->reserved0)) &&
	       is_zero(params->reserved1, sizeof(params->reserved1)) &&
	       is_zero(params->reserved2, sizeof(params->reserved2));
}

static bool xfam_is_valid(u64 xfam)
{
	return !(xfam & ~TD_XFAM_FIXED0) && (xfam & TD_XFAM_FIXED1) == TD_XFAM_FIXED1;
}

static unsigned int walk_of(const struct td_params *params)
{
	return (params->eptp_controls & EPTP_WALK_MASK) >> EPTP_WALK_SHIFT;
}

/* 52 bits of guest addresses need five levels; 48 take four. */
static bool eptp_is_valid(const struct td_params *params)
{
	bool wide = params->config_flags & TD_CONFIG_MAX_GPAW;

	return (params->eptp_controls & EPTP_MEMORY_TYPE_MASK) == EPTP_WRITE_BACK &&
	       !(params->eptp_controls & ~(EPTP_MEMORY_TYPE_MASK | EPTP_WALK_MASK)) &&
	       walk_of(params) == (wide ? EPTP_WALK_5_LEVELS : EPTP_WALK_4_LEVELS);
}

static bool tsc_frequency_is_valid(u16 frequency)
{
	return frequency >= TD_TSC_FREQUENCY_MIN && frequency <= TD_TSC_FREQUENCY_MAX;
}

static u64 check_params(const struct sim *sim, const struct td_params *params)
{
	if (td_refuses(sim, CHECK_TD_PARAMS_RESERVED, !reserved_are_zero(params)))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_RDX);
	if (td_refuses(sim, CHECK_TD_PARAMS_ATTRIBUTES,
		       params->attributes & ~TD_ATTRIBUTES_KNOWN))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_ATTRIBUTES);
	if (td_refuses(sim, CHECK_TD_PARAMS_XFAM, !xfam_is_valid(params->xfam)))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_XFAM);
	if (td_refuses(sim, CHECK_TD_PARAMS_CONFIG_FLAGS,
		       params->config_flags & ~TD_CONFIG_KNOWN))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_EXEC_CONTROLS);
	/* What has no meaning as a number of levels cannot be let through. */
	if (walk_of(params) > EPTP_WALK_5_LEVELS ||
	    td_refuses(sim, CHECK_TD_PARAMS_EPTP, !eptp_is_valid(params)))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_EPTP_CONTROLS);
	if (td_refuses(sim, CHECK_TD_PARAMS_MAX_VCPUS, !params->max_vcpus))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_MAX_VCPUS);
	if (td_refuses(sim, CHECK_TD_PARAMS_TSC, !tsc_frequency_is_valid(params->tsc_frequency)))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_TSC_FREQUENCY);
	return TDX_SUCCESS;
}

u64 td_mng_init(struct td_call *call)
{
	u64 pa = call->regs->rdx;
	struct td *td = call->td;
	struct td_params params;
	u64 status;

	/* The TDCS must be whole, but not initialized: op_state alone cannot say that. */
	if (td_refuses(call->sim, CHECK_TD_TDCX_NUMBER, td->nr_tdcx < TD_TDCX_PAGES))
		return TDX_TDCX_NUM_INCORRECT;
	if (td_refuses(call->sim, CHECK_TD_OP_STATE, td->op_state != TD_UNINITIALIZED))
		return TDX_OP_STATE_INCORRECT;
	if (td_refuses(call->sim, CHECK_TD_PARAMS_ADDRESS, pa % TD_PARAMS_SIZE))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_RDX);
	if (!sim_read(call->sim, pa, &params, sizeof(params)))
		return td_status(TDX_OPERAND_ADDR_RANGE_ERROR, TDX_OPERAND_RDX);
	status = check_params(call->sim, &params);
	if (status)
		return status;

	td->params = params;
	td->top_level = walk_of(&params);
	if (td_measure_begin(td) || td_sept_new(td))
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_TDR);
	td->build_known = call->sim->module.features0 & TDX_FEATURES0_UPDATE_COMPAT;
	td->op_state = TD_INITIALIZED;
	return TDX_SUCCESS;
}

u64 td_vp_create(struct td_call *call)
{
	u64 tdvpr = call->regs->rcx;
	struct td_vcpu *vcpu;
	u64 status;

	status = td_page_check_free(call, tdvpr, TDX_OPERAND_RCX);
	if (status)
		return status;
	vcpu = calloc(1, sizeof(*vcpu));
	if (!vcpu)
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_RCX);
	vcpu->td = call->td;
	vcpu->tdvpr = tdvpr;
	vcpu->state = TD_VCPU_UNINITIALIZED;
	vcpu->lp = TD_LP_NONE;
	call->vcpu = vcpu;
	if (!own_page(call, tdvpr, PT_TDVPR)) {
		call->vcpu = NULL;
		free(vcpu);
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_RCX);
	}
	LIST_INSERT_HEAD(&call->td->vcpus, vcpu, node);
	return TDX_SUCCESS;
}

u64 td_vp_addcx(struct td_call *call)
{
	struct td_vcpu *vcpu = call->vcpu;
	u64 status;

	if (td_refuses(call->sim, CHECK_TD_VCPU_STATE, vcpu->state != TD_VCPU_UNINITIALIZED))
		return TDX_VCPU_STATE_INCORRECT;
	if (td_refuses(call->sim, CHECK_TD_TDVPX_NUMBER, vcpu->nr_tdcx >= TD_TDVPX_PAGES))
		return TDX_TDVPX_NUM_INCORRECT;
	status = td_page_check_free(call, call->regs->rcx, TDX_OPERAND_RCX);
	if (status)
		return status;
	if (!own_page(call, call->regs->rcx, PT_TDCX))
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_RCX);
	vcpu->nr_tdcx++;
	return TDX_SUCCESS;
}

static bool x2apic_id_is_taken(const struct td *td, u32 id)
{
	const struct td_vcpu *vcpu;

	LIST_FOREACH(vcpu, &td->vcpus, node)
		if (vcpu->state == TD_VCPU_READY && vcpu->x2apic_id == id)
			return true;
	return false;
}

static u32 x2apic_id_operand(const struct td_call *call)
{
	u64 version = (call->regs->rax & SEAMCALL_VERSION_MASK) >> SEAMCALL_VERSION_SHIFT;

	if (version < VP_INIT_VERSION_X2APIC_ID)
		return call->td->nr_vcpus;
	return call->regs->r8;
}

u64 td_vp_init(struct td_call *call)
{
	u32 x2apic_id = x2apic_id_operand(call);
	struct td_vcpu *vcpu = call->vcpu;
	struct td *td = call->td;

	if (td_refuses(call->sim, CHECK_TD_VCPU_STATE, vcpu->state != TD_VCPU_UNINITIALIZED))
		return TDX_VCPU_STATE_INCORRECT;
	if (td_refuses(call->sim, CHECK_TD_TDVPX_NUMBER, vcpu->nr_tdcx < TD_TDVPX_PAGES))
		return TDX_TDVPX_NUM_INCORRECT;
	if (td_refuses(call->sim, CHECK_TD_VCPU_NUMBER, td->nr_vcpus >= td->params.max_vcpus))
		return TDX_MAX_VCPUS_EXCEEDED;
	if (td_refuses(call->sim, CHECK_TD_X2APIC_ID, x2apic_id_is_taken(td, x2apic_id)))
		return td_status(TDX_X2APIC_ID_NOT_UNIQUE, TDX_OPERAND_R8);

	vcpu->x2apic_id = x2apic_id;
	vcpu->guest.program = call->regs->rdx;
	vcpu->state = TD_VCPU_READY;
	vcpu->lp = call->lp;
	td->nr_vcpus++;
	return TDX_SUCCESS;
}

u64 td_vcpu_associate(struct td_call *call)
{
	struct td_vcpu *vcpu = call->vcpu;

	if (td_refuses(call->sim, CHECK_TD_VCPU_STATE, vcpu->state != TD_VCPU_READY))
		return TDX_VCPU_STATE_INCORRECT;
	if (td_refuses(call->sim, CHECK_TD_VCPU_ASSOCIATION,
		       vcpu->lp != TD_LP_NONE && vcpu->lp != (int)call->lp))
		return TDX_VCPU_ASSOCIATED;
	vcpu->lp = call->lp;
	return TDX_SUCCESS;
}

u64 td_vp_flush(struct td_call *call)
{
	struct td_vcpu *vcpu = call->vcpu;

	if (td_refuses(call->sim, CHECK_TD_VCPU_ASSOCIATION, vcpu->lp != (int)call->lp))
		return TDX_VCPU_NOT_ASSOCIATED;
	vcpu->lp = TD_LP_NONE;
	return TDX_SUCCESS;
}

static bool vcpus_are_flushed(const struct td *td)
{
	const struct td_vcpu *vcpu;

	LIST_FOREACH(vcpu, &td->vcpus, node)
		if (vcpu->lp != TD_LP_NONE)
			return false;
	return true;
}

u64 td_mng_vpflushdone(struct td_call *call)
{
	struct td *td = call->td;
	struct hkid *hkid = &call->sim->td->hkids[td->hkid];

	if (td_refuses(call->sim, CHECK_TD_VPS_FLUSHED, !vcpus_are_flushed(td)))
		return TDX_FLUSHVP_NOT_DONE;
	td->lifecycle = TD_BLOCKED;
	hkid->state = HKID_FLUSHED;
	for (unsigned int i = 0; i < call->sim->config.nr_packages; i++)
		hkid->wb_pending[i] = true;
	return TDX_SUCCESS;
}

/*
 * It ends in one go: TDX_INTERRUPTED_RESUMABLE is left to an injected fault, and so
 * RCX, whether this resumes an interrupted one, makes no difference.
 */
u64 td_phymem_cache_wb(struct td_call *call)
{
	unsigned int package = platform_package(call->sim, call->lp);
	bool found = false;

	for (unsigned int i = 0; i < TD_HKID_END; i++) {
		struct hkid *hkid = &call->sim->td->hkids[i];

		if (hkid->state != HKID_FLUSHED || !hkid->wb_pending[package])
			continue;
		hkid->wb_pending[package] = false;
		found = true;
	}
	if (td_refuses(call->sim, CHECK_TD_HKID_TO_WBCACHE, !found))
		return TDX_NO_HKID_READY_TO_WBCACHE;
	return TDX_SUCCESS;
}

static bool caches_are_written_back(const struct sim *sim, const struct hkid *hkid)
{
	for (unsigned int i = 0; i < sim->config.nr_packages; i++)
		if (hkid->wb_pending[i])
			return false;
	return true;
}

u64 td_mng_key_freeid(struct td_call *call)
{
	struct td *td = call->td;
	struct hkid *hkid = &call->sim->td->hkids[td->hkid];

	if (td_refuses(call->sim, CHECK_TD_WBCACHE_DONE,
		       !caches_are_written_back(call->sim, hkid)))
		return TDX_WBCACHE_NOT_COMPLETE;
	memset(hkid, 0, sizeof(*hkid));
	td->lifecycle = TD_TEARDOWN;
	return TDX_SUCCESS;
}
