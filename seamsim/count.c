// SPDX-License-Identifier: GPL-2.0-only
/* Counting instructions: see count.h. */
#include "count.h"

#include <string.h>

#include "guest.h"
#include "seamsim.h"
#include "window.h"

#define EFLAGS_IF	BIT_ULL(9)

static const u8 pause_insn[] = { 0xf3, 0x90 };
static const u8 cli_insn[] = { 0xfa };
static const u8 sti_insn[] = { 0xfb };

static const struct sim_config *config;
static struct window *window;

/* One number per vCPU, which QEMU increments in what it translates to. */
static qemu_plugin_u64 executed;

static u64 insns(unsigned int vcpu)
{
	return qemu_plugin_u64_get(executed, vcpu);
}

void count_init(struct sim *sim)
{
	config = &sim->config;
	window = sim->window;
	if (!config->count_insns)
		return;

	executed.score = qemu_plugin_scoreboard_new(sizeof(u64));
	window_count_by(window, insns);
}

static void before_pause(unsigned int vcpu, void *pc)
{
	window_pause(window, vcpu, (uintptr_t)pc);
}

static void before_cli(unsigned int vcpu, void *userdata)
{
	(void)userdata;
	window_cli(window, vcpu, guest_read_special(vcpu, GUEST_EFLAGS) & EFLAGS_IF);
}

static void before_sti(unsigned int vcpu, void *userdata)
{
	(void)userdata;
	window_sti(window, vcpu);
}

static bool is_insn(const struct qemu_plugin_insn *insn, const u8 *bytes, size_t size)
{
	u8 data[sizeof(pause_insn)];

	return qemu_plugin_insn_size(insn) == size &&
	       qemu_plugin_insn_data(insn, data, sizeof(data)) == size &&
	       !memcmp(data, bytes, size);
}

static void count_insn(struct qemu_plugin_insn *insn)
{
	void *pc = (void *)(uintptr_t)qemu_plugin_insn_vaddr(insn);

	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64,
							    executed, 1);
	if (is_insn(insn, pause_insn, sizeof(pause_insn)))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, before_pause,
						       QEMU_PLUGIN_CB_NO_REGS, pc);
}

static void time_irqs_off(struct qemu_plugin_insn *insn)
{
	if (is_insn(insn, cli_insn, sizeof(cli_insn)))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, before_cli,
						       QEMU_PLUGIN_CB_R_REGS, NULL);
	else if (is_insn(insn, sti_insn, sizeof(sti_insn)))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, before_sti,
						       QEMU_PLUGIN_CB_NO_REGS, NULL);
}

void count_translate(struct qemu_plugin_insn *insn)
{
	if (config->count_insns)
		count_insn(insn);
	if (config->time_irqs_off)
		time_irqs_off(insn);
}
