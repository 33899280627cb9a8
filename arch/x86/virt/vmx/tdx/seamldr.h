/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The P-SEAMLDR as the update sees it: its leaves, its statuses, the page that
 * describes an image to it.  For the files in this folder only.
 */
#ifndef _X86_VIRT_SEAMLDR_H
#define _X86_VIRT_SEAMLDR_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/cpumask_types.h>
#include <linux/kconfig.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include <asm/page_types.h>
#include <asm/seamldr.h>
#include <asm/tdx.h>

#include "seamldr_blob.h"

/*
 * Leaves and statuses: SEAM Loader (SEAMLDR) Interface Specification,
 * "P-SEAMLDR Leaves" and "Completion Status Codes".
 */
#define SEAMLDR_LEAF			BIT_ULL(63)
#define SEAMLDR_INFO			(SEAMLDR_LEAF | 0)
#define SEAMLDR_INSTALL			(SEAMLDR_LEAF | 1)

#define SEAMLDR_EBADPARAM		0x8000000000000000ULL
#define SEAMLDR_EBADCALL		0x8000000000000003ULL
#define SEAMLDR_EBADHANDOFF		0x8000000000000004ULL
#define SEAMLDR_EUNSUPPORTED		0x8000000000000006ULL
#define SEAMLDR_ENOMEM			0x8000000000010002ULL
#define SEAMLDR_EUNSPECERR		0x8000000000010003ULL
#define SEAMLDR_EUNSUPCPU		0x8000000000010004ULL
#define SEAMLDR_EBADSIG			0x8000000000020000ULL
#define SEAMLDR_EBADHASH		0x8000000000020001ULL
#define SEAMLDR_ENOENTROPY		0x8000000000030001ULL

/*
 * SEAMLDR_PARAMS, read by SEAMLDR.INSTALL.  Fills a page.
 * SEAM Loader (SEAMLDR) Interface Specification, "SEAMLDR.INSTALL".
 */
#define SEAMLDR_PARAMS_VERSION_0	0	/* a sigstruct of one page */
#define SEAMLDR_PARAMS_VERSION_1	1	/* of up to four pages */
#define SEAMLDR_SCENARIO_UPDATE		1
#define SEAMLDR_PARAMS_HEADER_SIZE	128

struct seamldr_params {
	u32	version;
	u32	scenario;
	/* Unused entries must be zero. */
	u64	sigstruct_pa[SEAMLDR_MAX_SIGSTRUCT_PAGES];
	u8	reserved[SEAMLDR_PARAMS_HEADER_SIZE - 2 * sizeof(u32) -
			 SEAMLDR_MAX_SIGSTRUCT_PAGES * sizeof(u64) - sizeof(u64)];
	u64	num_module_pages;
	u64	mod_pages_pa_list[SEAMLDR_MAX_MODULE_PAGES];
} __packed;
static_assert(offsetof(struct seamldr_params, num_module_pages) == 120);
static_assert(offsetof(struct seamldr_params, mod_pages_pa_list) ==
	      SEAMLDR_PARAMS_HEADER_SIZE);
static_assert(sizeof(struct seamldr_params) == PAGE_SIZE);

/**
 * struct seamldr_machine - What an update depends on, beside image and P-SEAMLDR
 * @status: what the module can be asked for
 * @online: CPUs that can call the P-SEAMLDR
 * @present: CPUs that have to
 * @nr_td_builds: TDs that are being built
 */
struct seamldr_machine {
	enum tdx_module_status status;
	const struct cpumask *online;
	const struct cpumask *present;
	int nr_td_builds;
};

/**
 * struct seamldr_plan - What preflight found out about an update
 * @blob: the image
 * @need_shutdown: the module runs; not set when it was shut down before
 * @handoff_version: the version both modules know
 * @avoid_compat_sensitive: the module can refuse to be shut down while a TD is
 *			    in a state that does not survive it
 */
struct seamldr_plan {
	struct seamldr_blob blob;
	bool need_shutdown;
	u16 handoff_version;
	bool avoid_compat_sensitive;
};

/**
 * struct seamldr_round - One attempt at an INSTALL session
 * @cpus: all CPUs of the platform; each calls seamldr_install() once
 * @params_pa: physical address of struct seamldr_params
 * @over: all CPUs have called: the session has ended, whatever came of it
 */
struct seamldr_round {
	const struct cpumask *cpus;
	phys_addr_t params_pa;
	bool over;
};

/**
 * struct seamldr_failure - What it means that a call of an INSTALL session failed
 * @unrecoverable: the module that was there before is gone
 * @of_session: the call ended the session: its status is the session's
 */
struct seamldr_failure {
	bool unrecoverable;
	bool of_session;
};

u64 seamldr_seamcall(u64 fn, struct tdx_module_args *args);
/* Only with CONFIG_KUNIT */
extern typeof(seamldr_seamcall) *seamldr_fake_seamcall;

u64 seamldr_install(struct seamldr_round *round, unsigned int cpu,
		    struct seamldr_failure *failure);
bool seamldr_session_is_open(void);
int seamldr_fill_params(struct seamldr_params *params,
			const struct seamldr_blob *blob);
void seamldr_keep_image(const u8 *image, size_t size);
phys_addr_t seamldr_kept_params_pa(void);
int seamldr_make_plan(const u8 *image, size_t size, struct seamldr_plan *plan,
		      struct seamldr_verdict *verdict);
void seamldr_record_shutdown(u16 handoff_version);
int seamldr_check_moment(struct seamldr_verdict *verdict);

/* Only with CONFIG_KUNIT */
extern void (*seamldr_fake_read_machine)(struct seamldr_machine *machine);

#if IS_ENABLED(CONFIG_KUNIT)
void seamldr_read_machine(struct seamldr_machine *machine);
int seamldr_read_handoff(struct tdx_sys_info_handoff *handoff,
			 struct tdx_sys_info_features *features);
u32 seamldr_cpu_signature(unsigned int cpu);
#endif

#endif /* _X86_VIRT_SEAMLDR_H */
