/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the stop window of an update costs: from the call of TDH.SYS.SHUTDOWN to the
 * return of the TDH.SYS.UPDATE that succeeds.
 *
 * Time is split into that in which some LP is inside the firmware, and the rest, which
 * is the kernel's. Guest instructions are split into waiting and work, for any kernel
 * and without its symbols: a waiting loop executes PAUSE. What a vCPU executes from one
 * PAUSE to the next execution of the same one is a round. The shortest round of a loop
 * that has no SEAMCALL in it, on whichever vCPU in this window, is what waiting takes:
 * so much of each round is waiting, and what a round has beyond it is work, as is all
 * that is not in a round. Where nobody was ever seen to wait, all is work.
 *
 * Takes locks of its own, after sim->lock: one of the window, then one of a vCPU.
 */
#ifndef SEAMSIM_WINDOW_H
#define SEAMSIM_WINDOW_H

#include <stdbool.h>

#include "types.h"

struct json_object;
struct window;

/* NULL when memory is short. */
struct window *window_new(unsigned int nr_vcpus);
void window_free(struct window *window);

/*
 * How many instructions a vCPU has executed, callable from any thread. Without it
 * only time is measured.
 */
void window_count_by(struct window *window, u64 (*insns)(unsigned int vcpu));

/* Around each SEAMCALL. @succeeded: not VMfailInvalid, and its status is 0. */
void window_enter(struct window *window, unsigned int vcpu, unsigned int leaf);
void window_leave(struct window *window, unsigned int vcpu, unsigned int leaf, bool succeeded);

/* @vcpu is about to execute the PAUSE at @pc. */
void window_pause(struct window *window, unsigned int vcpu, u64 pc);

/* @vcpu is about to execute CLI, with interrupts on or off before, or STI. */
void window_cli(struct window *window, unsigned int vcpu, bool were_on);
void window_sti(struct window *window, unsigned int vcpu);

/* The latest window; null before the first one has ended. */
struct json_object *window_json(struct window *window);

#endif
