/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What QEMU is asked for to measure the stop window: instructions per vCPU, and the
 * places where PAUSE, CLI and STI are executed. Slows the guest, so only on request.
 */
#ifndef SEAMSIM_COUNT_H
#define SEAMSIM_COUNT_H

#include "qemu_plugin.h"

struct sim;

/* After the options, before the first translation. */
void count_init(struct sim *sim);

/* For each instruction that is translated. */
void count_translate(struct qemu_plugin_insn *insn);

#endif
