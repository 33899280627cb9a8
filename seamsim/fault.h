/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults injected into leaves: LEAF:CPU:NTH:STATUS[:RDX][:cf].
 *
 * sim->lock held in all functions.
 */
#ifndef SEAMSIM_FAULT_H
#define SEAMSIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "types.h"

struct json_object;
struct sim;

struct fault_effect {
	/* VMfailInvalid: the other members do not count. */
	bool vmfail_invalid;
	u64 status;
	u64 rdx;
};

/* What a caller is within an INSTALL session; other leaves have neither. */
struct fault_position {
	bool first;
	bool last;
};

/* Returns 0, or -EINVAL with a reason in @err. */
int fault_add(struct sim *sim, const char *text, char *err, size_t err_size);
void fault_clear(struct sim *sim);

/* Counts this call in each fault it matches. True if one of them strikes now. */
bool fault_strikes(struct sim *sim, unsigned int leaf_index, unsigned int vcpu,
		   struct fault_position position, struct fault_effect *effect);

/* Array of the faults' texts with the calls seen and struck. */
struct json_object *fault_state_json(const struct sim *sim);

#endif
