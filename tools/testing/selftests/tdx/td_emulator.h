/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The TDX host emulator's control leaf: options and state, from inside the machine that
 * it emulates. On real hardware there is none, which emulator_present() tells.
 */
#ifndef TD_EMULATOR_H
#define TD_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>

bool emulator_present(void);

/* One or more key=value lines. 0, or -1 with a reason in *@why (valid until the next call). */
int emulator_option(const char *text, const char **why);

/* The state as JSON text; NULL if it does not fit. Valid until the next call. */
const char *emulator_state(void);

#endif
