// SPDX-License-Identifier: GPL-2.0-only
/* The P-SEAMLDR: see seamldr.h. */
#include "seamldr.h"

#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "module.h"
#include "platform.h"
#include "td.h"
#include "verify.h"

#define SEAMLDR_BUILD_DATE	0x20260101

static bool all_zero(const void *start, size_t size)
{
	const u8 *byte = start;

	while (size--) {
		if (*byte++)
			return false;
	}
	return true;
}

static bool is_aligned(u64 value, u64 alignment)
{
	return !(value & (alignment - 1));
}

/* Ordinary memory that the host may use as it likes. */
static bool is_shared_memory(const struct sim *sim, u64 pa, size_t size)
{
	u8 probe;

	if (pa >> sim->config.phys_bits)
		return false;
	if (td_page_is_private(sim, pa))
		return false;
	return sim_read(sim, pa, &probe, sizeof(probe)) &&
	       sim_read(sim, pa + size - sizeof(probe), &probe, sizeof(probe));
}

static void fill_info(const struct sim *sim, struct seamldr_info *info)
{
	const struct module_identity *id = &sim->module.id;
	const struct seamldr *seamldr = &sim->seamldr;

	*info = (struct seamldr_info){
		.version = SEAMLDR_INFO_VERSION,
		.attributes = sim->config.debug_platform ? SEAMLDR_INFO_DEBUG : 0,
		.vendor_id = SEAM_VENDOR_INTEL,
		.build_date = SEAMLDR_BUILD_DATE,
		.build_num = seamldr->version.build,
		.minor = seamldr->version.minor,
		.major = seamldr->version.major,
		.update = seamldr->version.update,
		.num_remaining_updates = seamldr->num_remaining_updates,
		.seam_ready = seamldr->seam_ready,
		.seam_debug = sim->config.debug_platform,
		.p_seam_ready = 1,
		.features0 = seamldr->features0,
	};

	if (sim->module.state == MODULE_ABSENT)
		return;
	info->seam_info.valid = 1;
	memcpy(info->seam_info.tee_tcb_svn, &id->seamsvn, sizeof(id->seamsvn));
	memcpy(info->seam_info.mrseam, id->mrseam, sizeof(id->mrseam));
}

static u64 seamldr_info(struct sim *sim, u64 pa)
{
	struct seamldr_info info;

	if (check_on(sim, CHECK_INFO_ADDRESS) &&
	    (!is_aligned(pa, SEAMLDR_INFO_ALIGN) ||
	     !is_shared_memory(sim, pa, sizeof(info))))
		return SEAMLDR_EBADPARAM;

	fill_info(sim, &info);
	return sim_write(sim, pa, &info, sizeof(info)) ? SEAMLDR_SUCCESS : SEAMLDR_EBADPARAM;
}

/* What the last LP of a session works on. */
struct install {
	struct sim *sim;
	u64 params_pa;
	struct seamldr_params params;
	struct seam_sigstruct sig;
};

static bool is_update(const struct install *install)
{
	return install->params.scenario == SEAMLDR_SCENARIO_UPDATE;
}

static bool is_debug_signed(const struct install *install)
{
	return install->sig.module_type & SIGSTRUCT_DEBUG_SIGNED;
}

static bool is_page(const struct sim *sim, u64 pa)
{
	return is_aligned(pa, PAGE_SIZE) && is_shared_memory(sim, pa, PAGE_SIZE);
}

static u64 check_params(struct install *install)
{
	const struct seamldr_params *params = &install->params;
	const struct sim *sim = install->sim;

	if (check_on(sim, CHECK_PARAMS_ADDRESS) && !is_page(sim, install->params_pa))
		return SEAMLDR_EBADPARAM;
	if (!sim_read(sim, install->params_pa, &install->params, sizeof(install->params)))
		return SEAMLDR_EBADPARAM;

	if (check_on(sim, CHECK_PARAMS_VERSION) && params->version != SEAMLDR_PARAMS_VERSION)
		return SEAMLDR_EBADPARAM;
	if (check_on(sim, CHECK_PARAMS_RESERVED) &&
	    !all_zero(params->reserved, sizeof(params->reserved)))
		return SEAMLDR_EBADPARAM;
	if (check_on(sim, CHECK_PARAMS_SCENARIO) &&
	    params->scenario != SEAMLDR_SCENARIO_LOAD && !is_update(install))
		return SEAMLDR_EBADPARAM;
	if (check_on(sim, CHECK_PARAMS_PAGE_COUNT) &&
	    (!params->num_module_pages || params->num_module_pages > SEAMLDR_MAX_MODULE_PAGES))
		return SEAMLDR_EBADPARAM;
	return SEAMLDR_SUCCESS;
}

/* Never beyond the list, even where the check of the count is switched off. */
static u64 nr_module_pages(const struct install *install)
{
	u64 nr = install->params.num_module_pages;

	return nr < SEAMLDR_MAX_MODULE_PAGES ? nr : SEAMLDR_MAX_MODULE_PAGES;
}

static u64 check_pages(struct install *install)
{
	const struct seamldr_params *params = &install->params;
	const struct sim *sim = install->sim;

	if (check_on(sim, CHECK_PARAMS_SIGSTRUCT_PA)) {
		if (!is_page(sim, params->sigstruct_pa[0]))
			return SEAMLDR_EBADPARAM;
		/* Parameters of version 0 have room for one page. */
		for (unsigned int i = 1; i < SEAMLDR_MAX_SIGSTRUCT_PAGES; i++) {
			if (params->sigstruct_pa[i])
				return SEAMLDR_EBADPARAM;
		}
	}

	if (check_on(sim, CHECK_PARAMS_MODULE_PA)) {
		for (u64 i = 0; i < nr_module_pages(install); i++) {
			if (!is_page(sim, params->mod_pages_pa_list[i]))
				return SEAMLDR_EBADPARAM;
		}
	}

	if (check_on(sim, CHECK_PARAMS_NO_MODULE) && is_update(install) &&
	    sim->module.state == MODULE_ABSENT)
		return SEAMLDR_EBADPARAM;
	return SEAMLDR_SUCCESS;
}

static bool sizes_fit(const struct seam_sigstruct *sig)
{
	return sig->size == SIGSTRUCT_SIZE_DWORDS &&
	       sig->key_size == SIGSTRUCT_KEY_DWORDS &&
	       sig->modulus_size == SIGSTRUCT_KEY_DWORDS &&
	       sig->exponent_size == SIGSTRUCT_EXPONENT_DWORDS;
}

static bool reserved_are_zero(const struct seam_sigstruct *sig)
{
	/* reserved3 is in use in later images. */
	return all_zero(sig->reserved0, sizeof(sig->reserved0)) &&
	       all_zero(sig->reserved1, sizeof(sig->reserved1)) &&
	       !sig->reserved2;
}

static u64 check_sigstruct(struct install *install)
{
	const struct sim *sim = install->sim;
	struct seam_sigstruct *sig = &install->sig;

	if (!sim_read(sim, install->params.sigstruct_pa[0], sig, sizeof(*sig)))
		return SEAMLDR_EBADPARAM;

	if (check_on(sim, CHECK_SIG_HEADER) &&
	    (sig->header_type != SIGSTRUCT_HEADER_TYPE ||
	     sig->header_length != SIGSTRUCT_HEADER_LENGTH ||
	     sig->header_version != SIGSTRUCT_HEADER_VERSION))
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_SIG_MODULE_TYPE) &&
	    sig->module_type & ~SIGSTRUCT_DEBUG_SIGNED)
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_SIG_VENDOR) && sig->module_vendor != SEAM_VENDOR_INTEL)
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_SIG_SIZES) && !sizes_fit(sig))
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_SIG_EXPONENT) && sig->exponent != SIGSTRUCT_EXPONENT)
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_SIG_RESERVED) && !reserved_are_zero(sig))
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_SIG_ATTRIBUTES) && sig->attributes)
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_SIG_CPUID_COUNT) &&
	    sig->cpuid_table_size > SIGSTRUCT_MAX_CPUIDS)
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_SIG_HANDOFF_RANGE) && sig->min_update_hv > sig->module_hv)
		return SEAMLDR_EBADSIG;
	return SEAMLDR_SUCCESS;
}

static bool signer_accepted(const struct install *install)
{
	const struct sim_config *config = &install->sim->config;
	u8 hash[SHA384_SIZE];

	if (!verify_signer_hash(&install->sig, hash))
		return false;
	for (unsigned int i = 0; i < config->nr_signers; i++) {
		if (!memcmp(config->signers[i], hash, sizeof(hash)))
			return true;
	}
	return false;
}

static u64 check_signer(struct install *install)
{
	const struct sim *sim = install->sim;

	if (check_on(sim, CHECK_SIG_SIGNER) && !signer_accepted(install))
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_SIG_DEBUG) && is_debug_signed(install) &&
	    !sim->config.debug_platform)
		return SEAMLDR_EBADSIG;
	return SEAMLDR_SUCCESS;
}

static u64 check_svn(struct install *install)
{
	const struct sim *sim = install->sim;
	u16 svn = install->sig.seamsvn, running = sim->module.id.seamsvn;

	/* A module that is loaded from scratch has none to be compared with. */
	if (!is_update(install))
		running = svn;

	if (check_on(sim, CHECK_SVN_MAJOR) &&
	    (!SVN_MAJOR(svn) || SVN_MAJOR(svn) != SVN_MAJOR(running)))
		return SEAMLDR_EUNSUPPORTED;
	if (check_on(sim, CHECK_SVN_MINOR) && SVN_MINOR(svn) < SVN_MINOR(running))
		return SEAMLDR_EBADSIG;
	return SEAMLDR_SUCCESS;
}

static u64 check_offsets(struct install *install)
{
	u64 size = nr_module_pages(install) * PAGE_SIZE;
	const struct seam_sigstruct *sig = &install->sig;
	const struct sim *sim = install->sim;

	/* Images of before these fields have neither. */
	if (!sig->gdt_idt_offset && !sig->fault_wrapper_offset)
		return SEAMLDR_SUCCESS;

	if (check_on(sim, CHECK_GDT_IDT_OFFSET) &&
	    (!sig->gdt_idt_offset || !is_aligned(sig->gdt_idt_offset, PAGE_SIZE) ||
	     sig->gdt_idt_offset + SIGSTRUCT_GDT_IDT_SIZE > size))
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_FAULT_WRAPPER_OFFSET) &&
	    (!sig->fault_wrapper_offset ||
	     (u64)sig->fault_wrapper_offset + SIGSTRUCT_FAULT_WRAPPER_SIZE > size))
		return SEAMLDR_EBADSIG;
	return SEAMLDR_SUCCESS;
}

static bool in_cpu_table(const struct seam_sigstruct *sig, u32 cpuid)
{
	for (u32 i = 0; i < sig->cpuid_table_size && i < SIGSTRUCT_MAX_CPUIDS; i++) {
		if (!((sig->cpuid_table[i] ^ cpuid) & ~CPUID_STEPPING_MASK))
			return true;
	}
	return false;
}

static u64 check_cpus(struct install *install)
{
	const struct sim *sim = install->sim;

	if (!install->sig.cpuid_table_size) {
		if (check_on(sim, CHECK_CPU_TABLE_EMPTY) && !is_debug_signed(install))
			return SEAMLDR_EBADSIG;
		return SEAMLDR_SUCCESS;
	}

	for (unsigned int i = 0; check_on(sim, CHECK_CPU_TABLE) && i < sim->nr_vcpus; i++) {
		if (!in_cpu_table(&install->sig, platform_cpuid_signature(sim, i)))
			return SEAMLDR_EUNSUPCPU;
	}
	return SEAMLDR_SUCCESS;
}

static u64 check_signature(struct install *install)
{
	const struct sim *sim = install->sim;

	if (check_on(sim, CHECK_SIGNATURE) && !verify_signature(&install->sig))
		return SEAMLDR_EBADSIG;
	if (check_on(sim, CHECK_MODULE_FITS) &&
	    nr_module_pages(install) > sim->config.seam_pages)
		return SEAMLDR_ENOMEM;
	return SEAMLDR_SUCCESS;
}

static u64 check_handoff(struct install *install)
{
	const struct seam_sigstruct *sig = &install->sig;
	const struct sim *sim = install->sim;
	const struct module *module = &sim->module;

	if (check_on(sim, CHECK_UPDATES_LEFT) && !sim->seamldr.num_remaining_updates)
		return SEAMLDR_EBADCALL;
	if (!is_update(install))
		return SEAMLDR_SUCCESS;

	if (check_on(sim, CHECK_HANDOFF_DATA) && !module->handoff_valid)
		return SEAMLDR_EBADHANDOFF;
	/* Page counts in a sigstruct are one less than what they mean. */
	if (check_on(sim, CHECK_HANDOFF_PAGES) &&
	    module->handoff_pages > module->id.num_handoff_pages + 1)
		return SEAMLDR_EBADHANDOFF;
	if (check_on(sim, CHECK_HANDOFF_VERSION) &&
	    (module->handoff_version < sig->min_update_hv ||
	     module->handoff_version > sig->module_hv))
		return SEAMLDR_EBADHANDOFF;
	return SEAMLDR_SUCCESS;
}

/* In the order of the specification: the first that fails names the status. */
static u64 (*const recoverable_checks[])(struct install *install) = {
	check_params,
	check_pages,
	check_sigstruct,
	check_signer,
	check_svn,
	check_offsets,
	check_cpus,
	check_signature,
	check_handoff,
};

/* The old module's memory is cleared, so whatever fails from here costs it. */
static u64 replace_module(struct install *install)
{
	const struct seam_sigstruct *sig = &install->sig;
	struct sim *sim = install->sim;
	u8 hash[SHA384_SIZE];

	if (!verify_pages_hash(sim, install->params.mod_pages_pa_list,
			       nr_module_pages(install), hash))
		return SEAMLDR_ENOMEM;
	if (check_on(sim, CHECK_MODULE_HASH) && memcmp(hash, sig->seamhash, sizeof(hash)))
		return SEAMLDR_EBADHASH;

	if (sim->seamldr.num_remaining_updates)
		sim->seamldr.num_remaining_updates--;
	sim->seamldr.nr_installed++;
	sim->seamldr.seam_ready_after = true;
	module_installed(sim, sig, is_update(install));
	return SEAMLDR_SUCCESS;
}

static void module_lost(struct sim *sim)
{
	sim->seamldr.seam_ready_after = false;
	module_gone(sim);
}

static u64 install_module(struct sim *sim, u64 params_pa, u64 *rdx)
{
	struct install *install = calloc(1, sizeof(*install));
	u64 status = SEAMLDR_SUCCESS;

	*rdx = SEAMLDR_RECOVERABLE;
	if (!install)
		return SEAMLDR_ENOMEM;
	install->sim = sim;
	install->params_pa = params_pa;

	for (unsigned int i = 0; !status && i < ARRAY_SIZE(recoverable_checks); i++)
		status = recoverable_checks[i](install);

	if (!status) {
		status = replace_module(install);
		if (status) {
			*rdx = SEAMLDR_UNRECOVERABLE;
			module_lost(sim);
		}
	}

	free(install);
	return status;
}

static void session_begin(struct sim *sim)
{
	struct seamldr *seamldr = &sim->seamldr;

	seamldr->nr_sessions++;
	seamldr->doomed = false;
	seamldr->seam_ready_after = seamldr->seam_ready;
	seamldr->seam_ready = false;
	sim->module.times.install_first = log_now();
}

static void session_end(struct sim *sim)
{
	struct seamldr *seamldr = &sim->seamldr;

	memset(seamldr->called, 0, sizeof(seamldr->called));
	seamldr->nr_called = 0;
	seamldr->seam_ready = seamldr->seam_ready_after;
	sim->module.times.install_last = log_now();
}

/*
 * An LP before the last one never fails in the real P-SEAMLDR. A fault injected there
 * answers on that LP and spoils the session, which still waits for all others, so that
 * it ends at the same moment as any other session.
 */
static u64 fault_in_session(struct sim *sim, const struct fault_effect *effect, u64 *rdx)
{
	sim->seamldr.doomed = true;
	if (effect->rdx != SEAMLDR_RECOVERABLE)
		module_lost(sim);
	*rdx = effect->rdx;
	return effect->status;
}

static bool is_last_lp(const struct sim *sim, unsigned int vcpu)
{
	return !sim->seamldr.called[vcpu] && sim->seamldr.nr_called + 1 == sim->nr_vcpus;
}

static enum seamcall_result seamldr_install(struct sim *sim, unsigned int vcpu,
					    struct sim_regs *regs)
{
	struct seamldr *seamldr = &sim->seamldr;
	struct fault_position position = {
		.first = !seamldr->nr_called,
		.last = is_last_lp(sim, vcpu),
	};
	struct fault_effect effect;
	bool struck;

	struck = fault_strikes(sim, SEAMLDR_INSTALL, vcpu, position, &effect);
	if (struck && effect.vmfail_invalid)
		return SEAMCALL_VMFAIL_INVALID;

	if (check_on(sim, CHECK_INSTALL_CALLED_TWICE) && seamldr->called[vcpu]) {
		regs->rax = SEAMLDR_EBADCALL;
		regs->rdx = SEAMLDR_RECOVERABLE;
		return SEAMCALL_DONE;
	}

	if (!seamldr->nr_called)
		session_begin(sim);
	if (!seamldr->called[vcpu]) {
		seamldr->called[vcpu] = true;
		seamldr->nr_called++;
	}

	regs->rax = SEAMLDR_SUCCESS;
	if (struck)
		regs->rax = fault_in_session(sim, &effect, &regs->rdx);
	else if (position.last && !seamldr->doomed)
		regs->rax = install_module(sim, regs->rcx, &regs->rdx);

	if (position.last)
		session_end(sim);
	return SEAMCALL_DONE;
}

enum seamcall_result seamldr_leaf(struct sim *sim, unsigned int vcpu, struct sim_regs *regs)
{
	struct fault_effect effect;
	unsigned int leaf = leaf_index(regs->rax);

	if (leaf == SEAMLDR_INSTALL)
		return seamldr_install(sim, vcpu, regs);

	if (fault_strikes(sim, leaf, vcpu, (struct fault_position){ }, &effect)) {
		if (effect.vmfail_invalid)
			return SEAMCALL_VMFAIL_INVALID;
		regs->rax = effect.status;
		return SEAMCALL_DONE;
	}

	regs->rax = leaf == SEAMLDR_INFO ? seamldr_info(sim, regs->rcx) : SEAMLDR_EBADCALL;
	return SEAMCALL_DONE;
}
