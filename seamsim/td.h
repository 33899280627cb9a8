/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TDs and their vCPUs, as the TDX module keeps them: every TDH leaf that is not
 * TDH.SYS.*. The module's own life cycle is module.c.
 *
 * All functions: sim->lock held. td_leaf() lets go of it now and then, so that other LPs
 * can be inside at the same time, as they can in the TDX module.
 */
#ifndef SEAMSIM_TD_H
#define SEAMSIM_TD_H

#include <stdbool.h>
#include <stddef.h>

#include "types.h"

struct json_object;
struct sim;
struct sim_regs;

/* Once, before any call: allocates sim->td. Returns 0 or -errno. */
int td_init(struct sim *sim);
void td_free(struct sim *sim);

/* No TD exists and no page is private: a module was loaded from scratch, or is gone. */
void td_reset(struct sim *sim);

/*
 * The module is READY and this LP is initialized. @leaf is RAX bits 15:0, the whole
 * of RAX is in @regs, where the answers go. Returns false for an unknown leaf.
 */
bool td_leaf(struct sim *sim, unsigned int vcpu, u64 leaf, struct sim_regs *regs);

/* TDH.SYS.SHUTDOWN succeeded: TDs are frozen into the handoff data. */
void td_handoff_shutdown(struct sim *sim);

/* TDH.SYS.UPDATE succeeded: the new module has taken over the handoff data. */
void td_handoff_update(struct sim *sim);

/* VMXOFF on this LP. */
void td_vmxoff(struct sim *sim, unsigned int lp);

/* TDs between TDH.MNG.INIT and TDH.MR.FINALIZE. */
unsigned int td_nr_building(const struct sim *sim);

/* The page is in use by a TD: no ordinary shared memory. */
bool td_page_is_private(const struct sim *sim, u64 pa);

/*
 * An option that options.c does not know. Returns 0, -ENOENT for a key that is not
 * known here either, or -EINVAL with a reason in @err.
 */
int td_option(struct sim *sim, const char *key, const char *value,
	      char *err, size_t err_size);

/* A JSON array with an object per TD; the caller owns it. */
struct json_object *td_state_json(const struct sim *sim);

#endif
