// SPDX-License-Identifier: GPL-2.0-only
/*
 * The QEMU plugin: finds the instructions of a TDX host while QEMU translates, and
 * executes them with the models instead of QEMU.
 *
 * An instruction is replaced by setting the PC behind it from the callback that runs
 * before it; returning from the callback leaves it to QEMU, where most raise #UD.
 */
#include <err.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "count.h"
#include "decode.h"
#include "guest.h"
#include "log.h"
#include "options.h"
#include "platform.h"
#include "qemu_plugin.h"
#include "seamsim.h"

#define MAX_REASON		256
#define CPL_MASK		3
#define LOW_HALF		GENMASK_ULL(31, 0)
#define HIGH_HALF_SHIFT		32
#define MOVDIR64B_SIZE		64
#define CPUID_SIZE		2

/* Register numbers 4..7 of byte operands without REX: bits 15:8 of the first four. */
#define FIRST_HIGH_BYTE		4
#define HIGH_BYTE_SHIFT		8
#define BYTE_MASK		0xffULL

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static struct sim *sim;

/* A replaced instruction at its place. Lives as long as QEMU may have it translated. */
struct site {
	u64 pc;
	u8 bytes[INSN_MAX_SIZE];
	struct insn insn;
};

/*
 * All sites, found by place and bytes, so that translating the same code again does
 * not allocate again. Translation runs in all vCPU threads.
 */
static GHashTable *sites;
static GMutex sites_lock;

/* A CPUID that QEMU is executing, whose answer is patched behind it. */
struct pending_cpuid {
	bool valid;
	u64 pc;
	u32 leaf;
	u32 subleaf;
};

static struct pending_cpuid pending[SIM_MAX_VCPUS];

/* Where a CPUID ended a translation block: addresses, as keys. Under sites_lock. */
static GHashTable *cpuid_ends;

static bool in_kernel(unsigned int vcpu)
{
	return !(guest_read_special(vcpu, GUEST_CS) & CPL_MASK);
}

/* @end is where the next instruction starts. */
static u64 operand_address(unsigned int vcpu, const struct insn *insn, u64 end,
			   const struct sim_regs *regs)
{
	u64 address = insn->displacement;

	if (insn->rip_relative)
		address += end;
	if (insn->base != NO_REGISTER)
		address += regs->gpr[insn->base];
	if (insn->index != NO_REGISTER)
		address += regs->gpr[insn->index] << insn->scale;
	if (insn->address32)
		address &= LOW_HALF;
	if (insn->segment == SEGMENT_FS)
		address += guest_read_special(vcpu, GUEST_FS_BASE);
	else if (insn->segment == SEGMENT_GS)
		address += guest_read_special(vcpu, GUEST_GS_BASE);
	return address;
}

/* As much of the code at @pc as is mapped. */
static size_t read_code(u64 pc, u8 bytes[INSN_MAX_SIZE])
{
	size_t in_page = PAGE_SIZE - (pc & PAGE_OFFSET_MASK);

	if (guest_read_virtual(pc, bytes, INSN_MAX_SIZE))
		return INSN_MAX_SIZE;
	if (in_page < INSN_MAX_SIZE && guest_read_virtual(pc, bytes, in_page))
		return in_page;
	return 0;
}

/* SETcc: one byte, which without REX may be the second one of a register. */
static void set_byte(unsigned int vcpu, const struct insn *insn, u64 end, bool value)
{
	struct sim_regs before, after;
	unsigned int shift = 0, rm = insn->rm;
	u8 byte = value;

	guest_read_regs(vcpu, &before);
	if (insn->is_memory) {
		guest_write_virtual(operand_address(vcpu, insn, end, &before), &byte,
				    sizeof(byte));
		return;
	}

	if (!insn->has_rex && rm >= FIRST_HIGH_BYTE) {
		rm -= FIRST_HIGH_BYTE;
		shift = HIGH_BYTE_SHIFT;
	}
	after = before;
	after.gpr[rm] &= ~(BYTE_MASK << shift);
	after.gpr[rm] |= (u64)byte << shift;
	guest_write_regs(vcpu, &before, &after);
}

/*
 * Go on behind @site with the flags that it left. TCG does not look at eflags for a
 * condition that it evaluates lazily, so the instruction that asks is executed here.
 */
__attribute__((noreturn))
static void finish(unsigned int vcpu, const struct site *site, bool carry, bool zero)
{
	u64 pc = site->pc + site->insn.size, end;
	u8 bytes[INSN_MAX_SIZE];
	struct insn insn;
	bool holds;

	if (!insn_decode(bytes, read_code(pc, bytes), &insn) ||
	    (insn.kind != INSN_JCC && insn.kind != INSN_SETCC)) {
		if (carry || zero)
			log_event(&sim->log, vcpu, "flags-not-delivered", NULL);
		qemu_plugin_set_pc(pc);
	}

	end = pc + insn.size;
	holds = insn_condition_holds(insn.condition, carry, zero);
	if (insn.kind == INSN_SETCC)
		set_byte(vcpu, &insn, end, holds);
	else if (holds)
		end += insn.displacement;
	qemu_plugin_set_pc(end);
}

static void do_seamcall(unsigned int vcpu, const struct site *site)
{
	struct sim_regs before, after;
	enum seamcall_result result;

	guest_read_regs(vcpu, &before);
	after = before;
	result = seamcall(sim, vcpu, &after);
	if (result == SEAMCALL_UD)
		return;
	guest_write_regs(vcpu, &before, &after);
	finish(vcpu, site, result == SEAMCALL_VMFAIL_INVALID, false);
}

static const enum vmx_op vmx_ops[] = {
	[INSN_VMXON] = VMX_VMXON,
	[INSN_VMXOFF] = VMX_VMXOFF,
	[INSN_VMCLEAR] = VMX_VMCLEAR,
	[INSN_VMPTRLD] = VMX_VMPTRLD,
	[INSN_VMPTRST] = VMX_VMPTRST,
	[INSN_VMREAD] = VMX_VMREAD,
	[INSN_VMWRITE] = VMX_VMWRITE,
	[INSN_INVEPT] = VMX_INVEPT,
	[INSN_INVVPID] = VMX_INVVPID,
	[INSN_VMLAUNCH] = VMX_VMLAUNCH,
	[INSN_VMRESUME] = VMX_VMRESUME,
};

/* False if memory that it names cannot be read: QEMU's #UD is then as good as any fault. */
static bool fetch_operands(const struct insn *insn, u64 address, const struct sim_regs *regs,
			   struct vmx_insn *vmx)
{
	switch (vmx->op) {
	case VMX_VMXON:
	case VMX_VMCLEAR:
	case VMX_VMPTRLD:
		return guest_read_virtual(address, &vmx->operand, sizeof(vmx->operand));
	case VMX_VMREAD:
		vmx->operand = regs->gpr[insn->reg];
		return true;
	case VMX_VMWRITE:
		vmx->operand = regs->gpr[insn->reg];
		if (insn->is_memory)
			return guest_read_virtual(address, &vmx->value, sizeof(vmx->value));
		vmx->value = regs->gpr[insn->rm];
		return true;
	case VMX_INVEPT:
	case VMX_INVVPID:
		vmx->operand = regs->gpr[insn->reg];
		return guest_read_virtual(address, vmx->desc, sizeof(vmx->desc));
	default:
		return true;
	}
}

static void store_result(unsigned int vcpu, const struct insn *insn, u64 address,
			 const struct sim_regs *regs, const struct vmx_insn *vmx)
{
	struct sim_regs after = *regs;

	if (vmx->op != VMX_VMREAD && vmx->op != VMX_VMPTRST)
		return;
	if (insn->is_memory) {
		guest_write_virtual(address, &vmx->value, sizeof(vmx->value));
		return;
	}
	after.gpr[insn->rm] = vmx->value;
	guest_write_regs(vcpu, regs, &after);
}

static void do_vmx(unsigned int vcpu, const struct site *site)
{
	const struct insn *insn = &site->insn;
	struct vmx_insn vmx = { .op = vmx_ops[insn->kind] };
	enum vmx_result result;
	struct sim_regs regs;
	u64 address = 0;

	guest_read_regs(vcpu, &regs);
	if (insn->is_memory)
		address = operand_address(vcpu, insn, site->pc + insn->size, &regs);
	if (!fetch_operands(insn, address, &regs, &vmx))
		return;

	result = vmx_execute(sim, vcpu, &vmx);
	if (result == VMX_UD)
		return;
	if (result == VMX_SUCCEED)
		store_result(vcpu, insn, address, &regs, &vmx);
	finish(vcpu, site, result == VMX_FAIL_INVALID, result == VMX_FAIL_VALID);
}

static void do_rdmsr(unsigned int vcpu, const struct site *site)
{
	struct sim_regs before, after;
	u64 value;

	guest_read_regs(vcpu, &before);
	if (!platform_execute_rdmsr(sim, before.rcx, &value))
		return;
	after = before;
	after.rax = value & LOW_HALF;
	after.rdx = value >> HIGH_HALF_SHIFT;
	guest_write_regs(vcpu, &before, &after);
	qemu_plugin_set_pc(site->pc + site->insn.size);
}

static void do_write_cr4(unsigned int vcpu, const struct site *site)
{
	struct sim_regs regs;
	u64 wanted, allowed;

	guest_read_regs(vcpu, &regs);
	wanted = regs.gpr[site->insn.rm];
	allowed = platform_write_cr4(sim, vcpu, wanted);
	if (allowed == wanted)
		return;
	guest_write_special(vcpu, GUEST_CR4, allowed);
	qemu_plugin_set_pc(site->pc + site->insn.size);
}

static void do_read_cr4(unsigned int vcpu, const struct site *site)
{
	u64 real = guest_read_special(vcpu, GUEST_CR4);
	u64 shown = platform_read_cr4(sim, vcpu, real);
	struct sim_regs before, after;

	if (shown == real)
		return;
	guest_read_regs(vcpu, &before);
	after = before;
	after.gpr[site->insn.rm] = shown;
	guest_write_regs(vcpu, &before, &after);
	qemu_plugin_set_pc(site->pc + site->insn.size);
}

static void do_movdir64b(unsigned int vcpu, const struct site *site)
{
	u64 end = site->pc + site->insn.size;
	u8 line[MOVDIR64B_SIZE];
	struct sim_regs regs;
	u64 from;

	guest_read_regs(vcpu, &regs);
	from = operand_address(vcpu, &site->insn, end, &regs);
	if (guest_read_virtual(from, line, sizeof(line)) &&
	    guest_write_virtual(regs.gpr[site->insn.reg], line, sizeof(line)))
		qemu_plugin_set_pc(end);
}

/* What the control leaf does with the buffer of its caller. Returns EAX. */
static u32 control_buffer(enum control_op op, u64 va, u64 size)
{
	char *buffer;
	u32 result = CONTROL_FAILED;

	if (!size || size > CONTROL_MAX_SIZE)
		return op == CONTROL_STATE ? CONTROL_TOO_SMALL : CONTROL_FAILED;
	buffer = calloc(1, size);
	if (!buffer)
		return op == CONTROL_STATE ? CONTROL_TOO_SMALL : CONTROL_FAILED;

	if (op == CONTROL_STATE) {
		result = control_state(sim, buffer, size);
		if (result != CONTROL_TOO_SMALL &&
		    !guest_write_virtual(va, buffer, result + sizeof('\0')))
			result = CONTROL_TOO_SMALL;
	} else if (guest_read_virtual(va, buffer, size)) {
		result = control_options(sim, buffer, size);
		if (result != CONTROL_OK)
			guest_write_virtual(va, buffer, size);
	}
	free(buffer);
	return result;
}

static bool is_control(const struct sim_regs *regs)
{
	return (regs->rax & LOW_HALF) == CONTROL_LEAF &&
	       (regs->rbx & LOW_HALF) == CONTROL_MAGIC;
}

static void do_control(unsigned int vcpu, const struct site *site,
		       const struct sim_regs *before)
{
	enum control_op op = before->rcx & LOW_HALF;
	struct sim_regs after = *before;

	switch (op) {
	case CONTROL_IDENTIFY:
		after.rax = CONTROL_VERSION;
		after.rbx = CONTROL_NAME_EBX;
		after.rcx = CONTROL_NAME_ECX;
		after.rdx = CONTROL_NAME_EDX;
		break;
	case CONTROL_OPTIONS:
	case CONTROL_STATE:
		after.rax = control_buffer(op, before->rsi, before->rdx);
		break;
	default:
		after.rax = CONTROL_FAILED;
	}
	guest_write_regs(vcpu, before, &after);
	qemu_plugin_set_pc(site->pc + site->insn.size);
}

static void do_cpuid(unsigned int vcpu, const struct site *site)
{
	struct sim_regs regs;

	guest_read_regs(vcpu, &regs);
	if (is_control(&regs))
		do_control(vcpu, site, &regs);

	pending[vcpu] = (struct pending_cpuid){
		.valid = true,
		.pc = site->pc + site->insn.size,
		.leaf = regs.rax,
		.subleaf = regs.rcx,
	};
}

static void after_cpuid(unsigned int vcpu, void *pc)
{
	struct pending_cpuid *cpuid = &pending[vcpu];
	struct sim_regs before, after;

	if (!cpuid->valid || cpuid->pc != (uintptr_t)pc)
		return;
	cpuid->valid = false;

	guest_read_regs(vcpu, &before);
	after = before;
	if (platform_patch_cpuid(sim, vcpu, cpuid->leaf, cpuid->subleaf, &after))
		guest_write_regs(vcpu, &before, &after);
}

/* Runs before the instruction. Does not return where it was executed here. */
static void before_insn(unsigned int vcpu, void *userdata)
{
	const struct site *site = userdata;

	if (site->insn.kind == INSN_CPUID) {
		do_cpuid(vcpu, site);
		return;
	}
	/* QEMU raises what a program in user mode deserves. */
	if (!in_kernel(vcpu))
		return;

	switch (site->insn.kind) {
	case INSN_RDMSR:
		do_rdmsr(vcpu, site);
		break;
	case INSN_READ_CR4:
		do_read_cr4(vcpu, site);
		break;
	case INSN_WRITE_CR4:
		do_write_cr4(vcpu, site);
		break;
	case INSN_SEAMCALL:
		do_seamcall(vcpu, site);
		break;
	case INSN_MOVDIR64B:
		do_movdir64b(vcpu, site);
		break;
	default:
		do_vmx(vcpu, site);
	}
}

static guint site_hash(gconstpointer key)
{
	const struct site *site = key;

	return g_int64_hash(&site->pc);
}

static gboolean site_equal(gconstpointer a, gconstpointer b)
{
	const struct site *x = a, *y = b;

	return x->pc == y->pc && !memcmp(x->bytes, y->bytes, sizeof(x->bytes));
}

static struct site *find_site(const struct site *wanted)
{
	struct site *site;

	g_mutex_lock(&sites_lock);
	site = g_hash_table_lookup(sites, wanted);
	if (!site) {
		site = g_memdup2(wanted, sizeof(*wanted));
		g_hash_table_add(sites, site);
	}
	g_mutex_unlock(&sites_lock);
	return site;
}

/* Returns the site if the instruction is one to replace. */
static struct site *translate_insn(const struct qemu_plugin_insn *insn)
{
	struct site site = { .pc = qemu_plugin_insn_vaddr(insn) };
	size_t size;

	size = qemu_plugin_insn_data(insn, site.bytes, sizeof(site.bytes));
	if (!insn_is_candidate(site.bytes, size))
		return NULL;

	/* QEMU's idea of the length ends where it gave up. */
	memset(site.bytes, 0, sizeof(site.bytes));
	size = read_code(site.pc, site.bytes);
	if (!insn_decode(site.bytes, size, &site.insn))
		return NULL;
	memset(site.bytes + site.insn.size, 0, sizeof(site.bytes) - site.insn.size);
	return find_site(&site);
}

static bool is_cpuid_end(u64 pc)
{
	bool found;

	g_mutex_lock(&sites_lock);
	found = g_hash_table_contains(cpuid_ends, (gpointer)(uintptr_t)pc);
	g_mutex_unlock(&sites_lock);
	return found;
}

static void add_cpuid_end(u64 pc)
{
	g_mutex_lock(&sites_lock);
	g_hash_table_add(cpuid_ends, (gpointer)(uintptr_t)pc);
	g_mutex_unlock(&sites_lock);
}

static void translate(struct qemu_plugin_tb *tb, void *userdata)
{
	size_t nr = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *insn;
	bool follows_cpuid = false;
	struct site *site;
	u64 pc = 0;

	(void)userdata;
	for (size_t i = 0; i < nr; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		pc = qemu_plugin_insn_vaddr(insn);
		count_translate(insn);
		if (follows_cpuid || (!i && is_cpuid_end(pc)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, after_cpuid,
							       QEMU_PLUGIN_CB_RW_REGS,
							       (void *)(uintptr_t)pc);

		site = translate_insn(insn);
		follows_cpuid = site && site->insn.kind == INSN_CPUID;
		if (site)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, before_insn,
							       QEMU_PLUGIN_CB_RW_REGS_PC,
							       site);
	}
	if (follows_cpuid)
		add_cpuid_end(pc + CPUID_SIZE);
}

static void vcpu_init(unsigned int vcpu, void *userdata)
{
	const char *missing;

	(void)userdata;
	if (vcpu >= SIM_MAX_VCPUS)
		errx(EXIT_FAILURE, "seamsim: more than %u vCPUs", SIM_MAX_VCPUS);
	missing = guest_vcpu_init(vcpu);
	if (missing)
		errx(EXIT_FAILURE, "seamsim: this QEMU has no register %s", missing);
}

static void at_exit(void *userdata)
{
	struct json_object *details = json_object_new_object();

	(void)userdata;
	json_object_object_add(details, "state", sim_state_json(sim));
	log_event(&sim->log, 0, "exit", details);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
					   int argc, char **argv)
{
	static const struct sim_memory memory = {
		.read = guest_read_physical,
		.write = guest_write_physical,
	};
	char reason[MAX_REASON];

	if (!info->system_emulation || strcmp(info->target_name, "x86_64")) {
		warnx("seamsim: emulates a host of qemu-system-x86_64 only");
		return -1;
	}
	sim = sim_new(info->system.smp_vcpus, &memory);
	if (!sim) {
		warnx("seamsim: no memory, or more than %u vCPUs", SIM_MAX_VCPUS);
		return -1;
	}
	for (int i = 0; i < argc; i++) {
		if (sim_option(sim, argv[i], reason, sizeof(reason))) {
			warnx("seamsim: %s", reason);
			return -1;
		}
	}

	sites = g_hash_table_new(site_hash, site_equal);
	cpuid_ends = g_hash_table_new(NULL, NULL);
	count_init(sim);
	qemu_plugin_register_vcpu_init_cb(id, vcpu_init, NULL);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate, NULL);
	qemu_plugin_register_atexit_cb(id, at_exit, NULL);
	return 0;
}
