/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the refusals of td*.c and vmx.c; see checks.h. */
#ifndef SEAMSIM_TD_CHECKS_H
#define SEAMSIM_TD_CHECKS_H

#define TD_CHECKS(X)							\
	X(TD_PAGE_ADDRESS,		"td-page-address")		\
	X(TD_PAGE_IN_TDMR,		"td-page-in-tdmr")		\
	X(TD_LIFECYCLE,			"td-lifecycle")			\
	X(TD_KEYS,			"td-keys")			\
	X(TD_OP_STATE,			"td-op-state")			\
	X(TD_HKID_FREE,			"td-hkid-free")			\
	X(TD_KEY_CONFIGURED,		"td-key-configured")		\
	X(TD_TDCX_NUMBER,		"td-tdcx-number")		\
	X(TD_PARAMS_ADDRESS,		"td-params-address")		\
	X(TD_PARAMS_RESERVED,		"td-params-reserved")		\
	X(TD_PARAMS_ATTRIBUTES,		"td-params-attributes")		\
	X(TD_PARAMS_XFAM,		"td-params-xfam")		\
	X(TD_PARAMS_CONFIG_FLAGS,	"td-params-config-flags")	\
	X(TD_PARAMS_EPTP,		"td-params-eptp")		\
	X(TD_PARAMS_MAX_VCPUS,		"td-params-max-vcpus")		\
	X(TD_PARAMS_TSC,		"td-params-tsc")		\
	X(TD_VCPU_STATE,		"td-vcpu-state")		\
	X(TD_TDVPX_NUMBER,		"td-tdvpx-number")		\
	X(TD_VCPU_NUMBER,		"td-vcpu-number")		\
	X(TD_X2APIC_ID,			"td-x2apic-id")			\
	X(TD_VCPU_ASSOCIATION,		"td-vcpu-association")		\
	X(TD_VPS_FLUSHED,		"td-vps-flushed")		\
	X(TD_HKID_TO_WBCACHE,		"td-hkid-to-wbcache")		\
	X(TD_WBCACHE_DONE,		"td-wbcache-done")		\
	X(TD_PAGES_RECLAIMED,		"td-pages-reclaimed")		\
	X(TD_PAGE_NOT_IN_USE,		"td-page-not-in-use")		\
	X(TD_GPA,			"td-gpa")			\
	X(TD_GPA_LEVEL,			"td-gpa-level")			\
	X(TD_SEPT_ENTRY_STATE,		"td-sept-entry-state")		\
	X(TD_SOURCE_ADDRESS,		"td-source-address")		\
	X(TD_RANGE_BLOCKED,		"td-range-blocked")		\
	X(TD_EPOCH_BUSY,		"td-epoch-busy")		\
	X(TD_TLB_TRACKING,		"td-tlb-tracking")		\
	X(TD_FIELD_WRITABLE,		"td-field-writable")

#endif
