// SPDX-License-Identifier: GPL-2.0-only
/* The TDX module's own life: see module.h. */
#include "module.h"

#include <string.h>

#include "fault.h"
#include "metadata.h"
#include "platform.h"
#include "td.h"

/* "TDX Module ABI Specification", TDH.SYS.CONFIG. */
#define TDMR_LIST_ALIGN		512
#define TDMR_GRANULARITY	BIT_ULL(30)

struct tdmr_info {
	u64	base;
	u64	size;
	/* PAMT areas and reserved areas follow: memory is not tracked by them here. */
} __packed;

/* What a field id chain ends with. */
#define MD_FIELD_ID_NONE	(~0ULL)

static const char *const state_names[] = {
	[MODULE_ABSENT] = "absent",
	[MODULE_LOADED] = "loaded",
	[MODULE_SYS_INIT] = "sys-init",
	[MODULE_CONFIGURED] = "configured",
	[MODULE_READY] = "ready",
	[MODULE_SHUTDOWN] = "shutdown",
	[MODULE_DISABLED] = "disabled",
};

const char *module_state_name(enum module_state state)
{
	return state_names[state];
}

static u64 operand_invalid(unsigned int operand)
{
	return TDX_OPERAND_INVALID | operand;
}

static bool every_lp_initialized(const struct sim *sim)
{
	for (unsigned int i = 0; i < sim->nr_vcpus; i++) {
		if (!sim->module.lp_init[i])
			return false;
	}
	return true;
}

static u64 sys_init(struct sim *sim, const struct sim_regs *regs)
{
	struct module *module = &sim->module;

	if (check_on(sim, CHECK_SYS_INIT_OPERAND) && regs->rcx)
		return operand_invalid(TDX_OPERAND_RCX);
	if (check_on(sim, CHECK_SYS_INIT_STATE) && module->state != MODULE_LOADED)
		return TDX_SYS_INIT_NOT_PENDING;

	module->state = MODULE_SYS_INIT;
	module->times.sys_init = log_now();
	return TDX_SUCCESS;
}

static u64 sys_lp_init(struct sim *sim, unsigned int vcpu)
{
	struct module *module = &sim->module;

	if (check_on(sim, CHECK_LP_INIT_STATE) && module->state != MODULE_SYS_INIT)
		return TDX_SYS_LP_INIT_NOT_PENDING;
	if (check_on(sim, CHECK_LP_INIT_DONE) && module->lp_init[vcpu])
		return TDX_SYS_LP_INIT_DONE;

	module->lp_init[vcpu] = true;
	module->times.lp_init_last = log_now();
	return TDX_SUCCESS;
}

/* Nothing of what another module did before counts: no TDs, keys or TDMRs. */
static void start_afresh(struct sim *sim)
{
	struct module *module = &sim->module;

	module->handoff_valid = false;
	module->nr_tdmrs = 0;
	memset(module->key_configured, 0, sizeof(module->key_configured));
	td_reset(sim);
}

static bool is_private_keyid(u64 keyid)
{
	return keyid >= PLATFORM_FIRST_TDX_KEYID &&
	       keyid < PLATFORM_FIRST_TDX_KEYID + PLATFORM_NR_TDX_KEYIDS;
}

static bool read_tdmr(const struct sim *sim, u64 list_pa, unsigned int i, struct tdmr *tdmr)
{
	struct tdmr_info info;
	u64 pa;

	if (!sim_read(sim, list_pa + i * sizeof(pa), &pa, sizeof(pa)) ||
	    !sim_read(sim, pa, &info, sizeof(info)))
		return false;

	*tdmr = (struct tdmr){ .base = info.base, .size = info.size };
	return info.size && !(info.base % TDMR_GRANULARITY) && !(info.size % TDMR_GRANULARITY);
}

static u64 sys_config(struct sim *sim, const struct sim_regs *regs)
{
	struct module *module = &sim->module;
	u64 list_pa = regs->rcx, nr = regs->rdx, keyid = regs->r8;
	struct tdmr tdmrs[SIM_MAX_TDMRS] = { };

	if (check_on(sim, CHECK_CONFIG_STATE) && module->state != MODULE_SYS_INIT)
		return TDX_SYS_CONFIG_NOT_PENDING;
	if (check_on(sim, CHECK_CONFIG_LPS) && !every_lp_initialized(sim))
		return TDX_SYS_CONFIG_NOT_PENDING;

	if (check_on(sim, CHECK_CONFIG_OPERANDS)) {
		if (list_pa % TDMR_LIST_ALIGN)
			return operand_invalid(TDX_OPERAND_RCX);
		if (!nr || nr > SIM_MAX_TDMRS)
			return operand_invalid(TDX_OPERAND_RDX);
		if (!is_private_keyid(keyid))
			return operand_invalid(TDX_OPERAND_R8);
	}

	for (unsigned int i = 0; i < nr && i < SIM_MAX_TDMRS; i++) {
		if (!read_tdmr(sim, list_pa, i, &tdmrs[i]))
			return operand_invalid(TDX_OPERAND_RCX);
	}

	start_afresh(sim);
	module->nr_tdmrs = nr < SIM_MAX_TDMRS ? nr : SIM_MAX_TDMRS;
	memcpy(module->tdmrs, tdmrs, sizeof(module->tdmrs));
	module->global_keyid = keyid;
	module->state = MODULE_CONFIGURED;
	return TDX_SUCCESS;
}

static bool every_package_configured(const struct sim *sim)
{
	for (unsigned int i = 0; i < sim->config.nr_packages; i++) {
		if (!sim->module.key_configured[i])
			return false;
	}
	return true;
}

static u64 sys_key_config(struct sim *sim, unsigned int vcpu)
{
	struct module *module = &sim->module;
	unsigned int package = platform_package(sim, vcpu);

	if (check_on(sim, CHECK_KEY_CONFIG_STATE) && module->state != MODULE_CONFIGURED)
		return TDX_SYS_KEY_CONFIG_NOT_PENDING;
	if (check_on(sim, CHECK_KEY_CONFIG_TWICE) && module->key_configured[package])
		return TDX_KEY_CONFIGURED;

	module->key_configured[package] = true;
	if (every_package_configured(sim))
		module->state = MODULE_READY;
	return TDX_SUCCESS;
}

static u64 sys_tdmr_init(struct sim *sim, struct sim_regs *regs)
{
	const struct module *module = &sim->module;

	for (unsigned int i = 0; i < module->nr_tdmrs; i++) {
		if (module->tdmrs[i].base != regs->rcx)
			continue;
		/* The whole of it in one call. */
		regs->rdx = module->tdmrs[i].base + module->tdmrs[i].size;
		return TDX_SUCCESS;
	}
	return check_on(sim, CHECK_TDMR_INIT_BASE) ? operand_invalid(TDX_OPERAND_RCX) :
						     TDX_SUCCESS;
}

static u64 sys_rd(struct sim *sim, struct sim_regs *regs)
{
	if (!metadata_read(sim, regs->rdx, &regs->r8)) {
		if (check_on(sim, CHECK_RD_FIELD))
			return TDX_METADATA_FIELD_ID_INCORRECT;
		regs->r8 = 0;
	}
	regs->rdx = MD_FIELD_ID_NONE;
	return TDX_SUCCESS;
}

/* Operands come before anything that may pass by itself. */
static u64 check_shutdown_operand(const struct sim *sim, u64 rcx)
{
	const struct module_identity *id = &sim->module.id;
	u16 version = rcx & SHUTDOWN_HANDOFF_VERSION_MASK;
	u64 known = SHUTDOWN_HANDOFF_VERSION_MASK | SHUTDOWN_AVOID_COMPAT_SENSITIVE;

	if (check_on(sim, CHECK_SHUTDOWN_RESERVED) && rcx & ~known)
		return operand_invalid(TDX_OPERAND_RCX);
	if (check_on(sim, CHECK_SHUTDOWN_COMPAT_BIT) &&
	    rcx & SHUTDOWN_AVOID_COMPAT_SENSITIVE &&
	    !(sim->module.features0 & TDX_FEATURES0_UPDATE_COMPAT))
		return operand_invalid(TDX_OPERAND_RCX);
	if (check_on(sim, CHECK_SHUTDOWN_VERSION) &&
	    (version < id->min_update_hv || version > id->module_hv))
		return operand_invalid(TDX_OPERAND_RCX);
	if (check_on(sim, CHECK_SHUTDOWN_DOWNGRADE) && id->no_downgrade &&
	    version != id->module_hv)
		return operand_invalid(TDX_OPERAND_RCX);
	return TDX_SUCCESS;
}

static void write_handoff_data(struct sim *sim, u16 version)
{
	struct module *module = &sim->module;

	module->handoff_valid = true;
	module->handoff_version = version;
	/* Page counts in a sigstruct are one less than what they mean. */
	module->handoff_pages = sim->config.handoff_data_pages ?:
				module->id.num_handoff_pages + 1;
	td_handoff_shutdown(sim);
}

static u64 sys_shutdown(struct sim *sim, const struct sim_regs *regs)
{
	struct module *module = &sim->module;
	u64 status = check_shutdown_operand(sim, regs->rcx);
	unsigned int nr_building = td_nr_building(sim);

	if (status)
		return status;
	/* The caller itself is inside, too. */
	if (check_on(sim, CHECK_SHUTDOWN_BUSY) && atomic_load(&module->lps_inside) > 1)
		return TDX_SYS_BUSY;
	if (check_on(sim, CHECK_SHUTDOWN_COMPAT_SENSITIVE) &&
	    regs->rcx & SHUTDOWN_AVOID_COMPAT_SENSITIVE && nr_building)
		return TDX_UPDATE_COMPAT_SENSITIVE | COMPAT_SENSITIVE_BUILD |
		       nr_building << COMPAT_SENSITIVE_COUNT_SHIFT;

	write_handoff_data(sim, regs->rcx & SHUTDOWN_HANDOFF_VERSION_MASK);
	module->state = MODULE_SHUTDOWN;
	module->times = (struct update_times){ .shutdown = log_now() };
	return TDX_SUCCESS;
}

static u64 sys_update(struct sim *sim)
{
	struct module *module = &sim->module;
	const struct module_identity *id = &module->id;

	if (check_on(sim, CHECK_UPDATE_STATE) && module->state != MODULE_SYS_INIT)
		return TDX_SYS_STATE_INCORRECT;
	if (check_on(sim, CHECK_UPDATE_LPS) && !every_lp_initialized(sim))
		return TDX_SYS_STATE_INCORRECT;
	if (check_on(sim, CHECK_UPDATE_HANDOFF) &&
	    (!module->handoff_valid || module->handoff_version < id->min_update_hv ||
	     module->handoff_version > id->module_hv))
		return TDX_SYS_INVALID_HANDOFF;

	module->handoff_valid = false;
	module->state = MODULE_READY;
	module->nr_updates++;
	module->times.update = log_now();
	td_handoff_update(sim);
	return TDX_SUCCESS;
}

static u64 sys_disable(struct sim *sim)
{
	sim->module.state_before_disable = sim->module.state;
	sim->module.state = MODULE_DISABLED;
	return TDX_SUCCESS;
}

/* What an LP must have done before, and the state the module must be in. */
static u64 check_state(const struct sim *sim, unsigned int vcpu, u64 leaf)
{
	const struct module *module = &sim->module;
	bool ready = module->state == MODULE_READY;

	if (check_on(sim, CHECK_MODULE_SHUTDOWN) && module->state == MODULE_SHUTDOWN &&
	    leaf != TDH_SYS_DISABLE)
		return TDX_SYS_SHUTDOWN;

	switch (leaf) {
	case TDH_SYS_INIT:
	case TDH_SYS_LP_INIT:
	case TDH_SYS_CONFIG:
	case TDH_SYS_KEY_CONFIG:
	case TDH_SYS_UPDATE:
	case TDH_SYS_DISABLE:
		/* They name their wrong states themselves. */
		return TDX_SUCCESS;
	case TDH_SYS_RD:
		ready = module->state != MODULE_LOADED;
		break;
	}

	if (check_on(sim, CHECK_MODULE_NOT_READY) && !ready)
		return TDX_SYS_NOT_READY;
	if (check_on(sim, CHECK_MODULE_LP_INIT) && !module->lp_init[vcpu])
		return TDX_SYS_LP_INIT_NOT_DONE;
	return TDX_SUCCESS;
}

static void run_leaf(struct sim *sim, unsigned int vcpu, u64 leaf, struct sim_regs *regs)
{
	u64 status = check_state(sim, vcpu, leaf);

	if (status) {
		regs->rax = status;
		return;
	}

	switch (leaf) {
	case TDH_SYS_INIT:
		regs->rax = sys_init(sim, regs);
		break;
	case TDH_SYS_LP_INIT:
		regs->rax = sys_lp_init(sim, vcpu);
		break;
	case TDH_SYS_CONFIG:
		regs->rax = sys_config(sim, regs);
		break;
	case TDH_SYS_KEY_CONFIG:
		regs->rax = sys_key_config(sim, vcpu);
		break;
	case TDH_SYS_TDMR_INIT:
		regs->rax = sys_tdmr_init(sim, regs);
		break;
	case TDH_SYS_RD:
		regs->rax = sys_rd(sim, regs);
		break;
	case TDH_SYS_SHUTDOWN:
		regs->rax = sys_shutdown(sim, regs);
		break;
	case TDH_SYS_UPDATE:
		regs->rax = sys_update(sim);
		break;
	case TDH_SYS_DISABLE:
		regs->rax = sys_disable(sim);
		break;
	default:
		if (!td_leaf(sim, vcpu, leaf, regs))
			regs->rax = operand_invalid(TDX_OPERAND_RAX);
	}
}

static bool is_reachable(const struct sim *sim)
{
	const struct module *module = &sim->module;

	if (module->state == MODULE_ABSENT || module->state == MODULE_DISABLED)
		return false;
	return sim->seamldr.seam_ready || !check_on(sim, CHECK_MODULE_BLOCKED);
}

enum seamcall_result module_leaf(struct sim *sim, unsigned int vcpu, struct sim_regs *regs)
{
	struct fault_effect effect;

	if (!is_reachable(sim))
		return SEAMCALL_VMFAIL_INVALID;

	if (fault_strikes(sim, leaf_index(regs->rax), vcpu, (struct fault_position){ },
			  &effect)) {
		if (effect.vmfail_invalid)
			return SEAMCALL_VMFAIL_INVALID;
		regs->rax = effect.status;
		return SEAMCALL_DONE;
	}

	run_leaf(sim, vcpu, regs->rax & SEAMCALL_LEAF_MASK, regs);
	return SEAMCALL_DONE;
}

/* Which version an image reports that says none itself: see README.md. */
static struct sim_version version_by_svn(const struct sim *sim, u16 svn)
{
	return (struct sim_version){
		.major = SVN_MAJOR(svn),
		.minor = sim->module.id.version.minor,
		.update = SVN_MINOR(svn),
	};
}

static bool is_set(const struct sim_version *version)
{
	return version->major || version->minor || version->update || version->build;
}

static struct sim_version image_version(const struct sim *sim,
					const struct seam_sigstruct *sigstruct)
{
	struct sim_version version = {
		.major = sigstruct->major_version,
		.minor = sigstruct->minor_version,
		.update = sigstruct->update_version,
		.build = sigstruct->build_num,
	};

	if (is_set(&version))
		return version;
	if (is_set(&sim->config.image_version))
		return sim->config.image_version;
	return version_by_svn(sim, sigstruct->seamsvn);
}

void module_installed(struct sim *sim, const struct seam_sigstruct *sigstruct, bool update)
{
	struct module *module = &sim->module;

	module->id = (struct module_identity){
		.version = image_version(sim, sigstruct),
		.seamsvn = sigstruct->seamsvn,
		.module_hv = sigstruct->module_hv,
		.min_update_hv = sigstruct->min_update_hv,
		.no_downgrade = sigstruct->no_downgrade,
		.num_handoff_pages = sigstruct->num_handoff_pages,
	};
	memcpy(module->id.mrseam, sigstruct->seamhash, sizeof(module->id.mrseam));
	if (sim->config.image_features0)
		module->features0 = sim->config.image_features0;

	module->state = MODULE_LOADED;
	memset(module->lp_init, 0, sizeof(module->lp_init));
	if (!update)
		start_afresh(sim);
}

void module_gone(struct sim *sim)
{
	sim->module.state = MODULE_ABSENT;
	sim->module.handoff_valid = false;
	td_reset(sim);
}
