/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control leaf: how a program in the guest reads the state of the emulated
 * firmware and changes its options, by CPUID with numbers that no processor uses.
 */
#ifndef SEAMSIM_CONTROL_H
#define SEAMSIM_CONTROL_H

#include <stddef.h>

#include "types.h"

struct sim;

#define CONTROL_LEAF		0x4f5ea400
/* In EBX, so that a program that tries all leaves does nothing. */
#define CONTROL_MAGIC		0x5ea4514d
#define CONTROL_VERSION		1
#define CONTROL_MAX_SIZE	65536

enum control_op {
	CONTROL_IDENTIFY,
	CONTROL_OPTIONS,
	CONTROL_STATE,
};

#define CONTROL_OK		0
#define CONTROL_FAILED		1
#define CONTROL_TOO_SMALL	0xffffffffU

/* "seamsim", as EBX, ECX and EDX hold it. */
#define CONTROL_NAME_EBX	0x6d616573
#define CONTROL_NAME_ECX	0x006d6973
#define CONTROL_NAME_EDX	0

/*
 * Apply options, one a line, in order, until one fails. Returns what EAX becomes; on
 * failure the reason stands in @text, NUL terminated.
 */
u32 control_options(struct sim *sim, char *text, size_t size);

/* Returns what EAX becomes. */
u32 control_state(struct sim *sim, char *to, size_t size);

#endif
