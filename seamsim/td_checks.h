/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the refusals of td.c and vmx.c; see checks.h. */
#ifndef SEAMSIM_TD_CHECKS_H
#define SEAMSIM_TD_CHECKS_H

/* X(TD_SOMETHING, "td-something") each. */
#define TD_CHECKS(X)

#endif
