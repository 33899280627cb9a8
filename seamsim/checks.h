/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every refusal of the models has a name, by which a test switches it off.
 *
 * Only so can a test show that a refusal comes from the check it is meant to come
 * from. The TDX module's TD leaves keep their list in td_checks.h.
 */
#ifndef SEAMSIM_CHECKS_H
#define SEAMSIM_CHECKS_H

#include "td_checks.h"

/* In the order in which SEAMLDR.INSTALL goes through them, then leaf by leaf. */
#define CORE_CHECKS(X)							\
	X(INSTALL_CALLED_TWICE,		"install-called-twice")		\
	X(PARAMS_ADDRESS,		"params-address")		\
	X(PARAMS_VERSION,		"params-version")		\
	X(PARAMS_RESERVED,		"params-reserved")		\
	X(PARAMS_SCENARIO,		"params-scenario")		\
	X(PARAMS_PAGE_COUNT,		"params-page-count")		\
	X(PARAMS_SIGSTRUCT_PA,		"params-sigstruct-pa")		\
	X(PARAMS_MODULE_PA,		"params-module-pa")		\
	X(PARAMS_NO_MODULE,		"params-no-module")		\
	X(SIG_HEADER,			"sig-header")			\
	X(SIG_MODULE_TYPE,		"sig-module-type")		\
	X(SIG_VENDOR,			"sig-vendor")			\
	X(SIG_SIZES,			"sig-sizes")			\
	X(SIG_EXPONENT,			"sig-exponent")			\
	X(SIG_RESERVED,			"sig-reserved")			\
	X(SIG_ATTRIBUTES,		"sig-attributes")		\
	X(SIG_CPUID_COUNT,		"sig-cpuid-count")		\
	X(SIG_HANDOFF_RANGE,		"sig-handoff-range")		\
	X(SIG_SIGNER,			"sig-signer")			\
	X(SIG_DEBUG,			"sig-debug")			\
	X(SVN_MAJOR,			"svn-major")			\
	X(SVN_MINOR,			"svn-minor")			\
	X(GDT_IDT_OFFSET,		"gdt-idt-offset")		\
	X(FAULT_WRAPPER_OFFSET,		"fault-wrapper-offset")		\
	X(CPU_TABLE,			"cpu-table")			\
	X(CPU_TABLE_EMPTY,		"cpu-table-empty")		\
	X(SIGNATURE,			"signature")			\
	X(MODULE_FITS,			"module-fits")			\
	X(UPDATES_LEFT,			"updates-left")			\
	X(HANDOFF_DATA,			"handoff-data")			\
	X(HANDOFF_PAGES,		"handoff-pages")		\
	X(HANDOFF_VERSION,		"handoff-version")		\
	X(MODULE_HASH,			"module-hash")			\
	X(INFO_ADDRESS,			"info-address")			\
	X(SEAMLDR_BUSY,			"seamldr-busy")			\
	X(MODULE_BLOCKED,		"module-blocked")		\
	X(MODULE_SHUTDOWN,		"module-shutdown")		\
	X(MODULE_NOT_READY,		"module-not-ready")		\
	X(MODULE_LP_INIT,		"module-lp-init")		\
	X(SYS_INIT_STATE,		"sys-init-state")		\
	X(SYS_INIT_OPERAND,		"sys-init-operand")		\
	X(LP_INIT_STATE,		"lp-init-state")		\
	X(LP_INIT_DONE,			"lp-init-done")			\
	X(CONFIG_STATE,			"config-state")			\
	X(CONFIG_OPERANDS,		"config-operands")		\
	X(CONFIG_LPS,			"config-lps")			\
	X(KEY_CONFIG_STATE,		"key-config-state")		\
	X(KEY_CONFIG_TWICE,		"key-config-twice")		\
	X(TDMR_INIT_BASE,		"tdmr-init-base")		\
	X(RD_FIELD,			"rd-field")			\
	X(SHUTDOWN_RESERVED,		"shutdown-reserved")		\
	X(SHUTDOWN_VERSION,		"shutdown-version")		\
	X(SHUTDOWN_DOWNGRADE,		"shutdown-downgrade")		\
	X(SHUTDOWN_COMPAT_BIT,		"shutdown-compat-bit")		\
	X(SHUTDOWN_COMPAT_SENSITIVE,	"shutdown-compat-sensitive")	\
	X(SHUTDOWN_BUSY,		"shutdown-busy")		\
	X(UPDATE_STATE,			"update-state")			\
	X(UPDATE_LPS,			"update-lps")			\
	X(UPDATE_HANDOFF,		"update-handoff")

enum sim_check {
#define CHECK_ENUM(id, text)	CHECK_##id,
	CORE_CHECKS(CHECK_ENUM)
	TD_CHECKS(CHECK_ENUM)
#undef CHECK_ENUM
	NR_CHECKS,
};

#endif
