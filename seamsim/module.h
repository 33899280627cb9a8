/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TDX module's own life: TDH.SYS.* and the global state machine. TDs are td.c's.
 *
 * All functions: sim->lock held.
 */
#ifndef SEAMSIM_MODULE_H
#define SEAMSIM_MODULE_H

#include "seamsim.h"

enum seamcall_result module_leaf(struct sim *sim, unsigned int vcpu, struct sim_regs *regs);

/* The P-SEAMLDR put a new module in place. */
void module_installed(struct sim *sim, const struct seam_sigstruct *sigstruct, bool update);

/* The P-SEAMLDR cleared the old module and has no new one. */
void module_gone(struct sim *sim);

const char *module_state_name(enum module_state state);

#endif
