// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDs and their vCPUs: what td.h offers, and the way to each leaf.
 *
 * What the TDX module looks up, locks and checks alike for all leaves stands in one
 * table, as in the leaves' tables in the "TDX Module ABI Specification".
 */
#include "td.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "td_model.h"

#define TD_BUILT_OR_RUNNABLE	(TD_INITIALIZED | TD_RUNNABLE)

static const struct td_leaf leaves[] = {
	[TDH_MNG_CREATE] = {
		.run = td_mng_create,
	},
	[TDH_MNG_KEY_CONFIG] = {
		.run = td_mng_key_config, .tdr = TDX_OPERAND_RCX,
		.td_access = TD_EXCLUSIVE, .lifecycle = TD_HKID_ASSIGNED,
	},
	[TDH_MNG_ADDCX] = {
		.run = td_mng_addcx, .tdr = TDX_OPERAND_RDX,
		.td_access = TD_EXCLUSIVE, .lifecycle = TD_KEYS_CONFIGURED,
	},
	[TDH_MNG_INIT] = {
		.run = td_mng_init, .tdr = TDX_OPERAND_RCX,
		.td_access = TD_EXCLUSIVE, .lifecycle = TD_KEYS_CONFIGURED,
	},
	[TDH_MNG_RD] = {
		.run = td_mng_rd, .tdr = TDX_OPERAND_RCX,
		.td_access = TD_SHARED, .op_state = TD_BUILT_OR_RUNNABLE,
	},
	[TDH_MNG_VPFLUSHDONE] = {
		.run = td_mng_vpflushdone, .tdr = TDX_OPERAND_RCX,
		.td_access = TD_EXCLUSIVE,
		.lifecycle = TD_HKID_ASSIGNED | TD_KEYS_CONFIGURED,
	},
	[TDH_MNG_KEY_FREEID] = {
		.run = td_mng_key_freeid, .tdr = TDX_OPERAND_RCX,
		.td_access = TD_EXCLUSIVE, .lifecycle = TD_BLOCKED,
	},
	[TDH_VP_CREATE] = {
		.run = td_vp_create, .tdr = TDX_OPERAND_RDX,
		.td_access = TD_SHARED, .op_state = TD_INITIALIZED,
	},
	[TDH_VP_ADDCX] = {
		.run = td_vp_addcx, .tdvpr = TDX_OPERAND_RDX,
		.td_access = TD_SHARED, .vcpu_access = TD_EXCLUSIVE,
		.op_state = TD_INITIALIZED,
	},
	[TDH_VP_INIT] = {
		.run = td_vp_init, .tdvpr = TDX_OPERAND_RCX,
		.td_access = TD_EXCLUSIVE, .vcpu_access = TD_EXCLUSIVE,
		.op_state = TD_INITIALIZED,
	},
	[TDH_VP_FLUSH] = {
		.run = td_vp_flush, .tdvpr = TDX_OPERAND_RCX,
		.td_access = TD_SHARED, .vcpu_access = TD_EXCLUSIVE,
		.op_state = TD_BUILT_OR_RUNNABLE,
	},
	[TDH_VP_ENTER] = {
		.run = td_vp_enter, .tdvpr = TDX_OPERAND_RCX,
		.td_access = TD_SHARED, .vcpu_access = TD_EXCLUSIVE,
		.op_state = TD_RUNNABLE,
	},
	[TDH_VP_RD] = {
		.run = td_vp_rd, .tdvpr = TDX_OPERAND_RCX,
		.td_access = TD_SHARED, .vcpu_access = TD_SHARED,
		.op_state = TD_BUILT_OR_RUNNABLE,
	},
	[TDH_VP_WR] = {
		.run = td_vp_wr, .tdvpr = TDX_OPERAND_RCX,
		.td_access = TD_SHARED, .vcpu_access = TD_SHARED,
		.op_state = TD_BUILT_OR_RUNNABLE,
	},
	[TDH_MEM_SEPT_ADD] = {
		.run = td_mem_sept_add, .tdr = TDX_OPERAND_RDX,
		.td_access = TD_SHARED, .sept_access = TD_SHARED,
		.op_state = TD_BUILT_OR_RUNNABLE,
	},
	[TDH_MEM_PAGE_ADD] = {
		.run = td_mem_page_add, .tdr = TDX_OPERAND_RDX,
		.td_access = TD_EXCLUSIVE, .sept_access = TD_SHARED,
		.op_state = TD_INITIALIZED,
	},
	[TDH_MR_EXTEND] = {
		.run = td_mr_extend, .tdr = TDX_OPERAND_RDX,
		.td_access = TD_EXCLUSIVE, .op_state = TD_INITIALIZED,
	},
	[TDH_MR_FINALIZE] = {
		.run = td_mr_finalize, .tdr = TDX_OPERAND_RCX,
		.td_access = TD_EXCLUSIVE, .op_state = TD_INITIALIZED,
	},
	[TDH_MEM_PAGE_AUG] = {
		.run = td_mem_page_aug, .tdr = TDX_OPERAND_RDX,
		.td_access = TD_SHARED, .sept_access = TD_SHARED,
		.op_state = TD_RUNNABLE,
	},
	[TDH_MEM_RANGE_BLOCK] = {
		.run = td_mem_range_block, .tdr = TDX_OPERAND_RDX,
		.td_access = TD_SHARED, .sept_access = TD_EXCLUSIVE,
		.op_state = TD_BUILT_OR_RUNNABLE,
	},
	[TDH_MEM_TRACK] = {
		.run = td_mem_track, .tdr = TDX_OPERAND_RCX,
		.td_access = TD_SHARED, .op_state = TD_RUNNABLE,
	},
	[TDH_MEM_PAGE_REMOVE] = {
		.run = td_mem_page_remove, .tdr = TDX_OPERAND_RDX,
		.td_access = TD_SHARED, .sept_access = TD_EXCLUSIVE,
		.op_state = TD_BUILT_OR_RUNNABLE,
	},
	[TDH_PHYMEM_PAGE_RDMD] = {
		.run = td_phymem_page_rdmd,
	},
	[TDH_PHYMEM_PAGE_RECLAIM] = {
		.run = td_phymem_page_reclaim,
	},
	[TDH_PHYMEM_PAGE_WBINVD] = {
		.run = td_phymem_page_wbinvd,
	},
	[TDH_PHYMEM_CACHE_WB] = {
		.run = td_phymem_cache_wb,
	},
};

void td_unlock_memory(const struct td_call *call)
{
	pthread_mutex_unlock(&call->sim->lock);
}

void td_lock_memory(const struct td_call *call)
{
	pthread_mutex_lock(&call->sim->lock);
}

void td_get(struct td *td)
{
	td->users++;
}

void td_put(struct td *td)
{
	struct td_vcpu *vcpu;

	if (--td->users)
		return;
	while ((vcpu = LIST_FIRST(&td->vcpus))) {
		LIST_REMOVE(vcpu, node);
		free(vcpu);
	}
	td_sept_free(td);
	EVP_MD_CTX_free(td->measurement);
	free(td);
}

static bool take(struct td_resource *resource, enum td_access access)
{
	switch (access) {
	case TD_SHARED:
		if (resource->exclusive)
			return false;
		resource->sharers++;
		return true;
	case TD_EXCLUSIVE:
		if (resource->exclusive || resource->sharers)
			return false;
		resource->exclusive = true;
		return true;
	default:
		return true;
	}
}

static void give_back(struct td_resource *resource, enum td_access access)
{
	if (access == TD_SHARED)
		resource->sharers--;
	else if (access == TD_EXCLUSIVE)
		resource->exclusive = false;
}

/* The page of @type that an operand names. */
static u64 find_page(const struct td_call *call, unsigned int operand,
		     enum tdx_page_type type, struct td_page **page)
{
	u64 pa = call->regs->gpr[operand];

	if (pa & PAGE_OFFSET_MASK)
		return td_status(TDX_OPERAND_INVALID, operand);
	*page = td_page_find(call->sim->td, pa);
	if (!*page || (*page)->type != type)
		return td_status(TDX_PAGE_METADATA_INCORRECT, operand);
	return TDX_SUCCESS;
}

static u64 find_operands(struct td_call *call, const struct td_leaf *leaf)
{
	struct td_page *page = NULL;
	u64 status;

	if (leaf->tdvpr) {
		status = find_page(call, leaf->tdvpr, PT_TDVPR, &page);
		if (status)
			return status;
		call->vcpu = page->vcpu;
	} else if (leaf->tdr) {
		status = find_page(call, leaf->tdr, PT_TDR, &page);
		if (status)
			return status;
	}
	call->td = page ? page->td : NULL;
	return TDX_SUCCESS;
}

static u64 check_states(const struct td_call *call, const struct td_leaf *leaf)
{
	const struct sim *sim = call->sim;
	const struct td *td = call->td;

	if (leaf->lifecycle &&
	    td_refuses(sim, CHECK_TD_LIFECYCLE, !(td->lifecycle & leaf->lifecycle)))
		return TDX_LIFECYCLE_STATE_INCORRECT;
	if (!leaf->op_state)
		return TDX_SUCCESS;
	if (td_refuses(sim, CHECK_TD_KEYS, td->lifecycle != TD_KEYS_CONFIGURED))
		return td_status(TDX_TD_KEYS_NOT_CONFIGURED, TDX_OPERAND_TDR);
	/* Before TDH.MNG.INIT there is nothing behind the TDCS that a leaf could use. */
	if (td->nr_tdcx < TD_TDCX_PAGES)
		return td_status(TDX_TDCS_NOT_ALLOCATED, TDX_OPERAND_TDR);
	if (td->op_state == TD_UNINITIALIZED)
		return TDX_OP_STATE_INCORRECT;
	if (td_refuses(sim, CHECK_TD_OP_STATE, !(td->op_state & leaf->op_state)))
		return TDX_OP_STATE_INCORRECT;
	return TDX_SUCCESS;
}

static u64 run_locked(struct td_call *call, const struct td_leaf *leaf)
{
	u64 status = check_states(call, leaf);

	return status ? status : leaf->run(call);
}

static u64 run_with_sept(struct td_call *call, const struct td_leaf *leaf)
{
	u64 status;

	if (!take(&call->td->sept_lock, leaf->sept_access))
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_SEPT);
	status = run_locked(call, leaf);
	give_back(&call->td->sept_lock, leaf->sept_access);
	return status;
}

static u64 run_with_vcpu(struct td_call *call, const struct td_leaf *leaf)
{
	u64 status;

	if (!leaf->tdvpr)
		return run_with_sept(call, leaf);
	if (!take(&call->vcpu->lock, leaf->vcpu_access))
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_TDVPR);
	status = run_with_sept(call, leaf);
	give_back(&call->vcpu->lock, leaf->vcpu_access);
	return status;
}

static u64 run_with_td(struct td_call *call, const struct td_leaf *leaf)
{
	struct td *td = call->td;
	u64 status;

	if (!take(&td->lock, leaf->td_access))
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_TDR);
	td_get(td);
	status = run_with_vcpu(call, leaf);
	give_back(&td->lock, leaf->td_access);
	td_put(td);
	return status;
}

static u64 run(struct td_call *call, const struct td_leaf *leaf)
{
	u64 status = find_operands(call, leaf);

	if (status)
		return status;
	/* Without a TD to lock there is none whose state could matter either. */
	return call->td ? run_with_td(call, leaf) : leaf->run(call);
}

bool td_leaf(struct sim *sim, unsigned int vcpu, u64 leaf, struct sim_regs *regs)
{
	struct td_call call = { .sim = sim, .lp = vcpu, .regs = regs };

	if (leaf >= ARRAY_SIZE(leaves) || !leaves[leaf].run)
		return false;
	regs->rax = run(&call, &leaves[leaf]);
	return true;
}

int td_init(struct sim *sim)
{
	sim->td = calloc(1, sizeof(*sim->td));
	if (!sim->td)
		return -ENOMEM;
	LIST_INIT(&sim->td->tds);
	return 0;
}

void td_reset(struct sim *sim)
{
	struct td_state *tds = sim->td;
	struct td *td;

	td_pages_free_all(tds);
	while ((td = LIST_FIRST(&tds->tds))) {
		LIST_REMOVE(td, node);
		td_put(td);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(tds->hkids); i++)
		tds->hkids[i] = (struct hkid) { .state = HKID_FREE };
}

void td_free(struct sim *sim)
{
	if (!sim->td)
		return;
	td_reset(sim);
	free(sim->td);
	sim->td = NULL;
}

/*
 * TDR, TDCS, TDVPS and Secure EPT lie in the TDs' own pages, which no update touches;
 * the key and page tables are part of the handoff data. So all of it stays in place.
 */
void td_handoff_shutdown(struct sim *sim)
{
	(void)sim;
}

void td_handoff_update(struct sim *sim)
{
	struct td *td;

	if (!sim->config.build_erratum)
		return;
	LIST_FOREACH(td, &sim->td->tds, node)
		if (td->op_state == TD_INITIALIZED)
			td_measure_corrupt(td);
}

/*
 * A vCPU that is associated has an active VMCS, and VMXOFF may corrupt active ones ("Intel 64
 * and IA-32 Architectures SDM", volume 3, "Software Use of Virtual-Machine Control
 * Structures"). Here it always does, and no entry succeeds afterwards.
 */
void td_vmxoff(struct sim *sim, unsigned int lp)
{
	struct td_vcpu *vcpu;
	struct td *td;

	LIST_FOREACH(td, &sim->td->tds, node)
		LIST_FOREACH(vcpu, &td->vcpus, node)
			if (vcpu->lp == (int)lp)
				vcpu->guest.state = GUEST_DEAD;
}

unsigned int td_nr_building(const struct sim *sim)
{
	unsigned int nr = 0;
	const struct td *td;

	LIST_FOREACH(td, &sim->td->tds, node)
		nr += td->build_known && td->op_state == TD_INITIALIZED &&
		      td->lifecycle == TD_KEYS_CONFIGURED;
	return nr;
}

bool td_page_is_private(const struct sim *sim, u64 pa)
{
	return td_page_find(sim->td, pa & ~PAGE_OFFSET_MASK);
}

int td_option(struct sim *sim, const char *key, const char *value,
	      char *err, size_t err_size)
{
	(void)sim;
	(void)key;
	(void)value;
	(void)err;
	(void)err_size;
	return -ENOENT;
}

static const char *lifecycle_name(enum td_lifecycle lifecycle)
{
	switch (lifecycle) {
	case TD_HKID_ASSIGNED:
		return "hkid-assigned";
	case TD_KEYS_CONFIGURED:
		return "keys-configured";
	case TD_BLOCKED:
		return "blocked";
	default:
		return "teardown";
	}
}

static const char *op_state_name(enum td_op_state op_state)
{
	switch (op_state) {
	case TD_UNINITIALIZED:
		return "uninitialized";
	case TD_INITIALIZED:
		return "initialized";
	default:
		return "runnable";
	}
}

static struct json_object *json_mrtd(const struct td *td)
{
	char text[2 * TD_MEASUREMENT_SIZE + 1];

	for (unsigned int i = 0; i < TD_MEASUREMENT_SIZE; i++)
		snprintf(text + 2 * i, sizeof(text) - 2 * i, "%02x", td->mrtd[i]);
	return json_object_new_string(text);
}

static struct json_object *json_vcpus(const struct td *td)
{
	struct json_object *array = json_object_new_array();
	const struct td_vcpu *vcpu;

	LIST_FOREACH(vcpu, &td->vcpus, node) {
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "x2apic_id",
				       json_object_new_int64(vcpu->x2apic_id));
		json_object_object_add(object, "lp", json_object_new_int(vcpu->lp));
		json_object_object_add(object, "entries",
				       json_object_new_uint64(vcpu->guest.nr_entries));
		json_object_object_add(object, "interrupts",
				       json_object_new_uint64(vcpu->guest.nr_interrupts));
		json_object_object_add(object, "count",
				       json_object_new_uint64(vcpu->guest.count));
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *json_td(const struct td *td)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "hkid", json_object_new_int(td->hkid));
	json_object_object_add(object, "lifecycle",
			       json_object_new_string(lifecycle_name(td->lifecycle)));
	json_object_object_add(object, "op_state",
			       json_object_new_string(op_state_name(td->op_state)));
	json_object_object_add(object, "pages", json_object_new_uint64(td->nr_pages));
	if (td->op_state == TD_RUNNABLE)
		json_object_object_add(object, "mrtd", json_mrtd(td));
	json_object_object_add(object, "vcpus", json_vcpus(td));
	return object;
}

struct json_object *td_state_json(const struct sim *sim)
{
	struct json_object *array = json_object_new_array();
	const struct td *td;

	LIST_FOREACH(td, &sim->td->tds, node)
		json_object_array_add(array, json_td(td));
	return array;
}
