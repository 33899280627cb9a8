/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The P-SEAMLDR: SEAMLDR.INFO and SEAMLDR.INSTALL.
 *
 * "SEAM Loader (SEAMLDR) Interface Specification". Which caller gets in at all is
 * sim.c's concern.
 */
#ifndef SEAMSIM_SEAMLDR_H
#define SEAMSIM_SEAMLDR_H

#include "seamsim.h"

/* sim->lock held, and the caller is the only one inside the P-SEAMLDR. */
enum seamcall_result seamldr_leaf(struct sim *sim, unsigned int vcpu, struct sim_regs *regs);

#endif
